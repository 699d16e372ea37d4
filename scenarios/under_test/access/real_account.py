"""A real account of ThingsBoard in the place of the lab's fake: where it is, and who is logged in there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from uplab.scenarios.under_test.access.given import AccessError

__all__ = ["DEMO", "PASSWORD", "USER", "RealAccount", "real_account"]

USER, PASSWORD = "UPLAB_THINGSBOARD_USER", "UPLAB_THINGSBOARD_PASSWORD"

DEMO = {"username": "tenant@thingsboard.org", "password": "tenant"}
"""The account that a fresh ThingsBoard has, and the fake: for REST, and as basic credentials of a gateway over MQTT."""

_MQTT = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class RealAccount:
    """`url` of the REST API without a path; host, port and whether TLS is spoken of MQTT; a tenant administrator.

    A gateway of the tenant must have the same name and password as its MQTT basic credentials, as the document of the
    connector asks for.
    """

    url: str
    mqtt: tuple[str, int, bool]
    user: str
    password: str = field(repr=False)

    @property
    def login(self) -> dict[str, str]:
        """What a connection's configuration says of it."""
        return {"username": self.user, "password": self.password}


def real_account(url: str | None, mqtt: str | None, environment: Mapping[str, str]) -> RealAccount | None:
    """Reads what the user gave, None where he gave nothing; AccessError in one line where it cannot be used."""
    if not url:
        if mqtt:
            raise AccessError("--thingsboard-mqtt belongs to --thingsboard-url: name that, too")
        return None
    user, password = environment.get(USER), environment.get(PASSWORD)
    if not user or not password:
        raise AccessError(f"--thingsboard-url needs a tenant administrator: give {USER} and {PASSWORD}")
    scheme, host, port = _place("--thingsboard-url", url, ("http", "https"), "https://thingsboard.example")
    root = f"{scheme}://{_shown(host)}" + (f":{port}" if port else "")
    if not mqtt:
        secure = scheme == "https"
        return RealAccount(root, (host, _MQTT["mqtts" if secure else "mqtt"], secure), user, password)
    scheme, host, port = _place("--thingsboard-mqtt", mqtt, tuple(_MQTT), "mqtts://thingsboard.example:8883")
    return RealAccount(root, (host, port or _MQTT[scheme], scheme == "mqtts"), user, password)


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _place(option: str, text: str, schemes: tuple[str, ...], example: str) -> tuple[str, str, int | None]:
    wrong = AccessError(f"{option} takes an address without a path and without a login in it, as {example}")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise wrong from None
    more = parts.query or parts.fragment or parts.path not in ("", "/") or "@" in parts.netloc
    if parts.scheme not in schemes or not parts.hostname or more:
        raise wrong
    return parts.scheme, parts.hostname, port
