"""Codecs of both public forms as drivers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.forwarder.codecs.making import ALLIANCE, package
from uplab.simulator.forwarder.codecs.codec import Codec, CodecError
from uplab.simulator.forwarder.codecs.package import Package, read_packages
from uplab.simulator.forwarder.documents.drivers import DriverError, Drivers

TIME_S = 1_777_863_721.5  # 2026-05-04T03:02:01.500Z
THINGPARK_CFG = {"app": {"pId": "ACME", "mId": "level", "ver": "2"}}
ALLIANCE_CFG = {"app": {"pId": "elsys", "mId": "generic", "ver": "1"}}


@pytest.fixture(scope="module")
def drivers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drivers]:
    (level,) = read_packages(str(package(tmp_path_factory.mktemp("codecs") / "level")))
    other = Package(("elsys", "generic", ""), "mine:x:1", "alliance", "x.js", {"x.js": ALLIANCE})
    made = Drivers([Codec(level, "Pacific/Auckland"), Codec(other, "UTC")])
    yield made
    made.close()


def test_codec_of_thingpark_gives_payload_points_and_its_id(drivers: Drivers) -> None:
    answer = drivers.decode(THINGPARK_CFG, 7, b"\xff\xf6", TIME_S)

    assert answer.payload == {"level": -1, "at": "2026-05-04T03:02:01.500Z", "now": 1_777_863_721_500, "hours": 13}
    assert answer.driver_id == "actilitypub:acme-level:3"
    assert answer.points == {
        "level": {"unitId": "m", "type": "double", "record": -1},
        "history": {"type": "double", "records": [{"eventTime": "2026-05-04T01:00:00Z", "value": 3}]},
    }
    assert drivers.decode(THINGPARK_CFG, 8, b"\xff\xf6", TIME_S).error == {
        "code": "com-5002",
        "message": "driver internal error: Error: Invalid fPort!",
    }


@pytest.mark.parametrize(
    ("port", "payload", "failure"),
    [
        (1, {"sum": 3}, None),
        (2, None, "too short; too old"),
        (3, {"half": 1}, "the rest is unknown"),
        (4, None, "it ran for more than 250 ms"),
        (5, None, "the codec gives no object"),
        (6, None, "it answers with a promise"),
        (7, {"time": "2026-05-04T03:02:01.500Z"}, None),
    ],
)
def test_codec_of_the_alliance_goes_before_the_driver_that_is_built_in(
    drivers: Drivers, port: int, payload: Any, failure: str | None
) -> None:
    answer = drivers.decode(ALLIANCE_CFG, port, b"\x01\x02", TIME_S)

    assert answer.payload == payload
    assert (answer.error is None) == (failure is None)
    assert failure is None or failure in (answer.error or {})["message"]


def test_downlinks_are_encoded_and_what_is_wrong_is_said(drivers: Drivers) -> None:
    assert drivers.encode(THINGPARK_CFG, {"on": True}) == (9, b"\x01")
    assert drivers.encode(ALLIANCE_CFG, {"bytes": [1, 255], "fPort": 5}) == (5, b"\x01\xff")
    for wrong, words in (
        ({"wrong": 1}, "no such command"),
        ({"bytes": [256], "fPort": 1}, "the codec gives no bytes"),
        ({"bytes": [1]}, "the codec gives no FPort, but None"),
        ({"bytes": [1], "fPort": 0}, "the codec gives no FPort, but 0"),
    ):
        with pytest.raises(DriverError, match=words):
            drivers.encode(ALLIANCE_CFG, wrong)


def test_codec_alone_needs_a_thread_and_is_known(drivers: Drivers) -> None:
    assert drivers.thread(THINGPARK_CFG) is not None
    assert drivers.thread({"app": {"pId": "dragino", "mId": "lht65", "ver": "1"}}) is None
    assert drivers.unknown_application(THINGPARK_CFG) == ""
    assert drivers.unknown_application({"app": {"pId": "acme", "mId": "level", "ver": "1"}}) == "acme:level:1"


def test_codec_without_decoder_cannot_be_started(tmp_path: Path) -> None:
    codec = Codec(Package(("a", "b", ""), "a:b:1", "alliance", "x.js", {"x.js": "var a = 1"}), "UTC")

    with pytest.raises(CodecError, match="it has no function decodeUplink"):
        codec.start()
    codec.stop()


@pytest.mark.parametrize("source", ["input.message.on", "input.on"])
def test_object_of_a_downlink_is_found_where_authors_look_for_it(source: str) -> None:
    main = "exports.decodeUplink = function () {}\nexports.encodeDownlink = function (input) "
    main += f"{{ return {{ bytes: [{source}], fPort: 1 }} }}"
    codec = Codec(Package(("a", "b", ""), "a:b:1", "thingpark", "x.js", {"x.js": main}), "UTC")
    try:
        assert codec.encode({"on": 7}) == (1, b"\x07")
    finally:
        codec.stop()
