"""The kinds of parameter that configurations are made of, each with its check, and the mark of the secret ones."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

__all__ = ["Duration", "Key", "Model", "Port", "Secret", "Text", "described", "duration_s", "secrets_of"]

_DURATION = re.compile(r"([1-9]\d{0,8})([smhd])")
_UNIT_S = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_VISIBLE = re.compile(r"[!-~]+")


class Secret:
    """Annotates a parameter of which the API and the pages show asterisks only."""


class Model(BaseModel):
    """An object in a body: its names in camel case, nothing converted, nothing unknown."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=to_camel, defer_build=True)


def secrets_of(model: type[BaseModel]) -> tuple[str, ...]:
    """The names that the secrets of a configuration have in JSON."""
    return tuple(info.alias or name for name, info in model.model_fields.items() if Secret in info.metadata)


def duration_s(text: str) -> float:
    """Read a duration such as 10m or 72h, in seconds; PydanticCustomError when it is none."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise PydanticCustomError("duration", "must be a duration such as 30s, 10m, 72h or 2d")
    return int(match[1]) * _UNIT_S[match[2]]


def _check_duration(text: str) -> str:
    duration_s(text)
    return text


def _check_port(port: object) -> object:
    """The documents write the port as a number in one example and as a string in another."""
    number = int(port) if isinstance(port, str) and port.isascii() and port.isdigit() and len(port) < 4 else port
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= 224:
        raise PydanticCustomError("port", "must be a number from 1 to 224")
    return port


def _check_text(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("text", "must not be empty")
    return text


def _check_key(text: str) -> str:
    if not text or not _VISIBLE.fullmatch(text):
        raise PydanticCustomError("key", "must be printable ASCII without blanks")
    return text


def described(pattern: str) -> Any:
    """Tell the API's description what our own checks let pass."""
    return Field(json_schema_extra={"pattern": pattern})


Text = Annotated[str, AfterValidator(_check_text), described(r"\S")]
"""A text that is more than blanks."""

Key = Annotated[str, AfterValidator(_check_key), described("^[!-~]+$")]
"""An id or a key: printable ASCII without blanks."""

Duration = Annotated[str, AfterValidator(_check_duration), described("^[1-9][0-9]{0,8}[smhd]$")]
"""A duration as the documents write it: 30s, 10m, 72h, 2d."""

Port = Annotated[
    int | str,
    BeforeValidator(_check_port),
    Field(
        json_schema_extra={
            "minimum": 1,
            "maximum": 224,
            "pattern": "^([1-9]|[1-9][0-9]|1[0-9][0-9]|2[01][0-9]|22[0-4])$",
        }
    ),
]
"""A LoRaWAN FPort for applications."""
