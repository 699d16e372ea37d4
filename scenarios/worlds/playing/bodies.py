"""The body of each connection of a world, and the states that it may show when it is there."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from uplab.scenarios.lab.addresses import BROKER_HOST, POSTHERE_HOST, THINGSBOARD_HOST
from uplab.scenarios.lab.false_hosts import NOBODY
from uplab.scenarios.lab.witness import broker_body
from uplab.scenarios.worlds import plan as p
from uplab.scenarios.worlds.space.refusals import GONE
from uplab.scenarios.worlds.wanted import FALSE, bin_of

if TYPE_CHECKING:
    from uplab.scenarios.history.secrets import Secrets

__all__ = ["NAMED", "PLAIN", "account_of", "altered", "body_of", "secret_of", "states_of"]

NAMED: Final = "secret:"
"""A value that begins with it is a secret of the lab's own, by its name: no plan holds one."""

PLAIN: Final[Mapping[str, dict[str, Any]]] = {
    "http": {"connectorId": "actility-http-iot", "configuration": {"destinationURL": "https://posthere.io/refused"}},
    "widgelix": {
        "connectorId": "actility-http-iot",
        "brand": "WIDGELIX",
        "configuration": {
            "destinationURL": "https://app.widgelix.com/v1/input-node/actility",
            "headers": {"Authorization": "Bearer 0f8fad5b-d9cb-469f-a165-70867728950e"},
        },
    },
    "thingsboard": {
        "connectorId": "actility-thingsboard-iot",
        "configuration": {
            "hostName": "thingsboard.cloud:1883",
            "username": "tenant@thingsboard.org",
            "password": "tenant",
        },
    },
    "mqtt": broker_body(uplinkTopicPattern="taken/{DevEUI}", downlinkTopicPattern="taken/down/{DevEUI}"),
}
"""A right body of each kind of connection, but for its name."""

_WIDGELIX: Final = "https://app.widgelix.com/v1/input-node/actility"
_PORTS: Final = {"mqtt": 1883, "mqtts": 8883, "rest": 443}
_CLOSED: Final = ("UNREACHABLE", "CLOSED", "CLOSING", "OPENING")  # what is tried again may show each of them


def body_of(
    tag: str, name: str, connection: p.Connection, secrets: Secrets, key: str, tenant: Mapping[str, str]
) -> dict[str, Any]:
    """The body of POST and PUT; `key` is a token of Widgelix, `tenant` username and password in ThingsBoard."""
    configuration = {one: _filled(value, tag, name, secrets) for one, value in connection.configuration.items()}
    found: dict[str, Any] = {"connectorId": "actility-http-iot", "name": connection.name}
    if connection.active is not None:
        found["active"] = connection.active
    host = FALSE.get(connection.trouble or "") or (NOBODY if connection.trouble == "nobody" else None)
    wrong = {"password": secrets.hex(f"{tag} {name} wrong")} if connection.trouble == "password" else {}
    if connection.to in _PORTS:
        found["connectorId"] = "actility-thingsboard-iot"
        user, password = tenant["username"], tenant["password"]
        if connection.to != "rest":  # a gateway has one session: each connection is one of its own
            user, password = account_of(tag, name), "world"
        address = f"{host or THINGSBOARD_HOST}:{_PORTS[connection.to]}"
        configuration |= {"hostName": address, "username": user, "password": password, **wrong}
    elif connection.to == "broker":
        topics = {
            "uplinkTopicPattern": f"{tag}-{name}/{connection.topic}",
            "downlinkTopicPattern": f"{tag}-{name}/down/{{DevEUI}}",
        }
        body = broker_body(**topics, hostName=f"{host or BROKER_HOST}:1883", **wrong)
        found["connectorId"], configuration = body["connectorId"], {**body["configuration"], **configuration}
    elif connection.to == "widgelix":
        found["brand"] = "WIDGELIX"
        written = f"Bearer {key}" if connection.key == "bearer" else key
        configuration["headers"] = {"Authorization": written, **configuration.get("headers", {})}
        configuration["destinationURL"] = _WIDGELIX
    else:
        path, query = bin_of(tag, name, connection)
        url = f"{connection.to}://{host or POSTHERE_HOST}{path}{'?' if query else ''}{query}"
        configuration["destinationURL"] = url
    return {**found, "configuration": configuration}


def account_of(tag: str, name: str) -> str:
    """The user name of a connection to ThingsBoard over MQTT."""
    return f"{tag}-{name}@uplab.example"


def altered(body: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """A body with other values at these places, joined by dots; GONE takes one away."""
    found: dict[str, Any] = copy.deepcopy(dict(body))
    for place, value in change.items():
        *outer, last = place.split(".")
        at = found
        for name in outer:
            at = at.setdefault(name, {})
        if value is GONE:
            at.pop(last, None)
        else:
            at[last] = copy.deepcopy(value)
    return found


def secret_of(tag: str, name: str, text: str, secrets: Secrets) -> str:
    """What a text of the plan is in the lab: itself, or the secret that it names."""
    if not text.startswith(NAMED):
        return text
    return f"Bearer {secrets.hex(f'{tag} {name} {text}')}"


def _filled(value: Any, tag: str, name: str, secrets: Secrets) -> Any:
    if isinstance(value, dict):
        return {key: _filled(one, tag, name, secrets) for key, one in value.items()}
    return secret_of(tag, name, value, secrets) if isinstance(value, str) else value


def states_of(connection: p.Connection) -> tuple[str, ...]:
    """The states of which it shows one, once it is there; over HTTP nothing is tried before the first document."""
    if connection.active is False:
        return ("DEACTIVATED",)
    if connection.trouble is None or connection.to in ("http", "https"):
        return ("OPENED", *_CLOSED) if connection.trouble else ("OPENED",)
    return ("AUTHENTICATION_FAILED",) if connection.trouble in ("password", "locked") else _CLOSED[:3]
