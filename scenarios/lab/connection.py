"""A connection of the forwarder under test, as a scenario holds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from uplab.scenarios.checks.checks import Route
from uplab.scenarios.checks.verdict import CheckFailed

if TYPE_CHECKING:
    from uplab.scenarios.lab.device import LabDevice
    from uplab.scenarios.under_test.api import ForwarderApi

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
    """Created over the API, bound to devices by a flow; the lab removes both at the scenario's end."""

    def __init__(
        self,
        api: Callable[[], ForwarderApi],
        poll: Poll,
        resource: dict[str, Any],
        route: Route,
        *,
        flows: bool,
        state_s: float,
    ) -> None:
        """`api` gives the API as it is reached now; without `flows` the forwarder routes every device to it.

        A change of state is waited for as long as `state_s`.
        """
        self._api = api
        self._poll = poll
        self._routed = flows
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
        """The URL that the API shows for downlinks; the scenario fails where there is none."""
        url = self.read().get("downlinkUrl")
        if not isinstance(url, str):
            raise CheckFailed(f"the connection {self.id} shows no downlinkUrl")
        return url

    def read(self) -> dict[str, Any]:
        """The resource as GET shows it now."""
        response = self._api().get(self.id)
        if response.status_code != 200:
            raise CheckFailed(f"GET /connections/{self.id} answered {response.status_code}: {response.text[:300]}")
        resource: dict[str, Any] = response.json()
        return resource

    def bind(self, *devices: LabDevice) -> None:
        """Routes the devices' uplinks to this connection by a flow, as Add an application does."""
        if not self._routed:
            return
        body = {
            "name": f"uplab {self.id}",
            "matchers": [{"type": "key", "key": f"lora:{device.dev_eui.lower()}"} for device in devices],
            "connectors": [{"id": self.resource["connectorId"], "connectionId": self.id}],
        }
        response = self._api().request("POST", "/flows", body)
        if response.status_code != 201:
            raise CheckFailed(f"POST /flows answered {response.status_code}: {response.text[:300]}")
        self._flows.append(str(response.json()["id"]))

    def unbind(self) -> None:
        """Takes the flows of this connection away."""
        for flow in self._flows:
            self._api().request("DELETE", f"/flows/{flow}")
        self._flows.clear()

    def replace(self, body: dict[str, Any]) -> dict[str, Any]:
        """PUT; the resource as it is afterwards."""
        response = self._api().replace(self.id, body)
        if response.status_code != 200:
            raise CheckFailed(f"PUT /connections/{self.id} answered {response.status_code}: {response.text[:300]}")
        self.resource = response.json()
        return self.resource

    def delete(self) -> None:
        """DELETE; the scenario fails where it is refused."""
        response = self._api().delete(self.id)
        if response.status_code != 204:
            raise CheckFailed(f"DELETE /connections/{self.id} answered {response.status_code}: {response.text[:300]}")

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
