"""What a connection is: the bodies that the API takes, what is wrong with one, and what is shown of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from uplab.simulator.forwarder.invalid import InvalidError, explain, refuse_unknown, require_object
from uplab.simulator.forwarder.patterns.headers import HeaderError, Headers, compile_headers
from uplab.simulator.forwarder.resolve import split_host_port
from uplab.simulator.forwarder.store.alarm import Alarm

__all__ = [
    "HTTP",
    "THINGSBOARD",
    "Body",
    "Configuration",
    "Connection",
    "Duration",
    "Generation",
    "HttpBody",
    "HttpConfiguration",
    "Platform",
    "Strategy",
    "Text",
    "ThingsBoardBody",
    "ThingsBoardConfiguration",
    "check_duration",
    "duration_s",
    "parse_connection",
]

HTTP = "actility-http-iot"
THINGSBOARD = "actility-thingsboard-iot"
WIDGELIX_URL = "https://app.widgelix.com/v1/input-node/actility"

_DURATION = re.compile(r"([1-9]\d{0,8})([smhd])")
_UNIT_S = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_TIAK = re.compile(r"[0-9A-Fa-f]{32}")
_URL_CHARACTERS = re.compile(r"[!-~]+")  # RFC 3986 has no blank, no control character and nothing beyond ASCII
_URL_UNSAFE = re.compile(r'[<>"{}|\\^`]|%(?![0-9A-Fa-f]{2})')
_HOST = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\.?|\[[0-9A-Fa-f:.]+\]")


class Strategy(StrEnum):
    """The documented reconnect strategies."""

    CALM = "CALM"
    NORMAL = "NORMAL"
    AGGRESSIVE = "AGGRESSIVE"


class Generation(StrEnum):
    """The three generations of HTTP failure semantics (Connector/HTTP page of 2021-12, 2022-09 and 2023-12)."""

    BLAME = "blame"
    STRICT_RESEND = "strict-resend"
    STRICT_CLOSE = "strict-close"


@dataclass(frozen=True, slots=True)
class Platform:
    """What the platform's operator decides for all connections."""

    widgelix_url: str = WIDGELIX_URL
    generation: Generation = Generation.BLAME
    mask_headers: bool = False


def duration_s(text: str) -> float:
    """Read a duration such as 10m or 72h, in seconds; PydanticCustomError when it is none."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise PydanticCustomError("duration", "must be a duration such as 30s, 10m, 72h or 2d")
    return int(match[1]) * _UNIT_S[match[2]]


def check_duration(text: str) -> str:
    """Give a valid duration back, as pydantic's validators do."""
    duration_s(text)
    return text


def _check_port(port: object) -> object:
    """The documents write the port as a number in one example and as a string in another."""
    number = int(port) if isinstance(port, str) and port.isascii() and port.isdigit() and len(port) < 4 else port
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= 224:
        raise PydanticCustomError("port", "must be a number from 1 to 224")
    return port


def _check_url(text: str) -> str:
    if not text.lower().startswith(("http://", "https://")):
        raise PydanticCustomError("url", "must begin with http:// or https://")
    if not _URL_CHARACTERS.fullmatch(text) or _URL_UNSAFE.search(text):
        raise PydanticCustomError(
            "url",
            "holds characters that no URL may hold (RFC 3986); percent-encode them, and give a host in its xn-- form",
        )
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise PydanticCustomError("url", "has a port or a host that is malformed; ports go from 1 to 65535") from None
    if "@" in parts.netloc:
        raise PydanticCustomError("url", "may hold no user name and password; use a header")
    if not host or not _HOST.fullmatch(
        parts.netloc.rpartition(":")[0] if port is not None else parts.netloc.rstrip(":")
    ):
        raise PydanticCustomError("url", "names no valid host")
    if port == 0:
        raise PydanticCustomError("url", "has port 0; ports go from 1 to 65535")
    if "[" in text.partition(parts.netloc)[2]:
        raise PydanticCustomError("url", "may hold brackets around an IPv6 address only; percent-encode others")
    if parts.fragment:
        raise PydanticCustomError("url", "has a fragment (#), which is never sent; remove it")
    return text


def _check_host_name(text: str) -> str:
    if "://" in text or "/" in text:
        raise PydanticCustomError(
            "host", "must be host:port without a scheme and a path, such as thingsboard.cloud:443"
        )
    try:
        host, port = split_host_port(text)
    except ValueError:
        raise PydanticCustomError("host", "must name host and port, such as thingsboard.cloud:443") from None
    if not _HOST.fullmatch(f"[{host}]" if ":" in host else host):
        raise PydanticCustomError("host", "names no valid host")
    if port == 0:
        raise PydanticCustomError("host", "has port 0; ports go from 1 to 65535")
    return text


def _check_text(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("text", "must not be empty")
    return text


def _check_tiak(text: str) -> str:
    if not _TIAK.fullmatch(text):
        raise PydanticCustomError("tiak", "must be 32 hexadecimal digits")
    return text


def _check_key(text: str) -> str:
    if not text or not _URL_CHARACTERS.fullmatch(text):
        raise PydanticCustomError("key", "must be printable ASCII without blanks")
    return text


def _described(pattern: str) -> Any:
    """Tell the API's description what our own checks let pass."""
    return Field(json_schema_extra={"pattern": pattern})


_LABELS = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,30}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,30}[A-Za-z0-9_])?){0,3}"
_PORT_NUMBER = r"[1-9][0-9]{0,3}"
Text = Annotated[str, AfterValidator(_check_text), _described(r"\S")]
"""A text that is more than blanks."""

_Key = Annotated[str, AfterValidator(_check_key), _described("^[!-~]+$")]
Duration = Annotated[str, AfterValidator(check_duration), _described("^[1-9][0-9]{0,8}[smhd]$")]
"""A duration as the documents write it: 30s, 10m, 72h, 2d."""

_Url = Annotated[
    str,
    Field(alias="destinationURL", max_length=2048),
    AfterValidator(_check_url),
    _described(f"^https?://{_LABELS}(:{_PORT_NUMBER})?(/[A-Za-z0-9._~%/-]*)?(\\?[A-Za-z0-9._~%/=&-]*)?$"),
]
_HostName = Annotated[
    str, Field(max_length=300), AfterValidator(_check_host_name), _described(f"^{_LABELS}:{_PORT_NUMBER}$")
]
_Port = Annotated[
    int | str,
    BeforeValidator(_check_port),
    Field(json_schema_extra={"minimum": 1, "maximum": 224, "pattern": "^([1-9]|[1-9][0-9]|1[0-9][0-9]|2[01][0-9])$"}),
]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=to_camel)


class Configuration(_Model):
    """The parameters common to all connectors (About_connections page)."""

    description: str | None = None
    create_devices: bool = True
    send_metadata: bool = False
    send_raw_decoded_format: bool = False
    uplink_time_validity: Duration | None = None
    downlink_enabled: bool = True
    downlink_as_id: _Key | None = None
    downlink_as_key: _Key | None = None
    downlink_port: _Port | None = None
    reconnect_strategy: Literal["CALM", "NORMAL", "AGGRESSIVE"] = "NORMAL"


class HttpConfiguration(Configuration):
    """The parameters of the HTTP connector (http.md, widgelix.md)."""

    destination_url: _Url
    headers: dict[str, str] = Field(default_factory=dict, max_length=100)
    blame_period: Annotated[int, Field(ge=0, le=31_536_000)] = 30
    strict_mode: bool = False
    lrc_compliance: bool = False
    tiak: Annotated[str, AfterValidator(_check_tiak), _described("^[0-9A-Fa-f]{32}$")] | None = None


class ThingsBoardConfiguration(Configuration):
    """The parameters of the ThingsBoard connector (thingsboard.md)."""

    host_name: _HostName
    username: Text
    password: Text


class Body(_Model):
    """What every connection has."""

    name: Annotated[Text, Field(max_length=255)]
    active: bool = True
    alarms: list[Alarm] = Field(default_factory=list, max_length=20)


class HttpBody(Body):
    """A connection over HTTP, of no brand or of Widgelix."""

    connector_id: Literal["actility-http-iot"]
    brand: Literal["WIDGELIX"] | None = None
    configuration: HttpConfiguration


class ThingsBoardBody(Body):
    """A connection to ThingsBoard."""

    connector_id: Literal["actility-thingsboard-iot"]
    configuration: ThingsBoardConfiguration


_MODELS: dict[str, type[HttpBody] | type[ThingsBoardBody]] = {HTTP: HttpBody, THINGSBOARD: ThingsBoardBody}
_READ_ONLY = ("id", "state", "startupTime", "downlinkUrl")
_UNIMPLEMENTED = frozenset({"upOperations", "downOperations", "proxy", "debug", "debugMode"})
_SECRETS = ("password", "downlinkAsKey", "tiak")
_MASK = "*****"
_MASKED = re.compile(r"(?:\S+ )?\*{5}")


@dataclass(frozen=True, slots=True)
class Connection:
    """A valid connection: its body as it was given, and as it was understood."""

    given: dict[str, Any]
    body: HttpBody | ThingsBoardBody
    headers: Headers

    def shown(self, platform: Platform) -> dict[str, Any]:
        """Give the body as the API may show it: as given, with its secrets masked."""
        configuration = dict(self.given["configuration"])
        for key in _SECRETS:
            if configuration.get(key) is not None:
                configuration[key] = _MASK
        if platform.mask_headers and configuration.get("headers"):
            configuration["headers"] = dict.fromkeys(configuration["headers"], _MASK)
        return {**self.given, "active": self.body.active, "configuration": configuration}


def parse_connection(raw: object, platform: Platform, stored: Connection | None = None) -> Connection:
    """Read the body of a POST, or of a PUT over a stored connection; InvalidError names the field that is wrong."""
    given = dict(require_object(raw, "the body"))
    if stored is not None:
        for key in _READ_ONLY:
            given.pop(key, None)
    connector = given.get("connectorId")
    if "connectorId" not in given:
        refuse_unknown(given, ("connectorId",))
        raise InvalidError("connectorId", "connectorId is mandatory")
    if not isinstance(connector, str) or connector not in _MODELS:
        raise InvalidError("connectorId", f"connectorId must be one of {', '.join(_MODELS)}")
    if stored is not None and connector != stored.body.connector_id:
        raise InvalidError("connectorId", "connectorId cannot change; delete the connection and create another one")
    if isinstance(given.get("configuration"), dict):
        given["configuration"] = _unmasked(given["configuration"], stored)
    try:
        body = _MODELS[connector].model_validate(given)
    except ValidationError as error:
        raise explain(error, _MODELS[connector], _UNIMPLEMENTED) from None
    headers = Headers({})
    if isinstance(body, HttpBody):
        headers = _check_http(body, platform)
    return Connection(given, body, headers)


def _check_http(body: HttpBody, platform: Platform) -> Headers:
    configuration = body.configuration
    odd = "strict_mode" if platform.generation is Generation.BLAME else "blame_period"
    if odd in configuration.model_fields_set:
        key = to_camel(odd)
        raise InvalidError(
            f"configuration.{key}",
            f"configuration.{key} does not exist in the failure generation of this platform, {platform.generation}",
        )
    widgelix = body.brand == "WIDGELIX"
    if widgelix and configuration.destination_url != platform.widgelix_url:
        raise InvalidError(
            "configuration.destinationURL", f"configuration.destinationURL must be {platform.widgelix_url} for WIDGELIX"
        )
    try:
        return compile_headers(configuration.headers, widgelix=widgelix)
    except HeaderError as error:
        raise InvalidError(f"configuration.headers.{error.name}", str(error)) from None


def _unmasked(configuration: Mapping[str, Any], stored: Connection | None) -> dict[str, Any]:
    """Put stored secrets in the place of asterisks; asterisks that stand for nothing are refused, never stored."""
    known = stored.given["configuration"] if stored else {}
    result = dict(configuration)
    for key in _SECRETS:
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
