"""The data types of MQTT on the wire: integers, strings, binary data (MQTT 3.1.1 §1.5, MQTT 5 §1.5)."""

__all__ = ["Reader", "WireError", "binary", "text", "varint"]


class WireError(Exception):
    """What arrived is not MQTT; `code` is the reason code of MQTT 5 for it."""

    def __init__(self, reason: str, code: int = 0x81) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class Reader:
    """Reads one packet's body from the front; every method raises WireError when the bytes do not suffice."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes, at: int = 0) -> None:
        self._data = data
        self._at = at

    @property
    def left(self) -> int:
        """How many bytes are not read yet."""
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        start, end = self._at, self._at + count
        if end > len(self._data):
            raise WireError(f"packet ends {end - len(self._data)} bytes too early")
        self._at = end
        return self._data[start:end]

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(self.left)

    def u8(self) -> int:
        """One byte."""
        return self.take(1)[0]

    def u16(self) -> int:
        """Two bytes, big-endian."""
        return int.from_bytes(self.take(2), "big")

    def u32(self) -> int:
        """Four bytes, big-endian."""
        return int.from_bytes(self.take(4), "big")

    def varint(self) -> int:
        """A variable byte integer of at most four bytes."""
        value = 0
        for shift in (0, 7, 14, 21):
            byte = self.u8()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
        raise WireError("variable byte integer of more than four bytes")

    def binary(self) -> bytes:
        """Binary data with its length in front."""
        return self.take(self.u16())

    def text(self) -> str:
        """A UTF-8 string with its length in front, without U+0000 (MQTT 3.1.1 §1.5.3)."""
        data = self.binary()
        try:
            value = data.decode()
        except UnicodeDecodeError as error:
            raise WireError(f"string is not UTF-8: {error.reason}") from None
        if "\0" in value:
            raise WireError("string holds U+0000")
        return value

    def packet_id(self) -> int:
        """A packet identifier, which is never 0 (MQTT 3.1.1 §2.3.1)."""
        value = self.u16()
        if not value:
            raise WireError("packet identifier is 0", 0x82)
        return value


def varint(value: int) -> bytes:
    """Write a variable byte integer; raises ValueError beyond 268,435,455."""
    if not 0 <= value < 1 << 28:
        raise ValueError(f"variable byte integer must be 0 to 268435455, not {value}")
    out = bytearray()
    while value > 0x7F:
        out.append(0x80 | value & 0x7F)
        value >>= 7
    out.append(value)
    return bytes(out)


def binary(value: bytes) -> bytes:
    """Write binary data with its length in front; raises ValueError beyond 65,535 bytes."""
    if len(value) > 0xFFFF:
        raise ValueError(f"at most 65535 bytes fit, not {len(value)}")
    return len(value).to_bytes(2, "big") + value


def text(value: str) -> bytes:
    """Write a UTF-8 string with its length in front."""
    return binary(value.encode())
