"""What a connection is: the parameters that all have, how a body is read and what is wrong with it, what is shown."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, TypeVar, cast

from pydantic import Field, ValidationError

from uplab.simulator.forwarder.connections.parameter import Duration, Key, Model, Port, Secret, Text, secrets_of
from uplab.simulator.forwarder.invalid import InvalidError, explain, refuse_unknown, require_object
from uplab.simulator.forwarder.platform import Platform
from uplab.simulator.forwarder.store.alarm import Alarm

__all__ = ["Body", "Configuration", "Connection", "ConnectionType", "parse_connection"]


class Configuration(Model):
    """The parameters common to all connectors (About_connections page)."""

    description: str | None = None
    create_devices: bool = True
    send_metadata: bool = False
    send_raw_decoded_format: bool = False
    uplink_time_validity: Duration | None = None
    downlink_enabled: bool = True
    downlink_as_id: Key | None = None
    downlink_as_key: Annotated[Key | None, Secret] = None
    downlink_port: Port | None = None
    reconnect_strategy: Literal["CALM", "NORMAL", "AGGRESSIVE"] = "NORMAL"


class Body(Model):
    """What every connection has."""

    name: Annotated[Text, Field(max_length=255)]
    active: bool = True
    alarms: list[Alarm] = Field(default_factory=list, max_length=20)

    if TYPE_CHECKING:  # each connector declares these itself, in the order in which the API describes them
        connector_id: str
        configuration: Configuration


AnyBody = TypeVar("AnyBody", bound=Body)

_READ_ONLY = ("id", "state", "startupTime", "notice", "downlinkUrl")
_UNIMPLEMENTED = frozenset({"upOperations", "downOperations", "proxy", "debug", "debugMode"})
_MASK = "*****"
_MASKED = re.compile(r"(?:\S+ )?\*{5}")


@dataclass(frozen=True, slots=True)
class Connection(Generic[AnyBody]):
    """A valid connection: its body as it was given, and as it was understood."""

    given: dict[str, Any]
    body: AnyBody

    def shown(self, platform: Platform) -> dict[str, Any]:
        """Give the body as the API may show it: as given, with its secrets masked."""
        configuration = dict(self.given["configuration"])
        for key in secrets_of(type(self.body.configuration)):
            if configuration.get(key) is not None:
                configuration[key] = _MASK
        if platform.mask_headers and configuration.get("headers"):
            configuration["headers"] = dict.fromkeys(configuration["headers"], _MASK)
        return {**self.given, "active": self.body.active, "configuration": configuration}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionType(Generic[AnyBody]):
    """How the bodies of one connector are read: its model, and what no model says."""

    id: str
    body: type[AnyBody]
    check: Callable[[AnyBody, Platform], None] = lambda _body, _platform: None
    """Raises InvalidError; what it is given is right by the model."""
    fixed: tuple[str, ...] = ()
    """Keys of the body that say what the connection is: PUT gives them as they were."""

    @property
    def configuration(self) -> type[Configuration]:
        """The model of its parameters."""
        return cast("type[Configuration]", self.body.model_fields["configuration"].annotation)


def parse_connection(
    raw: object,
    types: Mapping[str, ConnectionType[Any]],
    platform: Platform,
    stored: Connection[Any] | None = None,
) -> Connection[Any]:
    """Read the body of a POST, or of a PUT over a stored connection; InvalidError names the field that is wrong."""
    given = dict(require_object(raw, "the body"))
    if stored is not None:
        for key in _READ_ONLY:
            given.pop(key, None)
    connector = given.get("connectorId")
    if "connectorId" not in given:
        refuse_unknown(given, ("connectorId",))
        raise InvalidError("connectorId", "connectorId is mandatory")
    if not isinstance(connector, str) or connector not in types:
        raise InvalidError("connectorId", f"connectorId must be one of {', '.join(types)}")
    if stored is not None and connector != stored.body.connector_id:
        raise InvalidError("connectorId", "connectorId cannot change; delete the connection and create another one")
    kind = types[connector]
    if isinstance(given.get("configuration"), dict):
        # A mask in the place of another connector's secret stands for nothing either, which says more than "unknown".
        secrets = sorted({name for known in types.values() for name in secrets_of(known.configuration)})
        given["configuration"] = _unmasked(given["configuration"], secrets, stored)
    try:
        body = kind.body.model_validate(given)
    except ValidationError as error:
        raise explain(error, kind.body, _UNIMPLEMENTED) from None
    before = stored.given if stored is not None else None
    for key in kind.fixed:
        if before is not None and given.get(key) != before.get(key):
            raise InvalidError(key, f"{key} is mandatory in a PUT and cannot change: it was {before.get(key)}")
    kind.check(body, platform)
    return Connection(given, body)


def _unmasked(
    configuration: Mapping[str, Any], secrets: Iterable[str], stored: Connection[Any] | None
) -> dict[str, Any]:
    """Put stored secrets in the place of asterisks; asterisks that stand for nothing are refused, never stored."""
    known = stored.given["configuration"] if stored else {}
    result = dict(configuration)
    for key in secrets:
        if key in result:
            result[key] = _kept(result[key], known.get(key), f"configuration.{key}")
    if isinstance(result.get("headers"), dict):
        stored_headers = {name.lower(): value for name, value in (known.get("headers") or {}).items()}
        result["headers"] = {
            name: _kept(value, stored_headers.get(name.lower()), f"configuration.headers.{name[:80]}")
            for name, value in result["headers"].items()
        }
    return result


def _kept(value: object, stored: object, field: str) -> object:
    if not isinstance(value, str) or not _MASKED.fullmatch(value):
        return value
    if stored is None:
        raise InvalidError(field, f"{field} is the mask {_MASK}, and no value is stored that it could stand for")
    return stored
