"""A device model of an author's own: what it measures, and the bytes that it makes of that."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

__all__ = ["DeviceModel", "ModelError"]


class ModelError(Exception):
    """A model broke; the text says where and at what, in one line. No forwarder has failed by that."""


@dataclass(frozen=True, slots=True)
class DeviceModel:
    """A model: `measure` gives the readings of the nth uplink, from 0, by name; `encode` takes them by name.

    `application` is what its documents name as driver: producer, module and version.

    door = DeviceModel("door", encode=lambda open: bytes([open]), f_port=7, measure=lambda n: {"open": n % 2})
    """

    name: str
    encode: Callable[..., bytes]
    f_port: int
    measure: Callable[[int], Mapping[str, Any]]
    application: tuple[str, str, str] = ("mine", "mine", "1")

    def uplink(self, count: int, given: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Readings and payload of the uplink after `count` others; what is given takes the place of what is measured.

        ValueError for a reading that it has not, ModelError where the author's code breaks.
        """
        measured = self._asked("measure", self.measure, count)
        if not isinstance(measured, Mapping):
            raise ModelError(f"the model {self.name}: measure gave back {measured!r:.40}, and not readings by name")
        for name in given:
            if name not in measured:
                near = get_close_matches(name, list(measured), n=1)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(measured) or 'none'}"
                raise ValueError(f"{name} is no reading of {self.name}; {hint}")
        readings = {**measured, **given}
        payload = self._asked("encode", self.encode, **readings)
        if not isinstance(payload, bytes | bytearray):
            raise ModelError(f"the model {self.name}: encode gave back {payload!r:.40}, and not bytes")
        return readings, bytes(payload)

    def _asked(self, what: str, function: Callable[..., Any], *values: Any, **named: Any) -> Any:
        try:
            return function(*values, **named)
        except Exception as error:  # noqa: BLE001 - it is an author's, and may be any
            last = traceback.extract_tb(error.__traceback__)[-1]
            told = f"{type(error).__name__}: {error}".partition("\n")[0]
            with_ = ", ".join(f"{name}={value!r:.20}" for name, value in named.items()) or str(values[0])
            place = f"{Path(last.filename).name}:{last.lineno}"
            raise ModelError(f"the model {self.name} broke in {what}({with_}), {place}: {told}") from None
