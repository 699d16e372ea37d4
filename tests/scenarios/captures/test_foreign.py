"""Events of other network servers are called by their name, by send as by judge; ids are invented."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from uplab.scenarios.captures.document import DocumentError, sendable
from uplab.scenarios.captures.foreign import foreign, foreign_among
from uplab.scenarios.cli.hand.series import read_series
from uplab.scenarios.cli.main import app

TIME = "2026-05-04T03:02:01Z"
EVENTS: dict[str, tuple[dict[str, Any], str]] = {
    "4": ({"time": TIME, "deviceInfo": {"devEui": "0018b20000001234"}, "fPort": 5, "data": "AQ=="}, "ChirpStack"),
    "3": ({"applicationID": "1", "deviceName": "d", "devEUI": "ABiyAAAAEjQ=", "data": "AQ=="}, "ChirpStack"),
    "ttn": ({"end_device_ids": {"device_id": "d"}, "uplink_message": {"frm_payload": "AQ=="}}, "The Things Stack"),
    "aws": ({"WirelessDeviceId": "d", "PayloadData": "AQ==", "WirelessMetadata": {}}, "AWS IoT Core for LoRaWAN"),
    "loriot": ({"cmd": "rx", "EUI": "0018B20000001234", "data": "01"}, "LORIOT"),
}


@pytest.mark.parametrize("kind", EVENTS)
def test_event_of_another_server_is_named(kind: str, tmp_path: Path) -> None:
    event, server = EVENTS[kind]
    (tmp_path / "one.json").write_text(json.dumps(event))
    (tmp_path / "more.ndjson").write_text(f"{json.dumps(event)}\n{json.dumps(event)}\n")

    assert foreign(event) == server
    with pytest.raises(DocumentError, match=f"it is an event of {server}, and no document of ThingPark"):
        read_series(tmp_path / "one.json", as_is=False)
    with pytest.raises(DocumentError, match=f"none of the 2 requests .*; there are events of {server}"):
        read_series(tmp_path / "more.ndjson", as_is=False)
    shown = CliRunner().invoke(app, ["judge", str(tmp_path / "more.ndjson")])
    assert (shown.exit_code, server in shown.output) == (4, True)


def test_what_is_nobodys_keeps_its_own_words() -> None:
    assert foreign_among([None, b"?", b"[]", b"{}"]) == ""
    with pytest.raises(DocumentError, match="'data' is no root of a document"):
        sendable(b'{"data": 1}')
