"""Data frames of LoRaWAN 1.0.x to bytes and back (LoRaWAN 1.0.2, chapter 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from uplab.simulator.lorawan.ids import DevAddr
from uplab.simulator.lorawan.session import A_START, B0_START, SessionKeys, crypt_payload, mic

__all__ = [
    "CONFIRMED_DOWN",
    "CONFIRMED_UP",
    "JOIN_ACCEPT",
    "JOIN_REQUEST",
    "MAX_FCNT_GAP",
    "MAX_PHY_BYTES",
    "UNCONFIRMED_DOWN",
    "UNCONFIRMED_UP",
    "DataFrame",
    "FrameError",
    "Header",
    "MicError",
    "SessionKeys",
    "crypt_payload",
    "decode",
    "encode",
    "is_downlink",
    "peek",
    "read_m_type",
    "reconstruct_f_cnt",
]

JOIN_REQUEST: Final = 0
JOIN_ACCEPT: Final = 1
UNCONFIRMED_UP: Final = 2
UNCONFIRMED_DOWN: Final = 3
CONFIRMED_UP: Final = 4
CONFIRMED_DOWN: Final = 5

MAX_FCNT_GAP: Final = 16_384  # LoRaWAN 1.0.1, chapter 7
MAX_PHY_BYTES: Final = 255  # what the length byte of a LoRa modem can say

_SHORTEST: Final = 12  # MHDR 1, DevAddr 4, FCtrl 1, FCnt 2, MIC 4
_BYTE: Final = tuple(bytes((value,)) for value in range(256))
_Flags = tuple[bool, bool, bool, bool, bool]  # the last fields of a DataFrame


def _flags(nibble: int, downlink: bool) -> _Flags:
    """Return adr, ack, adr_ack_req, f_pending, class_b of the upper half of FCtrl (4.3.1); other bits are dropped."""
    adr, bit6, ack, bit4 = (nibble & bit != 0 for bit in (8, 4, 2, 1))
    return adr, ack, bit6 and not downlink, bit4 and downlink, bit4 and not downlink


_FLAGS: Final = tuple(tuple(_flags(nibble, downlink) for nibble in range(16)) for downlink in (False, True))
_BITS: Final = tuple({flags: nibble << 4 for nibble, flags in reversed([*enumerate(table)])} for table in _FLAGS)


class FrameError(ValueError):
    """These bytes, or these values, are no frame of LoRaWAN 1.0."""


class MicError(ValueError):
    """The integrity code does not fit: another key, another counter, or altered bytes."""


class DataFrame(NamedTuple):
    """A data frame in clear, with all 32 bits of `f_cnt`.

    `f_pending` exists in downlinks only, `adr_ack_req` and `class_b` in uplinks only. A named tuple, because every
    uplink makes two, and a frozen dataclass takes several times as long to make.
    """

    m_type: int
    dev_addr: DevAddr
    f_cnt: int
    f_port: int | None = None
    payload: bytes = b""
    f_opts: bytes = b""
    adr: bool = False
    ack: bool = False
    adr_ack_req: bool = False
    f_pending: bool = False
    class_b: bool = False


_FIRST_FLAG: Final = 6  # where the flags of a DataFrame begin


@dataclass(frozen=True, slots=True)
class Header:
    """What a data frame shows without keys: `f_cnt16` are the low bits of the counter, `mic` is in wire order."""

    m_type: int
    dev_addr: DevAddr
    f_cnt16: int
    mic: bytes


def encode(frame: DataFrame, keys: SessionKeys) -> bytes:
    """Return the PHYPayload of the frame; FrameError names the field that cannot be sent."""
    m_type, dev_addr, f_cnt, f_port, payload, f_opts = frame[:_FIRST_FLAG]
    _check(m_type, f_cnt, f_port, payload, f_opts)
    downlink = m_type & 1
    bits = _BITS[downlink].get(frame[_FIRST_FLAG:])
    if bits is None:
        raise FrameError(_misplaced_flag(frame))
    address = dev_addr.wire()
    counter = f_cnt.to_bytes(4, "little")
    session = address + counter
    message = _BYTE[m_type << 5] + address + _BYTE[bits | len(f_opts)] + counter[:2] + f_opts
    if f_port is not None:
        message += _BYTE[f_port]
        if payload:
            message += (keys.app_cipher if f_port else keys.nwk_cipher).crypt(payload, A_START[downlink] + session)
    if len(message) > MAX_PHY_BYTES - 4:
        raise FrameError(f"payload: {len(payload)} bytes make a frame longer than {MAX_PHY_BYTES}")
    return message + mic(keys, message, B0_START[downlink] + session)


def decode(phy: bytes, keys: SessionKeys, *, f_cnt_high: int = 0, last_f_cnt: int | None = None) -> DataFrame:
    """Return the frame in clear; FrameError when it is malformed, MicError when its integrity code does not fit.

    The upper 16 bits of the counter come from `last_f_cnt`, the full counter received before, else from `f_cnt_high`.
    """
    f_opts_end = _f_opts_end(phy)
    downlink = phy[0] >> 5 & 1
    f_cnt = _full_f_cnt(phy[6] | phy[7] << 8, f_cnt_high, last_f_cnt)
    address = phy[1:5]
    session = address + f_cnt.to_bytes(4, "little")
    message = phy[:-4]
    if mic(keys, message, B0_START[downlink] + session) != phy[-4:]:
        raise MicError(f"wrong MIC {phy[-4:].hex()} for DevAddr {address[::-1].hex()}, counter {f_cnt}")
    f_port: int | None = None
    payload = b""
    if len(message) > f_opts_end:
        f_port = message[f_opts_end]
        payload = message[f_opts_end + 1 :]
        if payload:
            payload = (keys.app_cipher if f_port else keys.nwk_cipher).crypt(payload, A_START[downlink] + session)
    flags = _FLAGS[downlink][phy[5] >> 4]
    return DataFrame(phy[0] >> 5, DevAddr.from_wire(address), f_cnt, f_port, payload, phy[8:f_opts_end], *flags)


def peek(phy: bytes) -> Header:
    """Return what a data frame shows to everybody; FrameError when it is malformed or no data frame."""
    _f_opts_end(phy)
    return Header(phy[0] >> 5, DevAddr.from_wire(phy[1:5]), phy[6] | phy[7] << 8, phy[-4:])


def read_m_type(phy: bytes) -> int:
    """Return the message type of any frame, 0 to 7; FrameError when it is empty or of another major version."""
    if not phy:
        raise FrameError("empty frame")
    if phy[0] & 3:
        raise FrameError(f"major version {phy[0] & 3}, expected 0 (LoRaWAN R1)")
    return phy[0] >> 5


def is_downlink(m_type: int) -> bool:
    """Return whether data frames of this type are sent by the network."""
    return m_type in (UNCONFIRMED_DOWN, CONFIRMED_DOWN)


def reconstruct_f_cnt(low16: int, last: int | None) -> int | None:
    """Return the 32-bit counter whose low bits were received: `last` itself when the frame is a repeat.

    None when it would be more than MAX_FCNT_GAP after `last`, which frames of the past are too.
    Without a `last` the counter is taken as it is.
    """
    if last is None:
        return low16
    gap = (low16 - last) & 0xFFFF
    if gap > MAX_FCNT_GAP or last + gap > 0xFFFF_FFFF:
        return None
    return last + gap


def _full_f_cnt(low16: int, high16: int, last: int | None) -> int:
    if last is None:
        if not 0 <= high16 <= 0xFFFF:
            raise FrameError(f"f_cnt_high: {high16} does not fit 16 bits")
        return high16 << 16 | low16
    full = reconstruct_f_cnt(low16, last)
    if full is None:
        raise FrameError(f"f_cnt: {low16} is no successor of {last}")
    return full


def _f_opts_end(phy: bytes) -> int:
    """Return the offset behind FOpts of a well-formed data frame."""
    size = len(phy)
    if not _SHORTEST <= size <= MAX_PHY_BYTES:
        raise FrameError(f"{size} bytes, expected {_SHORTEST} to {MAX_PHY_BYTES}")
    if not 0x40 <= phy[0] < 0xC0 or phy[0] & 3:
        raise FrameError(f"MHDR {phy[0]:02x} is no data frame of LoRaWAN R1")
    f_opts_bytes = phy[5] & 15
    end = 8 + f_opts_bytes
    if end > size - 4:
        raise FrameError(f"f_opts: {f_opts_bytes} bytes announced, {size - _SHORTEST} there")
    if f_opts_bytes and end < size - 4 and phy[end] == 0:
        raise FrameError("f_opts: must be empty when f_port is 0")  # MAC commands in one place only (4.3.1.6)
    return end


def _check(m_type: int, f_cnt: int, f_port: int | None, payload: bytes, f_opts: bytes) -> None:
    """Raise FrameError when a frame of these cannot be sent."""
    if not UNCONFIRMED_UP <= m_type <= CONFIRMED_DOWN:
        raise FrameError(f"m_type: {m_type} is no data frame, expected 2 to 5")
    if not 0 <= f_cnt <= 0xFFFF_FFFF:
        raise FrameError(f"f_cnt: {f_cnt} does not fit 32 bits")
    if f_port is None:
        if payload:
            raise FrameError("f_port: missing, and there is a payload")
    elif not 0 <= f_port <= 255:
        raise FrameError(f"f_port: {f_port} does not fit a byte")
    if f_opts:
        if len(f_opts) > 15:
            raise FrameError(f"f_opts: {len(f_opts)} bytes, expected at most 15")
        if f_port == 0:
            raise FrameError("f_opts: must be empty when f_port is 0")
    if len(payload) > MAX_PHY_BYTES:
        raise FrameError(f"payload: {len(payload)} bytes make a frame longer than {MAX_PHY_BYTES}")


def _misplaced_flag(frame: DataFrame) -> str:
    if not is_downlink(frame.m_type):
        return "f_pending: not in an uplink"
    return f"{'adr_ack_req' if frame.adr_ack_req else 'class_b'}: not in a downlink"
