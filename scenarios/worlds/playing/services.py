"""What a user does at the destinations: a device in Widgelix, a command in ThingsBoard, a message at the broker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import orjson

from uplab.scenarios.checks.verdict import CheckFailed, CheckUnknown

if TYPE_CHECKING:
    import httpx

    from uplab.scenarios.lab.lab import Lab

__all__ = ["access_token", "command", "provision", "publish", "unlock"]

_THINGSBOARD: Final = "https://thingsboard.cloud"
_PATIENCE_MS: Final = 5000  # so long a command awaits its answer, as a user's own may

_ROOT: Final = "https://app.widgelix.com/api"
_TYPE: Final = "ELSYS-ERS"


def access_token(client: httpx.Client, dev_eui: str) -> str:
    """A device in Widgelix, and the access token of its connectivity; CheckUnknown where the service makes none."""
    login = {"email": "demo@widgelix.example", "password": "demo"}
    headers = {"Authorization": f"Bearer {_made(client.post(f'{_ROOT}/login', json=login))['token']}"}

    def ask(method: str, path: str, body: Any = None) -> Any:
        return _made(client.request(method, f"{_ROOT}{path}", json=body, headers=headers))

    types = [one for one in ask("GET", "/device-types") if one["name"] == _TYPE]
    type_ = types[0] if types else ask("POST", "/device-types/load", {"name": _TYPE})
    device = ask("POST", "/devices", {"name": dev_eui, "deviceId": dev_eui, "deviceTypeId": str(type_["id"])})
    return str(ask("POST", f"/devices/{device['id']}/connectivity/token")["accessToken"])


def command(lab: Lab, dev_eui: str, fields: Mapping[str, Any]) -> bool:
    """Gives a command for a device in ThingsBoard; whether the forwarder says that it is carried out.

    CheckFailed where ThingsBoard does not know the device, or hears nothing.
    """
    choices = lab.profile.choices
    names = {"FPort": choices.command_fport, "payload_hex": choices.command_payload}
    login = dict(lab.options.thingsboard_login)
    token = _made(lab.browser.post(f"{_THINGSBOARD}/api/auth/login", json=login))["token"]
    headers = {"X-Authorization": f"Bearer {token}"}
    found = lab.browser.get(f"{_THINGSBOARD}/api/tenant/devices", params={"deviceName": dev_eui}, headers=headers)
    if found.status_code == 404:
        raise CheckFailed(f"ThingsBoard has no device {dev_eui}, though it was told of its uplinks")
    asked = {
        "method": choices.command_method,
        "params": {names.get(name, name): value for name, value in fields.items()},
        "timeout": _PATIENCE_MS,
    }
    url = f"{_THINGSBOARD}/api/rpc/twoway/{_made(found)['id']['id']}"
    answer = lab.browser.post(url, json=asked, headers=headers)
    if not answer.is_success:
        raise CheckFailed(f"ThingsBoard hears nothing of a command for {dev_eui}: {answer.status_code}")
    return b"error" not in answer.content.lower()


def publish(lab: Lab, topic: str, downlink: Mapping[str, Any]) -> None:
    """Publishes a DevEUI_downlink at the broker, as a user's program does."""

    async def work() -> None:
        operator = await lab.broker.operator()
        await operator.publish(topic, orjson.dumps({"DevEUI_downlink": downlink}), retain=False)

    lab.loop.run(work())


def provision(lab: Lab, account: str, *, locked: bool = False) -> None:
    """A gateway of this account in ThingsBoard, called on the lab's loop; a `locked` one lets nobody in."""
    state = lab.thingsboard.state
    state.provision_gateway(account, "world")
    if locked:
        state.add_user(account, "world").locked = True


def unlock(lab: Lab, account: str) -> None:
    """From now on the account is let in; called on the lab's loop."""
    lab.thingsboard.set_account(account, locked=False)


def _made(answer: httpx.Response) -> Any:
    if not answer.is_success:
        raise CheckUnknown(f"Widgelix answered {answer.status_code} to {answer.request.url.path}")
    return answer.json()
