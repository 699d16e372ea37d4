"""Conditions of a document: what it holds, at the boundary of what is documented, or odd but allowed."""

from collections.abc import Mapping
from functools import partial
from operator import eq
from typing import Any, Final

from uplab.scenarios.checks.conditions.condition import Condition
from uplab.scenarios.checks.content.decoded import Reading, read_uplink
from uplab.simulator.thingpark.documents import ROOTS, UPLINK

__all__ = ["JOIN", "OF_READINGS", "OF_REPORTS", "OF_ROOTS", "Report", "is_join", "reading_of"]

Report = Mapping[str, Any]

_LORAWAN = "LoRaWAN 1.0.4"
_CONTRACT = "CONTRACT 2"
_FIELD = "seen in the field"


def _whole(value: Any) -> int:
    """A whole number in either regime; -1 where it is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 12 else -1


def _bytes(report: Report) -> int:
    coded = report.get("payload_hex")
    return len(coded) // 2 if isinstance(coded, str) else -1


def _gateways(report: Report) -> Any:
    lrrs = report.get("Lrrs")
    return lrrs.get("Lrr") if isinstance(lrrs, dict) else None


def _number_of_gateways(report: Report) -> int:
    found = _gateways(report)
    return len(found) if isinstance(found, list) else 1 if isinstance(found, dict) else -1


def _offset(report: Report) -> str:
    """How Time writes its offset; nothing where there is no Time."""
    time = report.get("Time")
    return time[-6:] if isinstance(time, str) and len(time) > 6 else ""


def _driver(report: Report, by: str) -> bool:
    driver = report.get("DriverCfg")
    return isinstance(driver, dict) and by in driver


def _customer(report: Report) -> Any:
    return report.get("CustomerData")


def _row(name: str, source: str, holds: Any, about: str = "uplink") -> Condition[Report]:
    return Condition(name, about, source, holds)


OF_REPORTS: Final[tuple[Condition[Report], ...]] = (
    _row("FPort absent", _CONTRACT, lambda r: r.get("FPort") is None),
    _row("FPort 0", _LORAWAN, lambda r: _whole(r.get("FPort")) == 0),
    _row("FPort 1", _LORAWAN, lambda r: _whole(r.get("FPort")) == 1),
    _row("FPort 223 or 224", _LORAWAN, lambda r: _whole(r.get("FPort")) in (223, 224)),
    _row("payload of no byte", _LORAWAN, lambda r: _bytes(r) == 0),
    _row("payload of 1 byte", _LORAWAN, lambda r: _bytes(r) == 1),
    _row("payload of more than 51 bytes", "RP002", lambda r: 51 < _bytes(r) <= 200),
    _row("payload of more than 200 bytes", "RP002", lambda r: _bytes(r) > 200),
    _row("payload in capitals", _FIELD, lambda r: str(r.get("payload_hex")).lower() != str(r.get("payload_hex"))),
    _row("FCntUp 0", _LORAWAN, lambda r: _whole(r.get("FCntUp")) == 0),
    _row("FCntUp 65,535", _LORAWAN, lambda r: _whole(r.get("FCntUp")) == 65_535),
    _row("FCntUp past 16 bits", _LORAWAN, lambda r: _whole(r.get("FCntUp")) > 65_535),
    _row("FCntUp past 31 bits", _LORAWAN, lambda r: _whole(r.get("FCntUp")) > 2**31 - 1),
    _row("FCntUp absent", _FIELD, lambda r: r.get("FCntUp") is None and "payload_hex" in r),
    _row("confirmed", _LORAWAN, lambda r: _whole(r.get("MType")) == 4),
    _row("acknowledges a downlink", _LORAWAN, lambda r: _whole(r.get("ACKbit")) == 1),
    _row("late", _FIELD, lambda r: _whole(r.get("Late")) == 1),
    _row("no Time", _FIELD, lambda r: r.get("Time") is None),
    _row("Time east of UTC", "ISO 8601", lambda r: _offset(r)[:1] == "+" and _offset(r) != "+00:00"),
    _row("Time west of UTC", "ISO 8601", lambda r: _offset(r)[:1] == "-" and ":" in _offset(r)),
    _row("numbers as texts", _CONTRACT, lambda r: isinstance(r.get("FCntUp"), str)),
    _row("no gateway", _CONTRACT, lambda r: _number_of_gateways(r) == 0, "gateways"),
    _row("one gateway", _CONTRACT, lambda r: _number_of_gateways(r) == 1, "gateways"),
    _row("one gateway without a list", _CONTRACT, lambda r: isinstance(_gateways(r), dict), "gateways"),
    _row("several gateways", _CONTRACT, lambda r: 1 < _number_of_gateways(r) < 10, "gateways"),
    _row("ten gateways or more", _FIELD, lambda r: _number_of_gateways(r) >= 10, "gateways"),
    _row("SNR of 0", _LORAWAN, lambda r: r.get("LrrSNR") in (0, "0", "0.0", "0.000000"), "gateways"),
    _row("SNR below 0", _LORAWAN, lambda r: str(r.get("LrrSNR")).startswith("-"), "gateways"),
    _row("no CustomerData", _CONTRACT, lambda r: _customer(r) is None),
    _row("tags", _CONTRACT, lambda r: isinstance(_customer(r), dict) and bool(_customer(r).get("tags"))),
    _row("letters beyond ASCII", "RFC 8259", lambda r: not str(_customer(r)).isascii()),
    _row("no driver", _CONTRACT, lambda r: r.get("DriverCfg") is None and "payload_hex" in r),
    _row("driver by mod alone", _CONTRACT, lambda r: _driver(r, "mod") and not _driver(r, "app")),
    _row("driver by app", _CONTRACT, lambda r: _driver(r, "app")),
)
"""Of an uplink, by what stands under its root."""


def _says(reading: Reading, holds: Any) -> bool:
    return any(holds(one.value) for one in reading.quantities or ())


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _of_reading(name: str, holds: Any) -> Condition[Reading]:
    return Condition(name, "decoded", "manuals", holds)


_MODELS: Final[Mapping[str, tuple[str, ...]]] = {
    "Abeeway": ("abeeway/tracker", "abeeway/micro-tracker", "abeeway/asset-tracker"),
    "Adeunis": ("adeunis/ftd", "adeunis/field-test"),
    "Axioma": ("axioma/w1",),
    "Dragino": ("dragino/lht65",),
    "Ellenex": ("ellenex/pls2-l",),
    "Elsys": ("elsys/ers",),
    "Milesight": ("milesight/em300-th", "msight/em300-th"),
    "nke": ("nke/th", "watteco/th"),
}


def _is_of(names: tuple[str, ...], reading: Reading) -> bool:
    return reading.model in names


OF_READINGS: Final[tuple[Condition[Reading], ...]] = (
    _of_reading("a value of 0", lambda r: _says(r, lambda value: _is_number(value) and value == 0)),
    _of_reading("a value below 0", lambda r: _says(r, lambda value: _is_number(value) and value < 0)),
    _of_reading("a value that is false", lambda r: _says(r, lambda value: value is False)),
    _of_reading("a port that is not its model's", lambda r: r.error),
    _of_reading("a driver that nobody here knows", lambda r: r.model is None and r.quantities is None),
    *(Condition(f"a device of {who}", "device", "manuals", partial(_is_of, names)) for who, names in _MODELS.items()),
)
"""Of an uplink, by what its payload says."""


JOIN: Final = ("a join", "other documents", _CONTRACT)
"""It is an uplink by its root, and meets nothing of what is asked of one."""


def is_join(report: Report) -> bool:
    """Whether a DevEUI_uplink tells of a join: it has neither port nor payload."""
    return not any(name in report for name in ("FPort", "payload_hex", "rawMacCommands"))


def reading_of(report: Report) -> Reading:
    """What the payload of an uplink says."""
    return read_uplink(report)


OF_ROOTS: Final[tuple[Condition[str], ...]] = tuple(
    Condition(name, "other documents", "CONTRACT 2", partial(eq, name)) for name in ROOTS if name != UPLINK
)
"""Of a document, by its root."""
