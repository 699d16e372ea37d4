"""MAC commands of LoRaWAN 1.0.x: a table of sizes, bytes to commands and back (LoRaWAN 1.0.2, chapter 5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple, Self

from uplab.simulator.lorawan.frame import DataFrame, FrameError, is_downlink

__all__ = [
    "COMMANDS",
    "DEVICE_TIME",
    "DEV_STATUS",
    "DUTY_CYCLE",
    "LINK_ADR",
    "LINK_CHECK",
    "NEW_CHANNEL",
    "RX_PARAM_SETUP",
    "RX_TIMING_SETUP",
    "DevStatusAns",
    "DeviceTimeAns",
    "LinkAdrAns",
    "LinkAdrReq",
    "LinkCheckAns",
    "MacCommand",
    "Size",
    "carried_by",
    "duty_cycle_req",
    "encode",
    "new_channel_req",
    "parse",
    "rx_param_setup_req",
    "rx_timing_setup_req",
]

LINK_CHECK: Final = 0x02
LINK_ADR: Final = 0x03
DUTY_CYCLE: Final = 0x04
RX_PARAM_SETUP: Final = 0x05
DEV_STATUS: Final = 0x06
NEW_CHANNEL: Final = 0x07
RX_TIMING_SETUP: Final = 0x08
DEVICE_TIME: Final = 0x0D


class Size(NamedTuple):
    """Name of a command and the bytes after its CID, in an uplink and in a downlink."""

    name: str
    uplink_bytes: int
    downlink_bytes: int


COMMANDS: Final[Mapping[int, Size]] = MappingProxyType(
    {
        LINK_CHECK: Size("LinkCheck", 0, 2),
        LINK_ADR: Size("LinkADR", 1, 4),
        DUTY_CYCLE: Size("DutyCycle", 0, 1),
        RX_PARAM_SETUP: Size("RXParamSetup", 1, 4),
        DEV_STATUS: Size("DevStatus", 2, 0),
        NEW_CHANNEL: Size("NewChannel", 1, 5),
        RX_TIMING_SETUP: Size("RXTimingSetup", 0, 1),
        0x09: Size("TxParamSetup", 0, 1),
        0x0A: Size("DlChannel", 1, 4),
        DEVICE_TIME: Size("DeviceTime", 0, 5),  # from 1.0.3
    }
)


@dataclass(frozen=True, slots=True)
class MacCommand:
    """A command as it travels: its CID and the bytes behind it."""

    cid: int
    payload: bytes = b""

    @property
    def name(self) -> str:
        """Return the name of the standard, or the CID in hexadecimal when it has none."""
        size = COMMANDS.get(self.cid)
        return size.name if size else f"{self.cid:02X}"


def parse(commands: bytes, *, downlink: bool) -> tuple[MacCommand, ...]:
    """Return the commands of FOpts or of an FPort 0 payload; FrameError when one is unknown or cut short.

    The size of an unknown command is unknown, so that nothing behind it can be read either.
    """
    found: list[MacCommand] = []
    offset = 0
    while offset < len(commands):
        cid = commands[offset]
        size = COMMANDS.get(cid)
        if size is None:
            raise FrameError(f"MAC command {cid:02x} at byte {offset} is unknown")
        end = offset + 1 + (size.downlink_bytes if downlink else size.uplink_bytes)
        if end > len(commands):
            raise FrameError(f"MAC command {size.name} at byte {offset} is cut short")
        found.append(MacCommand(cid, commands[offset + 1 : end]))
        offset = end
    return tuple(found)


def encode(commands: Iterable[MacCommand], *, downlink: bool) -> bytes:
    """Return commands as bytes; FrameError when one has not the size of its kind."""
    parts: list[bytes] = []
    for command in commands:
        size = COMMANDS.get(command.cid)
        if size is None:
            raise FrameError(f"cid: {command.cid:#04x} is no MAC command of LoRaWAN 1.0")
        expected = size.downlink_bytes if downlink else size.uplink_bytes
        if len(command.payload) != expected:
            raise FrameError(f"{size.name}: {len(command.payload)} bytes, expected {expected}")
        parts.append(bytes((command.cid,)) + command.payload)
    return b"".join(parts)


def carried_by(frame: DataFrame) -> tuple[MacCommand, ...]:
    """Return the commands that a frame carries, in FOpts or as the payload of FPort 0; FrameError as parse."""
    return parse(frame.payload if frame.f_port == 0 else frame.f_opts, downlink=is_downlink(frame.m_type))


@dataclass(frozen=True, slots=True)
class LinkCheckAns:
    """How well the network hears: dB above the demodulation floor, and by how many gateways."""

    margin_db: int
    gateway_count: int

    def command(self) -> MacCommand:
        """Return the downlink command; FrameError names a value that does not fit."""
        margin = _fits("margin_db", self.margin_db, 0, 254)
        return MacCommand(LINK_CHECK, bytes((margin, _fits("gateway_count", self.gateway_count, 1, 255))))

    @classmethod
    def of(cls, command: MacCommand) -> Self:
        """Return what the downlink command says."""
        margin_db, gateway_count = _payload(command, LINK_CHECK, 2)
        return cls(margin_db, gateway_count)


@dataclass(frozen=True, slots=True)
class LinkAdrReq:
    """What the network wants of a device: data rate, TXPower index, channels as bits, transmissions of each uplink."""

    data_rate: int
    tx_power: int
    channel_mask: int
    channel_mask_control: int = 0
    transmissions: int = 1

    def command(self) -> MacCommand:
        """Return the downlink command; FrameError names a value that does not fit."""
        rate_power = _fits("data_rate", self.data_rate, 0, 15) << 4 | _fits("tx_power", self.tx_power, 0, 15)
        mask = _fits("channel_mask", self.channel_mask, 0, 0xFFFF)
        control = _fits("channel_mask_control", self.channel_mask_control, 0, 7)
        redundancy = control << 4 | _fits("transmissions", self.transmissions, 0, 15)
        return MacCommand(LINK_ADR, bytes((rate_power, *mask.to_bytes(2, "little"), redundancy)))

    @classmethod
    def of(cls, command: MacCommand) -> Self:
        """Return what the downlink command says."""
        rate_power, low, high, redundancy = _payload(command, LINK_ADR, 4)
        return cls(rate_power >> 4, rate_power & 15, low | high << 8, redundancy >> 4 & 7, redundancy & 15)


@dataclass(frozen=True, slots=True)
class LinkAdrAns:
    """Which parts of a LinkADRReq the device takes; it changes nothing unless it takes all."""

    power_ok: bool = True
    data_rate_ok: bool = True
    channel_mask_ok: bool = True

    def command(self) -> MacCommand:
        """Return the uplink command."""
        return MacCommand(LINK_ADR, bytes((self.power_ok << 2 | self.data_rate_ok << 1 | self.channel_mask_ok,)))

    @classmethod
    def of(cls, command: MacCommand) -> Self:
        """Return what the uplink command says."""
        (status,) = _payload(command, LINK_ADR, 1)
        return cls(status & 4 != 0, status & 2 != 0, status & 1 != 0)


@dataclass(frozen=True, slots=True)
class DevStatusAns:
    """Battery, 0 external, 1 to 254 empty to full, 255 unknown; SNR in dB of the last DevStatusReq, -32 to 31."""

    battery: int
    margin_db: int

    def command(self) -> MacCommand:
        """Return the uplink command; FrameError names a value that does not fit."""
        margin = _fits("margin_db", self.margin_db, -32, 31) & 0x3F
        return MacCommand(DEV_STATUS, bytes((_fits("battery", self.battery, 0, 255), margin)))

    @classmethod
    def of(cls, command: MacCommand) -> Self:
        """Return what the uplink command says."""
        battery, margin = _payload(command, DEV_STATUS, 2)
        return cls(battery, (margin & 0x3F ^ 0x20) - 0x20)


@dataclass(frozen=True, slots=True)
class DeviceTimeAns:
    """What time it was when the uplink that asked ended: GPS seconds, in steps of 1/256 s (LoRaWAN 1.0.3, 5.10)."""

    gps_s: float

    def command(self) -> MacCommand:
        """Return the downlink command; FrameError names a value that does not fit."""
        steps = _fits("gps_s", int(self.gps_s * 256), 0, 0xFF_FFFF_FFFF)
        return MacCommand(DEVICE_TIME, (steps >> 8).to_bytes(4, "little") + bytes((steps & 0xFF,)))

    @classmethod
    def of(cls, command: MacCommand) -> Self:
        """Return what the downlink command says."""
        *seconds, steps = _payload(command, DEVICE_TIME, 5)
        return cls(int.from_bytes(bytes(seconds), "little") + steps / 256)


def duty_cycle_req(exponent: int) -> MacCommand:
    """Return the request to send at most 1 / 2^exponent of the time; `exponent` 0 to 15."""
    return MacCommand(DUTY_CYCLE, bytes((_fits("exponent", exponent, 0, 15),)))


def rx_param_setup_req(*, rx1_dr_offset: int, rx2_data_rate: int, frequency_hz: int) -> MacCommand:
    """Return the request to change the receive windows; `frequency_hz` is that of RX2."""
    settings = _fits("rx1_dr_offset", rx1_dr_offset, 0, 7) << 4 | _fits("rx2_data_rate", rx2_data_rate, 0, 15)
    return MacCommand(RX_PARAM_SETUP, bytes((settings,)) + _frequency(frequency_hz))


def new_channel_req(*, index: int, frequency_hz: int, min_data_rate: int, max_data_rate: int) -> MacCommand:
    """Return the request to use another channel; `frequency_hz` 0 takes the channel away."""
    rates = _fits("max_data_rate", max_data_rate, 0, 15) << 4 | _fits("min_data_rate", min_data_rate, 0, 15)
    channel = bytes((_fits("index", index, 0, 255),))
    return MacCommand(NEW_CHANNEL, channel + _frequency(frequency_hz) + bytes((rates,)))


def rx_timing_setup_req(delay_s: int) -> MacCommand:
    """Return the request to open RX1 `delay_s` after the uplink, 1 to 15."""
    return MacCommand(RX_TIMING_SETUP, bytes((_fits("delay_s", delay_s, 1, 15),)))


def _frequency(frequency_hz: int) -> bytes:
    if frequency_hz % 100:
        raise FrameError(f"frequency_hz: {frequency_hz} is no multiple of 100")
    return _fits("frequency_hz", frequency_hz // 100, 0, 0xFF_FFFF).to_bytes(3, "little")


def _fits(field: str, value: int, low: int, high: int) -> int:
    if not low <= value <= high:
        raise FrameError(f"{field}: {value}, expected {low} to {high}")
    return value


def _payload(command: MacCommand, cid: int, size: int) -> bytes:
    if command.cid != cid or len(command.payload) != size:
        raise FrameError(f"{command.name} of {len(command.payload)} bytes, expected {COMMANDS[cid].name} of {size}")
    return command.payload
