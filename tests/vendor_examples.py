"""What the drivers of the reference forwarder read of vendors' public examples: `python -m tests.vendor_examples`.

tests/vectors/vendor-examples.json has each uplink of those examples with the values that the vendor's own decoder gives
for it, and where it is published. Names are the vendor's; where ours is another one, SAME says which, and MEANING how
the value is written there. NOT_OURS are members of which no driver of ours speaks.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from math import isclose
from pathlib import Path
from typing import Any, NamedTuple

from uplab.simulator.forwarder.documents.drivers import Decoded, decode

__all__ = ["EXAMPLES", "READ_ALL_THE_SAME", "Read", "read"]

EXAMPLES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "vectors" / "vendor-examples.json").read_text(encoding="utf-8")
)

SAME = {
    "trackingMode": "mode",
    "dynamicMotionState": "moving",
    "sosFlag": "userAction",
    "temperatureMeasure": "temperature",
    "bleFirmwareVersion": "bleFwVersion",
    "Hum_SHT": "humidity",
    "TempC_SHT": "temperature",
    "TempC_DS": "externalTemperature",
    "BatV": "batteryVoltage",
    "Bat_status": "batteryStatus",
    "battery_voltage": "batteryVoltage",
}
# Positions in short keep the names of the platform's documented example.
IN_SHORT = {"gpsLatitude": "latitude", "gpsLongitude": "longitude"}
MEANING: dict[str, Callable[[Any], Any]] = {"dynamicMotionState": lambda state: state == "MOVING"}
NOT_OURS = {
    # How the battery is, whether a position has metres, and several settings in one number, which stays a number here;
    # and the settings of a profile, that the vendor's decoder knows and the uplink does not hold.
    "abeeway": {"batteryStatus", "gpsPayloadType", "gpsPrevious", "proximityWhiteListing"}
    | {f"deviceConfiguration.{name}" for name in ("mode", "confirmedUplink", "motionSensitivity")}
    | {
        f"deviceConfiguration.{name}"
        for name in ("transmitStratCustom", "trackingUlPeriod", "periodicPositionInterval")
    },
    "watteco": {"samples", "temperature_unit", "humidity_unit", "report", "endpoint", "report_parameters"},
    "dragino": {"Ext_sensor"},
}
# What the vendor's decoder refuses, because a value is out of the range that a setting may have, and ours reads.
READ_ALL_THE_SAME = {"0720647ca002670000003c1500000100", "0720647ca002670000003c2100000005"}


class Read(NamedTuple):
    """What came of one example: how many values are ours too, which differ, and of which ours says nothing."""

    answer: Decoded
    agreed: int
    wrong: list[str]
    silent: list[str]


def read(example: dict[str, Any]) -> Read:
    """Decode an example as the forwarder does, and hold it against what the vendor says."""
    producer, module, version = example["app"].split(":")
    cfg = {"app": {"pId": producer, "mId": module, "ver": version}}
    answer = decode(cfg, example["f_port"], bytes.fromhex(example["payload_hex"]), _time_s(example))
    agreed, wrong, silent = 0, [], []
    for name, value in _said(example):
        if name in NOT_OURS.get(producer, ()) or (name == "batteryVoltage" and value == 0):  # 0 says that there is none
            continue
        ours = _ours(answer.payload or {}, name, example)
        if ours is None:
            silent.append(name)
        elif _same(MEANING.get(name, lambda one: one)(value), ours):
            agreed += 1
        else:
            wrong.append(f"{name} is {ours!r}, the vendor says {value!r}")
    return Read(answer, agreed, wrong, silent)


def _said(example: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each value of an example; the members of a configuration one by one."""
    for name, value in example.get("says", {}).items():
        if name == "deviceConfiguration":
            yield from ((f"{name}.{inner}", one) for inner, one in value.items())
        else:
            yield name, value


def _ours(payload: dict[str, Any], name: str, example: dict[str, Any]) -> Any:
    holder, _, inner = name.rpartition(".")
    if holder:
        return payload.get(holder, {}).get(inner) if isinstance(payload.get(holder), dict) else None
    if name in payload:
        return payload[name]
    if example["message"] == "SMS" and name == "ackToken":  # it has no header, in which a token would stand
        return example["says"][name]
    if example["message"].startswith("POSITION_MESSAGE") and name in IN_SHORT:
        return payload.get(IN_SHORT[name])
    if example["app"].startswith("ellenex") and name == "battery":
        return payload.get("batteryVoltage")
    return payload.get(SAME.get(name, name))


def _same(said: Any, ours: Any) -> bool:
    if isinstance(said, bool) or isinstance(ours, bool):
        return bool(said) is bool(ours)
    if isinstance(said, int | float) and isinstance(ours, int | float):
        return isclose(said, ours, abs_tol=0.0051)  # vendors round to two digits
    if isinstance(said, dict) and isinstance(ours, dict):
        return said.keys() == ours.keys() and all(_same(said[name], ours[name]) for name in said)
    if isinstance(said, list) and isinstance(ours, list):
        return len(said) == len(ours) and all(map(_same, said, ours))
    if isinstance(said, str) and isinstance(ours, str) and said.endswith("Z") and ours.endswith("Z"):
        return datetime.fromisoformat(said) == datetime.fromisoformat(ours)
    return bool(said == ours)


def _time_s(example: dict[str, Any]) -> float | None:
    told = example.get("time")
    return datetime.fromisoformat(told[:23] + ("Z" if told.endswith("Z") else told[23:])).timestamp() if told else None


def main() -> None:
    """Print the count by message."""
    table: dict[tuple[str, str], Counter[str]] = {}
    for example in EXAMPLES:
        found = read(example)
        row = table.setdefault((example["app"], example["message"]), Counter())
        row["examples"] += 1
        if example.get("error"):
            row["refused"] += found.answer.error is not None
        elif found.answer.payload is not None:
            row["whole" if found.answer.error is None else "in part"] += 1
        row["values"] += found.agreed
        row["differ"] += len(found.wrong)
    columns = ("examples", "whole", "in part", "refused", "values", "differ")
    print(f"{'application':<24}{'message':<48}" + "".join(f"{name:>9}" for name in columns))
    for (app, message), row in sorted(table.items()):
        print(f"{app:<24}{message:<48}" + "".join(f"{row[name]:>9}" for name in columns))
    total = sum(table.values(), Counter())
    print(f"{'all':<72}" + "".join(f"{total[name]:>9}" for name in columns))


if __name__ == "__main__":
    main()
