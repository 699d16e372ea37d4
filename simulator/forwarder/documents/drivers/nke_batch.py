"""The batch reports of NKE Watteco's sensors: many samples in one uplink, as differences in codes of a varying length.

A batch begins with the first value of each measured quantity, whole; then come differences, each as the number of its
bits (a Huffman code of one of three tables) and these bits; at its end the time of sending. Times count seconds of the
device's own clock, so that a sample's age is what it tells. Bits are taken from the least significant of each byte on.

Source: Watteco's public decoders (github.com/Watteco/Codec-Report-Batch-Python, -Javascript) and their vectors.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from uplab.simulator.forwarder.documents.drivers.driver import DriverError

__all__ = ["Batch", "Quantity", "Sample", "read_batch"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a label stands for: a value's bits, whether it has a sign, its step, and by what it is divided."""

    name: str
    bits: int
    signed: bool = False
    step: int = 1
    divisor: int = 1
    real: bool = False
    """A float of 32 bits (IEEE 754)."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One value, and how many seconds before the batch was sent it was measured."""

    name: str
    value: float
    age_s: int


@dataclass(slots=True)
class Batch:
    """What was read: filled from the front, so that of a batch which breaks off the samples before remain."""

    counter: int = 0
    sent_s: int | None = None
    series: dict[int, list[tuple[int, float]]] = field(default_factory=dict)
    """By label: the device's time in seconds, and the value as it was sent."""

    def samples(self, quantities: dict[int, Quantity]) -> Iterator[Sample]:
        """The samples of each quantity in the order of its label; none where the time of sending is not known."""
        for label, values in sorted(self.series.items()):
            told = quantities[label]
            for at_s, value in values:
                if self.sent_s is not None:
                    yield Sample(told.name, value / told.divisor if told.divisor > 1 else value, self.sent_s - at_s)


# Each code by the number of bits that it stands for, from 0 to 15; 15 stands for a whole value.
_LONG: Final = ("1000000000", *(f"10000000{rest:03b}" for rest in range(2, 8)))
_SHORT: Final = ("101", "1001", "10001", "100001", "1000001", "10000001")
_TABLES: Final = tuple(
    {code: size for size, code in enumerate(codes)}
    for codes in (
        ("00", "01", "11", *_SHORT, *_LONG),
        (
            *("1101111", "11010", "1100", "011", "111", "10", "00", "010", "110110", "110111011", "110111001"),
            *("1101110101", "1101110100", "1101110000", "11011100011", "11011100010"),
        ),
        ("1001", "101", "00", "01", "11", *_SHORT[2:], *_LONG),
    )
)
_TIMES: Final = 1  # the table of times outside of a common list
_WHOLE: Final = 15
_WHOLE_BITS: Final = 32


class _Bits:
    def __init__(self, payload: bytes) -> None:
        self._payload = payload
        self._at = 0

    def one(self) -> int:
        if self._at >= 8 * len(self._payload):
            raise DriverError("the batch is cut off")
        bit = self._payload[self._at // 8] >> self._at % 8 & 1
        self._at += 1
        return bit

    def number(self, count: int) -> int:
        """So many bits, the most significant byte first, of which only its lower bits are sent."""
        value = 0
        for size in ((count % 8 or 8), *([8] * ((count - 1) // 8))) if count else ():
            value = value << 8 | sum(self.one() << place for place in range(size))
        return value

    def size(self, table: int) -> int:
        """How many bits follow, by a code of one of the tables."""
        if table >= len(_TABLES):
            raise DriverError(f"the batch names the table {table}, which there is not")
        code = ""
        while len(code) < 11:
            code += str(self.one())
            if code in _TABLES[table]:
                return _TABLES[table][code]
        raise DriverError(f"the batch holds {code}, which is no code of its table")

    def time(self, table: int, before: int) -> int:
        """A time, as what has passed since another one."""
        size = self.size(table)
        if size == _WHOLE:
            return self.number(_WHOLE_BITS)
        return before + self.number(size) + 2**size - 1 if size else before

    def value(self, told: Quantity) -> float:
        whole = self.number(told.bits)
        if told.real:
            return float(struct.unpack(">f", whole.to_bytes(4, "big"))[0])
        return whole - (1 << told.bits) if told.signed and whole >> told.bits - 1 else whole


@dataclass(slots=True)
class _Coded:
    """How the differences of a series are written: 0 up and down, 1 up, 2 down."""

    kind: int = 0
    table: int = 0


def read_batch(payload: bytes, label_bits: int, quantities: dict[int, Quantity], into: Batch) -> None:
    """Read a batch report with its first byte; DriverError where it cannot be read on, with what was before in `into`.

    A device's labels and what they measure are settings of its model, and in no frame.
    """
    bits = _Bits(payload)
    flags = bits.number(8)
    common, alone, count = flags >> 1 & 1, flags >> 2 & 1, flags >> 4
    into.counter = bits.number(3)
    bits.one()  # reserved
    coded: dict[int, _Coded] = {}
    last_s = first = 0
    for number in range(count):
        label, told = _label(bits, label_bits, quantities)
        last_s = bits.number(_WHOLE_BITS) if number == 0 else bits.time(_TIMES, last_s)
        first = label if number == 0 else first
        into.series[label] = [(last_s, bits.value(told))]
        if not alone:
            coded[label] = _Coded(bits.number(2), bits.number(2))
    if not alone:
        read = _common if common else _apart
        last_s = read(bits, label_bits, quantities, into, coded, first if common else last_s)
    into.sent_s = bits.time(_TIMES, last_s) if last_s else bits.number(_WHOLE_BITS)


def _label(
    bits: _Bits, label_bits: int, quantities: dict[int, Quantity], coded: dict[int, _Coded] | None = None
) -> tuple[int, Quantity]:
    """A label; of differences only one that has a first value."""
    label = bits.number(label_bits)
    if label not in (quantities if coded is None else coded):
        raise DriverError(f"the batch holds label {label}, of which nothing is known")
    return label, quantities[label]


def _common(
    bits: _Bits, label_bits: int, quantities: dict[int, Quantity], into: Batch, coded: dict[int, _Coded], first: int
) -> int:
    """Samples at times that all quantities share; the first time is that of the first whole value."""
    count, table = bits.number(8), bits.number(2)
    times: list[int] = []
    for number in range(count):
        size = bits.size(table)
        if size == _WHOLE:
            times.append(bits.number(_WHOLE_BITS))
        elif number == 0:
            times.append(into.series[first][0][0])
        else:
            times.append(times[-1] + (bits.number(size) + 2**size - 1 if size else 0))
    for _ in coded:
        label, told = _label(bits, label_bits, quantities, coded)
        begun = False
        for at_s in times:
            if not bits.one():
                continue
            size = bits.size(coded[label].table)
            if size == 0 and not begun:  # the whole value from the beginning once more
                begun = True
                continue
            into.series[label].append((at_s, _next(bits, told, coded[label].kind, size, into.series[label][-1][1])))
    return times[-1] if times else into.series[first][0][0]


def _apart(
    bits: _Bits, label_bits: int, quantities: dict[int, Quantity], into: Batch, coded: dict[int, _Coded], last_s: int
) -> int:
    """Samples with times of their own; the latest of all is what the time of sending counts from."""
    for _ in coded:
        label, told = _label(bits, label_bits, quantities, coded)
        count = bits.number(8)
        table = bits.number(2) if count else 0
        for _ in range(count):
            at_s, value = into.series[label][-1]
            at_s = bits.time(table, at_s)
            value = _next(bits, told, coded[label].kind, bits.size(coded[label].table), value)
            into.series[label].append((at_s, value))
            last_s = max(last_s, at_s)
    return last_s


def _next(bits: _Bits, told: Quantity, kind: int, size: int, before: float) -> float:
    """The next value of a series."""
    if size == _WHOLE:
        return bits.value(told)
    if size == 0:
        return before
    raw = bits.number(size)
    if kind == 0:
        change: int = raw if raw >= 1 << (size - 1) else raw + 1 - (1 << size)
        return before + change * told.step
    moved = (raw + (1 << size) - 1) * told.step
    return before + moved if kind == 1 else before - moved
