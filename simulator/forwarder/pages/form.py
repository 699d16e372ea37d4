"""The forms: which fields a kind of application has, and how what was typed becomes the body that the API reads.

Nothing is validated here: the API's own reading of the body says what is wrong, and `field_of` says at which field.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl

from uplab.simulator.forwarder.connections.connection import HTTP, THINGSBOARD
from uplab.simulator.forwarder.invalid import InvalidError

__all__ = [
    "KINDS",
    "MASK",
    "Field",
    "Kind",
    "Typed",
    "create_body",
    "edited_body",
    "field_of",
    "kind_of",
    "read_form",
    "sentence_at",
    "tells_secret",
]

MASK = "*****"
SECRET_WORDS = ("authorization", "cookie", "token", "key", "secret", "password")
FIELDS_MAX = 1000  # of one form: a connection may have 100 headers, each of two inputs


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form: its name there, its documented label, and the path at which the API has it."""

    key: str
    label: str
    path: str
    hint: str
    mandatory: bool = False
    control: Literal["text", "secret", "lines", "headers"] = "text"
    shape: str = r".*\S.*"
    """What a browser may already mark as right; it refuses nothing."""

    @property
    def echoed(self) -> bool:
        """Whether what was typed may stand in a page."""
        return self.control != "secret"


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of application that can be chosen."""

    slug: str
    name: str
    connector: str
    promise: str
    fields: tuple[Field, ...]
    brand: str | None = None

    def field(self, key: str) -> Field | None:
        """The field of this name, None when there is none."""
        return next((field for field in self.fields if field.key == key), None)


@dataclass(frozen=True, slots=True)
class Typed:
    """What a user typed: one text for each field, and the rows of headers."""

    texts: Mapping[str, str]
    headers: tuple[tuple[str, str], ...] = ()

    def text(self, key: str) -> str:
        """One field as it was typed, with line ends as JSON has them; empty when it was not given."""
        return self.texts.get(key, "").replace("\r\n", "\n")


_NAME = Field("name", "Application Name", "name", "The name under which you find it in the list", mandatory=True)
_DESCRIPTION = Field(
    "description", "Description", "configuration.description", "What it is for, for you and your team", control="lines"
)

KINDS: dict[str, Kind] = {
    kind.slug: kind
    for kind in (
        Kind(
            "http",
            "HTTP",
            HTTP,
            "Posts each message of your devices to an HTTP endpoint.",
            (
                _NAME,
                Field(
                    "destinationURL",
                    "Destination URL",
                    "configuration.destinationURL",
                    "Begins with http:// or https://, such as https://posthere.io/4b19-48f6-94cc",
                    mandatory=True,
                    shape=r"[Hh][Tt][Tt][Pp][Ss]?://[!-~]+",
                ),
                Field(
                    "headers",
                    "Headers",
                    "configuration.headers",
                    "Sent with each message; {DevEUI} in a value becomes the device's own",
                    control="headers",
                ),
                _DESCRIPTION,
            ),
        ),
        Kind(
            "widgelix",
            "Widgelix",
            HTTP,
            "Sends each message of your devices to Widgelix.",
            (
                _NAME,
                Field(
                    "key",
                    "Widgelix Key",
                    "configuration.headers",
                    "The access token from the Connectivity of the device in Widgelix",
                    mandatory=True,
                    control="secret",
                ),
                _DESCRIPTION,
            ),
            brand="WIDGELIX",
        ),
        Kind(
            "thingsboard",
            "ThingsBoard",
            THINGSBOARD,
            "Writes each measurement of your devices to ThingsBoard as telemetry.",
            (
                _NAME,
                Field(
                    "hostName",
                    "Domain Name",
                    "configuration.hostName",
                    "Host and port, such as thingsboard.cloud:443",
                    mandatory=True,
                    shape=r"[^\s\/]+:[0-9]{1,5}",
                ),
                Field(
                    "username",
                    "Username",
                    "configuration.username",
                    "Your login at ThingsBoard, an e-mail address",
                    mandatory=True,
                ),
                Field(
                    "password",
                    "Password",
                    "configuration.password",
                    "Your password at ThingsBoard",
                    mandatory=True,
                    control="secret",
                ),
                _DESCRIPTION,
            ),
        ),
    )
}


def kind_of(resource: Mapping[str, Any]) -> Kind | None:
    """The kind of an existing connection; None when it is none that can be chosen."""
    for kind in KINDS.values():
        if (resource.get("connectorId"), resource.get("brand")) == (kind.connector, kind.brand):
            return kind
    return None


def tells_secret(name: str) -> bool:
    """Whether the name of a header or a parameter says that its value is a secret."""
    return any(word in name.lower() for word in SECRET_WORDS)


def read_form(raw: bytes) -> Typed:
    """Read the body of a posted form; InvalidError when it is none."""
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, strict_parsing=bool(raw), max_num_fields=FIELDS_MAX)
    except ValueError:
        raise InvalidError("", "the body is no form") from None
    names = [value for name, value in pairs if name == "header-name"]
    values = [value for name, value in pairs if name == "header-value"]
    if len(names) != len(values):
        raise InvalidError("configuration.headers", "each header has a name and a value")
    return Typed(dict(pairs), tuple(zip(names, values, strict=True)))


def create_body(kind: Kind, typed: Typed, widgelix_url: str) -> dict[str, Any]:
    """Make the body of POST /connections; InvalidError when a header is given twice, which no JSON object can say."""
    configuration: dict[str, Any] = {"destinationURL": widgelix_url} if kind.brand else {}
    body: dict[str, Any] = {"connectorId": kind.connector, "name": "", "configuration": configuration}
    if kind.brand:
        body["brand"] = kind.brand
    for field in kind.fields:
        _set(body, field, typed)
    return body


def edited_body(resource: Mapping[str, Any], field: Field, typed: Typed) -> dict[str, Any]:
    """Make the body of PUT /connections/{id}: all as the API shows it, but for one field. InvalidError as above."""
    body = {**resource, "configuration": dict(resource["configuration"])}
    _set(body, field, typed)
    return body


def _set(body: dict[str, Any], field: Field, typed: Typed) -> None:
    configuration = body["configuration"]
    if field.control == "headers":
        configuration["headers"] = _headers(typed.headers)
    elif field.key == "key":
        others = configuration.get("headers") or {}
        names = [name for name in others if name.lower() == "authorization"] or ["Authorization"]
        configuration["headers"] = {**others, names[0]: typed.text("key")}
    elif field.path == "name":
        body["name"] = typed.text("name")
    elif typed.text(field.key) or field.mandatory:
        configuration[field.key] = typed.text(field.key)
    else:
        configuration.pop(field.key, None)


def _headers(rows: Sequence[tuple[str, str]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in rows:
        if name in headers:
            field = f"configuration.headers.{name}"
            raise InvalidError(field, f"header {name} is given twice; case makes no difference")
        if name or value:
            headers[name] = value
    return headers


def field_of(kind: Kind, path: str) -> Field | None:
    """The field at which a refusal of the API is shown; None when it is about none of them."""
    for field in kind.fields:
        if path == field.path or (field.path == "configuration.headers" and path.startswith(f"{field.path}.")):
            return field
    return None


def sentence_at(field: Field, path: str, message: str) -> str:
    """The API's sentence with the field's label in the place of its path."""
    shown = message.replace(path, field.label, 1) if path == field.path else message
    return shown[:1].upper() + shown[1:]
