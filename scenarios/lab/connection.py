"""A connection of the forwarder under test, as a scenario holds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from uplab.scenarios.checks.checks import Route
from uplab.scenarios.checks.verdict import CheckFailed

if TYPE_CHECKING:
    from uplab.scenarios.lab.device import LabDevice
    from uplab.scenarios.lab.ways.way import Way

__all__ = ["LabConnection"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A field of an answer of the API to GET, by its JSON pointer, and the values of which one is awaited."""

    path: str
    pointer: str
    among: tuple[str, ...]


class Poll(Protocol):
    """How a connection waits for a fact that only the API shows."""

    def __call__(
        self,
        fetch: Callable[[], str],
        fact: Callable[[str], bool],
        /,
        *,
        awaited: str,
        timeout_s: float,
        shown: Shown,
        proves: str | None,
    ) -> str: ...


class LabConnection:
    """Made in the way of the profile, with devices bound to it; the lab takes both away at the scenario's end."""

    def __init__(
        self, way: Way, poll: Poll, resource: dict[str, Any], route: Route, *, flows: bool, state_s: float, api: bool
    ) -> None:
        """Without `flows` the forwarder brings every device to it; without `api` only its maker has shown it.

        A change of state is waited for as long as `state_s`.
        """
        self._way = way
        self._poll = poll
        self._routed = flows
        self._api = api
        self._state_s = state_s
        self._flows: list[str] = []
        self.resource = resource
        self.route = route

    @property
    def id(self) -> str:
        """The id that the forwarder gave it."""
        return str(self.resource["id"])

    @property
    def downlink_url(self) -> str:
        """The URL that it shows for downlinks; the scenario fails where there is none."""
        url = (self.read() if self._api else self.resource).get("downlinkUrl")
        if not isinstance(url, str):
            raise CheckFailed(f"the connection {self.id} shows no downlinkUrl")
        return url

    def read(self) -> dict[str, Any]:
        """The resource as it is shown now."""
        return self._way.read(self.id)

    def bind(self, *devices: LabDevice) -> None:
        """Routes the devices' uplinks to this connection, as Add an application does."""
        if self._routed:
            self._flows.append(self._way.bind(self.resource, [device.dev_eui for device in devices]))

    def unbind(self) -> None:
        """Takes the bindings of this connection away."""
        for flow in self._flows:
            self._way.unbind(flow)
        self._flows.clear()

    def replace(self, body: dict[str, Any]) -> dict[str, Any]:
        """PUT; the resource as it is afterwards."""
        self.resource = self._way.replace(self.id, body)
        return self.resource

    def delete(self) -> None:
        """DELETE; the scenario fails where it is refused."""
        self._way.delete(self.id)

    def wait_for_state(self, *states: str, timeout_s: float | None = None, proves: str | None = None) -> str:
        """Waits until GET shows one of the states."""
        return self._poll(
            lambda: str(self.read().get("state")),
            lambda state: state in states,
            awaited=f"connection {self.id} becoming {' or '.join(states)}",
            timeout_s=self._state_s if timeout_s is None else timeout_s,
            shown=Shown(f"/connections/{self.id}", "/state", states),
            proves=proves,
        )
