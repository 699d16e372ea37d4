"""Device types: which values Widgelix takes out of an uplink, by a codec from its bytes or by JSON path."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import orjson

from uplab.fakes.widgelix import elsys
from uplab.fakes.widgelix.documents import Uplink
from uplab.fakes.widgelix.errors import InvalidError
from uplab.fakes.widgelix.history import Scalar

__all__ = ["CODECS", "FROM_CODEC", "REPOSITORY", "Field", "TypeDraft", "check", "read"]

FROM_CODEC: Final = "codec"
"""The source of a value that the codec gives."""
_NAME = re.compile(r"[\w.\-]+(?: [\w.\-]+)*")
_NAME_CHARS_MAX = 64
_FIELDS_MAX = 50
_TEXT_CHARS_MAX = 1000


@dataclass(frozen=True, slots=True)
class Field:
    """One value: its name, and its source: "codec", or a JSON path (RFC 9535) into the uplink's decoded `payload`."""

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class TypeDraft:
    """A device type before it belongs to an organisation."""

    name: str
    description: str
    manufacturer: str
    codec: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class _Codec:
    decode: Callable[[bytes], Mapping[str, Scalar]]
    names: tuple[str, ...]


CODECS: Final[Mapping[str, _Codec]] = {"elsys": _Codec(elsys.decode, elsys.NAMES)}
"""The codecs that Widgelix brings, by name."""

REPOSITORY: Final[Mapping[str, TypeDraft]] = {
    "ELSYS-ERS": TypeDraft(
        name="ELSYS-ERS",
        description="Room sensor: temperature, humidity, light, motion",
        manufacturer="Elsys",
        codec="elsys",
        fields=tuple(Field(name, FROM_CODEC) for name in ("temperature", "humidity", "light", "motion", "battery")),
    )
}
"""The device types that can be loaded instead of written."""


def check(draft: TypeDraft) -> None:
    """Raise InvalidError when a device type cannot be used."""
    if not draft.name.strip():
        raise InvalidError("name", "is empty")
    if draft.codec not in CODECS:
        raise InvalidError("codec", f"expected one of {', '.join(CODECS)}, not {draft.codec!r}")
    if not 1 <= len(draft.fields) <= _FIELDS_MAX:
        raise InvalidError("fields", f"expected 1 to {_FIELDS_MAX} fields, not {len(draft.fields)}")
    seen: set[str] = set()
    for at, field in enumerate(draft.fields):
        if not _NAME.fullmatch(field.name) or len(field.name) > _NAME_CHARS_MAX:
            raise InvalidError(f"fields[{at}].name", "expected 1 to 64 letters, digits, '_', '-', '.' or inner blanks")
        if field.name in seen:
            raise InvalidError(f"fields[{at}].name", f"{field.name!r} is there twice")
        seen.add(field.name)
        _check_source(f"fields[{at}].source", field, CODECS[draft.codec])


def _check_source(where: str, field: Field, codec: _Codec) -> None:
    if field.source == FROM_CODEC:
        if field.name not in codec.names:
            raise InvalidError(where, f"the codec gives {', '.join(codec.names)}, but no {field.name!r}")
        return
    import jsonpath  # noqa: PLC0415 - large, and only a path that somebody gives needs it

    try:
        _compiled(field.source)
    except jsonpath.JSONPathError as error:
        raise InvalidError(where, f"is no JSON path: {str(error).splitlines()[0]}") from None


def read(codec: str, fields: tuple[Field, ...], uplink: Uplink) -> tuple[tuple[Scalar | None, ...], str | None]:
    """Return the value of each field (None: not in this uplink), and what could not be decoded, if anything."""
    error = uplink.decode_error
    decoded: Mapping[str, Scalar] = {}
    if uplink.payload_hex and any(field.source == FROM_CODEC for field in fields):
        try:
            decoded = CODECS[codec].decode(bytes.fromhex(uplink.payload_hex))
        except elsys.CodecError as cause:
            error = f"{codec}: {cause}"
    values = [
        decoded.get(field.name) if field.source == FROM_CODEC else _found(field.source, uplink.payload)
        for field in fields
    ]
    return tuple(values), error


@lru_cache(maxsize=1000)
def _compiled(path: str) -> Any:
    import jsonpath  # noqa: PLC0415 - large, and only a path that somebody gives needs it

    return jsonpath.compile(path)


def _found(path: str, payload: Any) -> Scalar | None:
    if not isinstance(payload, dict | list):
        return None
    import jsonpath  # noqa: PLC0415 - large, and only a path that somebody gives needs it

    try:
        match = _compiled(path).match(payload)
    except jsonpath.JSONPathError:
        return None  # such as a payload nested too deep for a recursive path: no value, as when nothing matches
    value = None if match is None else match.obj
    if isinstance(value, dict | list):
        value = orjson.dumps(value).decode()
    if isinstance(value, str) and len(value) > _TEXT_CHARS_MAX:
        return f"{value[:_TEXT_CHARS_MAX]}…"
    return value if isinstance(value, Scalar) else None
