"""What the Widgelix tests are made of: documents as a ThingPark network server writes them, and a clock to set."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

__all__ = ["EUI", "ManualClock", "counted_tokens", "join", "sent", "uplink"]

EUI = "A81758FFFE04F27E"


@dataclass
class ManualClock:
    """Seconds since 1970 that stand still."""

    epoch_s: float = 1_767_312_000.0  # 2026-01-02T00:00:00Z

    def __call__(self) -> float:
        return self.epoch_s


def counted_tokens() -> Callable[[], str]:
    """Tokens that repeat with each run: key-1, key-2."""
    numbers = itertools.count(1)
    return lambda: f"key-{next(numbers)}"


def uplink(**changes: Any) -> bytes:
    """An uplink of an Elsys ERS; a member given as None is left out."""
    content: dict[str, Any] = {
        "Time": "2026-01-01T12:00:00.123+00:00",
        "DevEUI": EUI,
        "FPort": 5,
        "FCntUp": 18,
        "MType": 2,
        "FCntDn": 3,
        "payload_hex": "0100e202290400270506",
        "Lrcid": "00000201",
        "LrrRSSI": -46.0,
        "CustomerID": "100000001",
        "DevAddr": "04AB1C2D",
    }
    content |= changes
    return orjson.dumps({"DevEUI_uplink": {name: value for name, value in content.items() if value is not None}})


def join(time: str = "2026-01-01T11:59:00.000+00:00") -> bytes:
    """A join report: the uplink's root, without counter and payload."""
    return orjson.dumps({"DevEUI_uplink": {"Time": time, "DevEUI": EUI, "MType": 0, "rawJoinRequest": "00ab"}})


def sent(correlation_id: str = "00000000000000AB") -> bytes:
    """A report that a downlink was sent."""
    content = {"Time": "2026-01-01T12:00:01.000+00:00", "DevEUI": EUI, "FPort": 5, "DeliveryStatus": 1}
    return orjson.dumps({"DevEUI_downlink_Sent": content | {"CorrelationID": correlation_id}})
