"""A user's Widgelix account, over the service's public API."""

from __future__ import annotations

import copy
import io
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
from python_calamine import CalamineWorkbook

from uplab.scenarios.checks.checks import Route
from uplab.scenarios.checks.verdict import CheckFailed
from uplab.scenarios.documents.connector_document import example_body
from uplab.scenarios.lab.places.destination import Destination

__all__ = ["WidgelixAccount", "WidgelixDevice"]

ROOT = "https://app.widgelix.com"
ROUTE = Route("widgelix", "/v1/input-node/actility")


class Named(Protocol):
    """What a device in the account is made for: a simulated one."""

    @property
    def dev_eui(self) -> str: ...

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class WidgelixDevice:
    """A device that the user made in Widgelix."""

    id: str
    dev_eui: str
    access_token: str


class WidgelixAccount:
    """Logs in as the demo user and does what the document tells the user to do."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        answer = client.post(f"{ROOT}/api/login", json={"email": "demo@widgelix.example", "password": "demo"})
        self._headers = {"Authorization": f"Bearer {answer.json()['token']}"}

    def ask(self, method: str, path: str, body: Any = None, **query: str) -> httpx.Response:
        """One call of the API."""
        return self._client.request(method, f"{ROOT}/api{path}", json=body, params=query or None, headers=self._headers)

    def _made(self, response: httpx.Response) -> Any:
        if response.status_code not in (200, 201, 202):
            raise CheckFailed(
                f"Widgelix answered {response.status_code} to {response.request.url.path}: {response.text[:200]}"
            )
        return response.json()

    def device_type(self) -> str:
        """The id of the ELSYS-ERS device type, loaded from the repository once."""
        for known in self._made(self.ask("GET", "/device-types")):
            if known["name"] == "ELSYS-ERS":
                return str(known["id"])
        return str(self._made(self.ask("POST", "/device-types/load", {"name": "ELSYS-ERS"}))["id"])

    def add_device(self, dev_eui: str, name: str, type_: str = "") -> WidgelixDevice:
        """Makes a device, an ELSYS-ERS unless another type is named, with a connectivity and its access token."""
        body = {"name": name, "deviceId": dev_eui, "deviceTypeId": type_ or self.device_type()}
        id_ = str(self._made(self.ask("POST", "/devices", body))["id"])
        return WidgelixDevice(id_, dev_eui, self.new_token(id_))

    def destination(self, device: Named, **configuration: Any) -> Destination:
        """Where a connection delivers that carries this device's key; makes the device in the account.

        Further keys go into the configuration.
        """
        made = self.add_device(device.dev_eui, device.name)
        body = copy.deepcopy(example_body("widgelix.md"))
        headers = body["configuration"]["headers"]
        headers["Authorization"] = headers["Authorization"].replace("{access-token}", made.access_token)
        body["configuration"] |= configuration
        return Destination(str(body["configuration"]["destinationURL"]), body, ROUTE)

    def new_token(self, device_id: str) -> str:
        """Generates an access token; the one before is worthless."""
        return str(self._made(self.ask("POST", f"/devices/{device_id}/connectivity/token"))["accessToken"])

    def find(self, dev_eui: str) -> dict[str, Any]:
        """The device as its page shows it, found in Devices by its id."""
        rows = self._made(self.ask("GET", "/devices", deviceId=dev_eui))
        if len(rows) != 1:
            raise CheckFailed(f"Widgelix lists {len(rows)} devices with the id {dev_eui}")
        shown: dict[str, Any] = self._made(self.ask("GET", f"/devices/{rows[0]['id']}"))
        return shown

    def messages(self, device: WidgelixDevice) -> list[dict[str, Any]]:
        """The History tab, oldest first."""
        shown: list[dict[str, Any]] = self._made(self.ask("GET", f"/devices/{device.id}/history"))["messages"]
        return shown

    def report(self, device: WidgelixDevice, *fields: str) -> list[list[Any]]:
        """Get Report of some fields over a week, opened with another library than wrote it: rows of cells."""
        response = self._client.get(
            f"{ROOT}/api/devices/{device.id}/report",
            params={"fields": list(fields), "range": "week"},
            headers=self._headers,
        )
        if response.status_code != 200:
            raise CheckFailed(f"Widgelix answered {response.status_code} to Get Report: {response.text[:200]}")
        return CalamineWorkbook.from_filelike(io.BytesIO(response.content)).get_sheet_by_index(0).to_python()

    def set_downlink(self, device: WidgelixDevice, url: str, port: int) -> httpx.Response:
        """Fills in the Connectivity set-up, downlink URL and port; the scenario judges whether they are taken."""
        return self.ask(
            "PUT",
            f"/devices/{device.id}/connectivity",
            {"networkServer": "ACTILITY", "downlinkUrl": url, "downlinkPort": port},
        )

    def send_downlink(self, device: WidgelixDevice, payload_hex: str) -> None:
        """Sends a downlink from the device's page."""
        self._made(self.ask("POST", f"/devices/{device.id}/downlinks", {"payload_hex": payload_hex}))

    def downlinks(self, device: WidgelixDevice) -> list[dict[str, Any]]:
        """The Downlinks tab, newest first."""
        shown: list[dict[str, Any]] = self._made(self.ask("GET", f"/devices/{device.id}/downlinks"))["downlinks"]
        return shown
