"""What a driver is: a model's reference, the FPorts that it uses, and how its bytes are read and written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Driver", "DriverError", "PartialError", "Reader", "partly", "records"]


class DriverError(Exception):
    """Raised when bytes cannot be decoded or a downlink cannot be encoded; the text is meant for the user."""


class PartialError(DriverError):
    """Raised when a part of an uplink cannot be read; `decoded` is what could, which must not be lost with it."""

    def __init__(self, message: str, decoded: dict[str, Any]) -> None:
        """Keep what was read beside the text."""
        super().__init__(message)
        self.decoded = decoded


@dataclass(frozen=True, slots=True)
class Driver:
    """One device model: `decode` takes FPort and bytes, `encode` takes a downlink object and gives FPort and bytes.

    `module_ids` are the references under which documents name it, in lower case, its own first.
    """

    producer_id: str
    module_ids: tuple[str, ...]
    f_ports: frozenset[int]
    decode: Callable[[int, bytes], dict[str, Any]]
    encode: Callable[[dict[str, Any]], tuple[int, bytes]] | None = None
    doubt: Callable[[bytes, int, float | None], str] = lambda _payload, _f_port, _time_s: ""
    """Why bytes that can be read are not to be believed, given FPort and time of reception (seconds since 1970)."""
    dated: Callable[[dict[str, Any], float], dict[str, Any]] = lambda decoded, _time_s: decoded
    """The decoded object with times that follow from that of reception (seconds since 1970), for which it has ages."""
    points: Callable[[dict[str, Any]], dict[str, Any]] = lambda _decoded: {}
    """The points of a decoded object whose values have times of their own; see `records`."""


def partly(decoded: dict[str, Any], read: Callable[[], None]) -> dict[str, Any]:
    """Let `read` fill `decoded`; where it fails after something was read, that is kept (PartialError)."""
    try:
        read()
    except DriverError as error:
        if decoded:
            raise PartialError(str(error), decoded) from None
        raise
    return decoded


def records(unit_id: str, values: list[tuple[str, float]]) -> dict[str, Any]:
    """Write values and their times (ISO 8601) as a point of ThingPark's documents; unitId is that of its ontology."""
    return {
        "unitId": unit_id,
        "type": "double",
        "records": [{"eventTime": time, "value": value} for time, value in values],
    }


class Reader:
    """Reads a payload from left to right; a read beyond its end raises DriverError."""

    def __init__(self, payload: bytes) -> None:
        self._payload = payload
        self._at = 0

    def __len__(self) -> int:
        """Return the number of bytes that are left."""
        return len(self._payload) - self._at

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        if len(self) < count:
            raise DriverError("wrong payload length")
        self._at += count
        return self._payload[self._at - count : self._at]

    def peek(self, count: int) -> bytes:
        """Return up to `count` bytes without reading them."""
        return self._payload[self._at : self._at + count]

    def unsigned(self, size: int) -> int:
        """Return the next `size` bytes as an unsigned number, most significant byte first."""
        return int.from_bytes(self.take(size), "big")

    def signed(self, size: int) -> int:
        """Return the next `size` bytes as a two's complement number, most significant byte first."""
        return int.from_bytes(self.take(size), "big", signed=True)

    def unsigned_le(self, size: int) -> int:
        """Return the next `size` bytes as an unsigned number, least significant byte first."""
        return int.from_bytes(self.take(size), "little")

    def signed_le(self, size: int) -> int:
        """Return the next `size` bytes as a two's complement number, least significant byte first."""
        return int.from_bytes(self.take(size), "little", signed=True)
