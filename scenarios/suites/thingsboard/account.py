"""A user's ThingsBoard account, over the service's REST API."""

from __future__ import annotations

from typing import Any

import httpx

from uplab.scenarios import CheckFailed
from uplab.scenarios.under_test.profile import Profile

__all__ = ["Account", "command_of"]

ROOT = "https://thingsboard.cloud"


def command_of(profile: Profile, f_port: int, payload_hex: str) -> tuple[str, dict[str, Any]]:
    """Method and parameters of a command, by the names that the profile has for them."""
    choices = profile.choices
    return choices.command_method, {choices.command_fport: f_port, choices.command_payload: payload_hex}


class Account:
    """Logs in and looks at devices, as a user's browser does."""

    def __init__(
        self,
        client: httpx.Client,
        username: str = "tenant@thingsboard.org",
        password: str = "tenant",  # noqa: S107
    ) -> None:
        self._client = client
        answer = client.post(f"{ROOT}/api/auth/login", json={"username": username, "password": password})
        if answer.status_code != 200:
            raise CheckFailed(
                f"ThingsBoard answered {answer.status_code} to the login of {username}: {answer.text[:200]}"
            )
        self.token = str(answer.json()["token"])
        self._headers = {"X-Authorization": f"Bearer {self.token}"}

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
