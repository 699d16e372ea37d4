"""A codec of the user's own as a device model: its devices send the uplinks of its examples."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from uplab.scenarios.codecs.package import CodecError, read_codec
from uplab.simulator.payloads import MODELS
from uplab.simulator.payloads.recorded import Recorded, RecordedUplink

__all__ = ["codec_model", "is_codec"]

_FORM: Final = "producer:module:version=PATH"


def is_codec(text: str) -> bool:
    """Whether a model is named by a codec's place, and is none of those that uplab has."""
    place = text.rpartition("=")[2]
    return text not in MODELS and ("/" in text or place.endswith((".js", ".cjs")) or Path(place).exists())


def codec_model(text: str) -> Recorded:
    """The model of a codec, by its path or as producer:module:version=PATH; CodecError.

    Its documents name the application that package.json declares, so that a forwarder finds its driver.
    """
    named, equals, place = text.rpartition("=")
    path = Path(place)
    codec = read_codec(path)
    application = _application(named) if equals else codec.application
    if application is None:
        raise CodecError(f"{path}: no driver.application in a package.json says whose codec it is: name it as {_FORM}")
    uplinks = tuple(
        RecordedUplink(example.place, port, bytes(example.given["bytes"]), example.right)
        for example in codec.examples
        if example.function == "decodeUplink" and 1 <= (port := _port(example.given.get("fPort"))) <= 223
    )
    if not uplinks:
        raise CodecError(f"{path}: none of its {len(codec.examples)} examples is an uplink with an fPort from 1 to 223")
    return Recorded(path.name or place, application, uplinks)


def _application(text: str) -> tuple[str, str, str]:
    producer, _, rest = text.partition(":")
    module, _, version = rest.partition(":")
    if not producer or not module:
        raise CodecError(f"{text[:60]!r} is no application: it is written {_FORM}")
    return producer, module, version or "1"


def _port(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
