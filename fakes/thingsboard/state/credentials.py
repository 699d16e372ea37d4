"""Device credentials: an access token, or MQTT basic (client id, user name, password), and who they admit.

The credentials id under which ThingsBoard finds a device is the token, the user name, or a SHA3-256 over the client
id (and the user name), by what is set (DeviceCredentialsServiceImpl).
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson

from uplab.fakes.thingsboard.state.profiles import Unsupported

__all__ = ["ACCESS_TOKEN", "MQTT_BASIC", "Credentials", "CredentialsError", "Login", "admit", "refusal"]

ACCESS_TOKEN, MQTT_BASIC = "ACCESS_TOKEN", "MQTT_BASIC"
_ABSENT = ("X509_CERTIFICATE", "LWM2M_CREDENTIALS")  # ThingsBoard has them
D = TypeVar("D")


class CredentialsError(ValueError):
    """Credentials that cannot be: incomplete, or in use by another device."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """One device's credentials; `id` finds them."""

    type: str
    id: str
    client_id: str | None = None
    username: str | None = None
    password: str | None = None

    @classmethod
    def access_token(cls, token: str) -> "Credentials":
        """An access token; raises CredentialsError when it is empty."""
        if not token:
            raise CredentialsError("Device credentials id should be specified!")
        return cls(ACCESS_TOKEN, token)

    @classmethod
    def mqtt_basic(
        cls, *, client_id: str | None = None, username: str | None = None, password: str | None = None
    ) -> "Credentials":
        """MQTT basic credentials; raises CredentialsError without client id and user name."""
        if client_id and username:
            found = _hash(f"{client_id}|{username}")
        elif client_id:
            found = _hash(client_id)
        elif username:
            found = username
        else:
            raise CredentialsError("Both mqtt client id and user name are empty!")
        return cls(MQTT_BASIC, found, client_id or None, username or None, password or None)

    @property
    def value(self) -> str | None:
        """The `credentialsValue` of the REST API: JSON text for MQTT basic."""
        if self.type == ACCESS_TOKEN:
            return None
        fields = {"clientId": self.client_id, "userName": self.username, "password": self.password}
        return orjson.dumps(fields).decode()

    @classmethod
    def parse(cls, fields: dict[str, Any]) -> "Credentials":
        """Credentials from the fields of the REST API; raises CredentialsError and Unsupported."""
        kind = fields.get("credentialsType") or ACCESS_TOKEN
        if kind == ACCESS_TOKEN:
            return cls.access_token(str(fields.get("credentialsId") or ""))
        if kind in _ABSENT:
            raise Unsupported(f"credentials of the type {kind}")
        if kind != MQTT_BASIC:
            raise CredentialsError(f"credentialsType {kind} is not supported")
        try:
            basic = orjson.loads(fields.get("credentialsValue") or "{}")
        except orjson.JSONDecodeError:
            basic = None
        if not isinstance(basic, dict):
            raise CredentialsError("credentialsValue must be a JSON object")
        return cls.mqtt_basic(
            client_id=basic.get("clientId"), username=basic.get("userName"), password=basic.get("password")
        )


@dataclass(frozen=True, slots=True)
class Login:
    """What an MQTT CONNECT says about who it is."""

    client_id: str
    username: str | None
    password: str | None


def admit(login: Login, find: Callable[[str], D | None], credentials_of: Callable[[D], Credentials]) -> D | None:
    """The device that a CONNECT opens, if any (DefaultTransportApiService).

    MQTT basic by client id alone without a user name; else by both, where a wrong password refuses; else the user name
    is an access token, or that of MQTT basic credentials without a client id.
    """
    if not login.username:
        device = find(_hash(login.client_id))
        return device if device is not None and _valid(credentials_of(device), login) else None
    device = find(_hash(f"{login.client_id}|{login.username}"))
    if device is not None and credentials_of(device).type == MQTT_BASIC:
        return device if _valid(credentials_of(device), login) else None
    device = find(login.username)
    if device is None:
        return None
    known = credentials_of(device)
    return device if known.type == ACCESS_TOKEN or _valid(known, login) else None


def refusal(login: Login, *, v5: bool) -> int:
    """The CONNACK code for a client that was not admitted (MqttTransportHandler, ReturnCodeResolver)."""
    if login.username is not None or login.password is not None:
        return 0x86 if v5 else 5
    if login.client_id.strip():
        return 0x85 if v5 else 2
    return 0x87 if v5 else 5


def _valid(known: Credentials, login: Login) -> bool:
    return (
        known.type == MQTT_BASIC
        and known.client_id in (None, login.client_id)
        and known.username in (None, login.username)
        and known.password in (None, login.password)
    )


def _hash(text: str) -> str:
    return hashlib.sha3_256(text.encode()).hexdigest()
