"""What a user makes at the destinations before a connection leads there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from uplab.scenarios.checks.verdict import CheckUnknown

if TYPE_CHECKING:
    import httpx

__all__ = ["access_token"]

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


def _made(answer: httpx.Response) -> Any:
    if not answer.is_success:
        raise CheckUnknown(f"Widgelix answered {answer.status_code} to {answer.request.url.path}")
    return answer.json()
