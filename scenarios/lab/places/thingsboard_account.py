"""A user's ThingsBoard account, over the service's REST API."""

from __future__ import annotations

import copy
from typing import Any

import httpx

from uplab.scenarios.checks.checks import Route
from uplab.scenarios.checks.verdict import CheckFailed
from uplab.scenarios.documents.connector_document import example_body
from uplab.scenarios.lab.addresses import THINGSBOARD_PORTS
from uplab.scenarios.lab.places.destination import Destination
from uplab.scenarios.lab.witness import AnyPath

__all__ = ["ThingsBoardAccount"]

ROOT = "https://thingsboard.cloud"


class ThingsBoardAccount:
    """Logs in and looks at devices, as a user's browser does."""

    def __init__(
        self,
        client: httpx.Client,
        username: str = "tenant@thingsboard.org",
        password: str = "tenant",  # noqa: S107
    ) -> None:
        self._client = client
        self._login = {"username": username, "password": password}
        answer = client.post(f"{ROOT}/api/auth/login", json=self._login)
        if answer.status_code != 200:
            raise CheckFailed(
                f"ThingsBoard answered {answer.status_code} to the login of {username}: {answer.text[:200]}"
            )
        self.token = str(answer.json()["token"])
        self._headers = {"X-Authorization": f"Bearer {self.token}"}

    def destination(self, transport: str = "mqtt", **configuration: Any) -> Destination:
        """Where a connection with this account delivers: mqtt, mqtts or rest; further keys go into the configuration.

        What arrives there are values, so that `lab.judge_telemetry` judges it.
        """
        body = copy.deepcopy(example_body("thingsboard.md"))
        host = body["configuration"]["hostName"].partition(":")[0]
        body["configuration"] |= {"hostName": f"{host}:{THINGSBOARD_PORTS[transport]}", **self._login, **configuration}
        over_rest = transport == "rest"
        route = AnyPath("thingsboard", "REST") if over_rest else Route("thingsboard", "v1/gateway/telemetry")
        return Destination(body["configuration"]["hostName"], body, route)

    def ask(self, method: str, path: str, body: Any = None, **query: str) -> httpx.Response:
        """One call of the REST API."""
        return self._client.request(method, f"{ROOT}{path}", json=body, params=query or None, headers=self._headers)

    def device(self, name: str) -> dict[str, Any] | None:
        """The device of that name, None where there is none."""
        response = self.ask("GET", "/api/tenant/devices", deviceName=name)
        if response.status_code == 404:
            return None
        found: dict[str, Any] = response.json()
        return found

    def devices(self) -> list[str]:
        """The names of all devices."""
        page = self.ask("GET", "/api/tenant/devices", pageSize="1000", page="0").json()
        return [device["name"] for device in page["data"]]

    def latest(self, name: str) -> dict[str, dict[str, Any]]:
        """The Latest telemetry tab of a device: {key: {"ts": ms, "value": value}}, values in their own types."""
        device = self.device(name)
        if device is None:
            raise CheckFailed(f"ThingsBoard has no device {name}; it has {self.devices()}")
        path = f"/api/plugins/telemetry/DEVICE/{device['id']['id']}/values/timeseries"
        response = self.ask("GET", path, useStrictDataTypes="true")
        return {key: points[0] for key, points in response.json().items()}

    def history(self, name: str, key: str) -> list[tuple[int, Any]]:
        """Every point of one key, oldest first: (ts in ms, value)."""
        device = self.device(name)
        if device is None:
            raise CheckFailed(f"ThingsBoard has no device {name}; it has {self.devices()}")
        path = f"/api/plugins/telemetry/DEVICE/{device['id']['id']}/values/timeseries"
        query = {"keys": key, "startTs": "0", "endTs": "99999999999999", "limit": "10000", "useStrictDataTypes": "true"}
        points = self.ask("GET", path, **query).json().get(key, [])
        return sorted((point["ts"], point["value"]) for point in points)

    def rpc(
        self, name: str, method: str, params: Any, *, two_way: bool = False, persistent: bool = False
    ) -> httpx.Response:
        """Gives a command to a device; one that is persistent is answered at once, and waits for the device."""
        device = self.device(name)
        if device is None:
            raise CheckFailed(f"ThingsBoard has no device {name}; it has {self.devices()}")
        way = "twoway" if two_way else "oneway"
        body = {"method": method, "params": params, "timeout": 5000, **({"persistent": True} if persistent else {})}
        return self.ask("POST", f"/api/rpc/{way}/{device['id']['id']}", body)
