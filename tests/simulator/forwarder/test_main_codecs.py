"""The process with codecs of the user's own: their payloads arrive, and a codec that never ends stops nobody else."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.forwarder.codecs.making import ALLIANCE, package
from tests.simulator.forwarder.destination import Destination
from tests.simulator.forwarder.lrc_stub import LrcStub
from tests.simulator.forwarder.making import OTHER_EUI
from tests.simulator.forwarder.process import Forwarder
from tests.simulator.forwarder.test_main import one_line

LEVEL = {"mod": {"pId": "acme", "mId": "level", "ver": "2"}, "app": {"pId": "acme", "mId": "level", "ver": "2"}}
MINE = {"app": {"pId": "acme", "mId": "mine", "ver": "1"}}


def test_codecs_decode_encode_and_stop_nobody(tmp_path: Path) -> None:
    (tmp_path / "mine.js").write_text(ALLIANCE)
    codecs = f"{package(tmp_path / 'level')},acme:mine={tmp_path / 'mine.js'}"
    arguments = ("--codecs", codecs, "--codec-zone", "America/New_York")
    with (
        LrcStub() as lrc,
        Destination() as destination,
        Forwarder(tmp_path, *arguments, "--network-url", lrc.url) as forwarder,
    ):
        connection = forwarder.create(destination.url)
        forwarder.bind(connection)
        forwarder.bind(connection, OTHER_EUI)
        forwarder.uplink(1, DriverCfg=MINE, FPort=4, payload_hex="00")  # it never ends
        forwarder.uplink(2, DriverCfg=MINE, FPort=3, payload_hex="00")
        forwarder.uplink(1, OTHER_EUI, DriverCfg=LEVEL, FPort=7, payload_hex="000f")
        arrivals = destination.wait_for(3)
        taken = forwarder.downlink(connection, {"DevEUI": OTHER_EUI, "payload": {"on": True}})
        assert (taken.status_code, lrc.queries()[0]["Payload"], lrc.queries()[0]["FPort"]) == (202, "01", "9")
        assert forwarder.downlink(connection, {"DevEUI": OTHER_EUI, "FPort": 1, "payload": 5}).status_code == 400

    told: dict[tuple[str, int], dict[str, Any]] = {(a.uplink["DevEUI"], a.uplink["FCntUp"]): a.uplink for a in arrivals}
    level = told.pop((OTHER_EUI, 1))
    assert (level["payload"]["level"], level["payload"]["hours"]) == (1.5, -5)
    assert level["DriverCfg"]["id"] == "actilitypub:acme-level:3"
    assert level["points"]["level"] == {"unitId": "m", "type": "double", "record": 1.5}
    hanging, half = (told[key] for key in sorted(told))
    assert hanging["payloadDecodedError"]["message"].endswith("it ran for more than 250 ms")
    assert "payload" not in hanging
    assert half["payload"] == {"half": 1}
    assert half["payloadDecodedError"]["message"].endswith("the rest is unknown")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("var nothing = 1", "the codec of acme:mine cannot be loaded: it has no function decodeUplink"),
        (None, "--codecs: must name codecs that there are"),
        ("while (true) {}", "the codec of acme:mine cannot be loaded: it ran for more than 250 ms"),
    ],
)
def test_codec_that_cannot_be_used_is_said_in_one_line(tmp_path: Path, source: str | None, words: str) -> None:
    if source is not None:
        (tmp_path / "mine.js").write_text(source)

    assert words in one_line(tmp_path, "--codecs", f"acme:mine={tmp_path / 'mine.js'}")


def test_zone_that_is_none_is_said(tmp_path: Path) -> None:
    assert "must be a time zone of the IANA database" in one_line(tmp_path, "--codec-zone", "Mars/Base")


def test_measurements_with_times_of_their_own_go_out_as_points(tmp_path: Path) -> None:
    cfg = {"app": {"pId": "msight", "mId": "em300-th", "ver": "1"}}
    with Destination() as destination, Forwarder(tmp_path) as forwarder:
        forwarder.bind(forwarder.create(destination.url))
        forwarder.uplink(1, DriverCfg=cfg, FPort=85, payload_hex="20ce9e74466310015d00")
        (arrival,) = destination.wait_for(1)

    assert arrival.uplink["points"]["temperature"] == {
        "unitId": "Cel",
        "type": "double",
        "records": [{"eventTime": "2022-10-12T08:02:38Z", "value": 27.2}],
    }
    assert json.loads(arrival.body)["DevEUI_uplink"]["points"]["humidity"]["records"][0]["value"] == 46.5
