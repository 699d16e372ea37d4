"""The forms: which kinds of application there are, and how what was typed becomes the body that the API reads.

Nothing is validated here: the API's own reading of the body says what is wrong, and `field_of` says at which field.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from uplab.simulator.forwarder.destinations.connector import Connectors
from uplab.simulator.forwarder.destinations.form import Field, Kind
from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.platform import Platform

__all__ = [
    "MASK",
    "Kinds",
    "Typed",
    "create_body",
    "edited_body",
    "field_of",
    "read_form",
    "sentence_at",
    "tells_secret",
]

MASK = "*****"
SECRET_WORDS = ("authorization", "cookie", "token", "key", "secret", "password")
FIELDS_MAX = 1000  # of one form: a connection may have 100 headers, each of two inputs


@dataclass(frozen=True, slots=True)
class Typed:
    """What a user typed: one text for each field, and the rows of headers."""

    texts: Mapping[str, str]
    headers: tuple[tuple[str, str], ...] = ()

    def text(self, key: str) -> str:
        """One field as it was typed, with line ends as JSON has them; empty when it was not given."""
        return self.texts.get(key, "").replace("\r\n", "\n")


class Kinds:
    """The types of application that can be chosen, by the names that they have in addresses."""

    def __init__(self, connectors: Connectors) -> None:
        """Offer the forms of these connectors, in their order."""
        self.by_slug = {kind.slug: kind for connector in connectors.values() for kind in connector.kinds}

    def of(self, resource: Mapping[str, Any]) -> Kind | None:
        """The kind of an existing connection; None when it is none that can be chosen."""
        for kind in self.by_slug.values():
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


def create_body(kind: Kind, typed: Typed, platform: Platform) -> dict[str, Any]:
    """Make the body of POST /connections; InvalidError when a header is given twice, which no JSON object can say."""
    body: dict[str, Any] = {"connectorId": kind.connector, "name": "", "configuration": kind.filled(platform)}
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
    elif field.header:
        others = configuration.get("headers") or {}
        names = [name for name in others if name.lower() == field.header.lower()] or [field.header]
        configuration["headers"] = {**others, names[0]: typed.text(field.key)}
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
