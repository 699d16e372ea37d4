"""Identifiers and keys of LoRaWAN: what people write as hexadecimal and the air carries as little-endian bytes."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar, Self

__all__ = ["DevAddr", "DevEUI", "Eui64", "JoinEUI", "Key"]

_HEX_DIGITS = frozenset("0123456789abcdefABCDEF")


class _HexId(str):
    """Upper-case hexadecimal text of a fixed number of bytes, most significant first."""

    __slots__ = ("_wire",)
    _BYTES: ClassVar[int]
    _wire: bytes

    def __new__(cls, text: str) -> Self:
        if len(text) != 2 * cls._BYTES or not _HEX_DIGITS.issuperset(text):
            raise ValueError(f"{cls.__name__}: expected {2 * cls._BYTES} hexadecimal digits, got {text!r}")
        value = super().__new__(cls, text.upper())
        value._wire = bytes.fromhex(text)[::-1]
        return value

    def __getnewargs__(self) -> tuple[str]:
        return (str(self),)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def wire(self) -> bytes:
        """Return the bytes as they are sent, least significant first."""
        return self._wire

    @classmethod
    def from_wire(cls, wire: bytes) -> Self:
        """Return the identifier that was sent as these bytes; ValueError when their number is wrong."""
        return cls(wire[::-1].hex())


class Eui64(_HexId):
    """A 64-bit identifier, 16 upper-case hexadecimal digits."""

    __slots__ = ()
    _BYTES = 8


class DevEUI(Eui64):
    """Names a device for ever."""

    __slots__ = ()


class JoinEUI(Eui64):
    """Names the join server of a device; LoRaWAN 1.0 calls it AppEUI."""

    __slots__ = ()


class DevAddr(_HexId):
    """Names a device within its network for one session, 8 upper-case hexadecimal digits."""

    __slots__ = ()
    _BYTES = 4

    @classmethod
    @lru_cache(maxsize=65_536)  # every received frame asks, and mostly for an address seen before
    def from_wire(cls, wire: bytes) -> Self:
        """Return the address that was sent as these four bytes; ValueError when they are not four."""
        return cls(wire[::-1].hex())


class Key(bytes):
    """An AES-128 key; its repr hides it, so that no log or assertion shows it."""

    __slots__ = ()

    def __new__(cls, value: bytes) -> Self:
        if len(value) != 16:
            raise ValueError(f"Key: expected 16 bytes, got {len(value)}")
        return super().__new__(cls, value)

    @classmethod
    def from_hex(cls, text: str) -> Self:
        """Return the key written as 32 hexadecimal digits; ValueError, without the text, when it is not."""
        if len(text) != 32 or not _HEX_DIGITS.issuperset(text):
            raise ValueError(f"Key: expected 32 hexadecimal digits, got {len(text)} characters")
        return cls(bytes.fromhex(text))

    def __getnewargs__(self) -> tuple[bytes]:
        return (bytes(self),)

    def __repr__(self) -> str:
        return "Key(hidden)"

    __str__ = __repr__
