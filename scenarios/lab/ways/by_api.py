"""Connections over the API of section 3 of the contract."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from uplab.scenarios.checks.verdict import CheckFailed
from uplab.scenarios.history.secrets import redact_text

if TYPE_CHECKING:
    from httpx import Response

    from uplab.scenarios.checks.checks import Route
    from uplab.scenarios.lab.ways.way import Resource
    from uplab.scenarios.under_test.api import ForwarderApi
    from uplab.scenarios.under_test.made.belongings import Belongings

__all__ = ["ByApi", "flow_of"]


def flow_of(resource: Resource, dev_euis: Sequence[str]) -> dict[str, Any]:
    """The body of POST /flows that brings these devices to a connection."""
    return {
        "name": f"uplab {resource['id']}",
        "matchers": [{"type": "key", "key": f"lora:{dev_eui.lower()}"} for dev_eui in dev_euis],
        "connectors": [{"id": resource["connectorId"], "connectionId": str(resource["id"])}],
    }


class ByApi:
    """Asks the API, as it is reached at that moment. An answer that the contract does not name fails the scenario."""

    first: Sequence[Resource] = ()
    shared: Sequence[Route] = ()

    def __init__(self, api: Callable[[], ForwarderApi], belongings: Belongings) -> None:
        self._api = api
        self._belongings = belongings

    def begin(self) -> None:
        """Needs no preparation."""

    def create(self, body: Resource) -> Resource:
        """POST /connections."""
        return _json(self._api().create(body), "POST /connections", 201)

    def read(self, id_: str) -> Resource:
        """GET /connections/{id}."""
        return _json(self._api().get(id_), f"GET /connections/{id_}", 200)

    def replace(self, id_: str, body: Resource) -> Resource:
        """PUT /connections/{id}."""
        return _json(self._api().replace(id_, body), f"PUT /connections/{id_}", 200)

    def delete(self, id_: str) -> None:
        """DELETE /connections/{id}."""
        _expect(self._api().delete(id_), f"DELETE /connections/{id_}", 204)

    def bind(self, resource: Resource, dev_euis: Sequence[str]) -> str:
        """POST /flows, as Add an application does."""
        made = self._api().request("POST", "/flows", flow_of(resource, dev_euis))
        return str(_json(made, "POST /flows", 201)["id"])

    def unbind(self, binding: str) -> None:
        """DELETE /flows/{id}."""
        self._api().request("DELETE", f"/flows/{binding}")

    def hand_over(self) -> None:
        """Everything is there as soon as it was answered."""

    def take_away(self) -> list[str]:
        """Whatever was made over the API or on the pages, wanted or not."""
        return self._belongings.take_away(self._api())


def _expect(response: Response, asked: str, status: int) -> None:
    if response.status_code != status:
        raise CheckFailed(f"{asked} answered {response.status_code}: {redact_text(response.text)[:300]}")


def _json(response: Response, asked: str, status: int) -> Resource:
    _expect(response, asked, status)
    found: Resource = response.json()
    return found
