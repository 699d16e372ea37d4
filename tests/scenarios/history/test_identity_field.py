"""Documents as the field has them are known again wherever they turn up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from uplab.scenarios.history.identity import Ledger

FIELD = Path(__file__).parents[2] / "vectors" / "field"
DOCUMENTS = sorted(path for path in FIELD.glob("*.json") if path.stem not in ("nan", "payload-vectors"))
DEV = "0A0B0C0D0E0F0001"


def made(ledger: Ledger, document: dict[str, Any]) -> list[str]:
    return ledger.identify("network.document", {"document": document})


def published(ledger: Ledger, telemetry: object) -> list[str]:
    return ledger.identify("destination.published", {"exchange": 1, "qos": 1, "raw": orjson.dumps(telemetry)})


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_each_is_recognised_in_tunnel_and_at_its_destination(path: Path) -> None:
    ledger, document = Ledger(), json.loads(path.read_text())

    ids = made(ledger, document)

    assert len(ids) == 1
    assert ledger.identify("tunnel.sent", {"attempt": 1, "raw": path.read_bytes()}) == ids
    assert ledger.identify("destination.arrived", {"exchange": 1, "raw": path.read_bytes()}) == ids


def test_telemetry_of_an_uplink_without_a_time_is_known_by_its_device() -> None:
    ledger = Ledger()
    (id_,) = made(ledger, {"DevEUI_uplink": {"DevEUI": DEV, "FCntUp": 1}})

    assert published(ledger, {DEV: [{"ts": 1_700_000_000_250, "values": {"fCntUp": 1}}]}) == [id_]
    assert published(ledger, {"0A0B0C0D0E0F0002": [{"ts": 1_700_000_000_250, "values": {}}]}) == []


def test_device_whose_uplinks_have_times_is_known_by_these_only() -> None:
    ledger = Ledger()
    made(ledger, {"DevEUI_uplink": {"DevEUI": DEV, "FCntUp": 1, "Time": "2026-01-01T00:00:01.000+00:00"}})

    assert published(ledger, {DEV: [{"ts": 5, "values": {}}]}) == []


def test_alarms_of_two_base_stations_are_two() -> None:
    ledger = Ledger()
    alarms = [
        {"BS_alarm": {"LrrID": lrr, "LastUpdateTime": "2026-01-01T00:00:01Z"}} for lrr in ("0F0E0D0C", "0F0E0D0D")
    ]

    assert len({id_ for alarm in alarms for id_ in made(ledger, alarm)}) == 2
