from typing import Any

import orjson
import pytest

from uplab.scenarios.load.judging.content import Told, digest_of, told_by_document, told_by_telemetry

UPLINK: dict[str, Any] = {
    "DevEUI_uplink": {
        "Time": "2026-01-01T00:00:10.250+00:00",
        "DevEUI": "70B3D50000000001",
        "FPort": 5,
        "FCntUp": 17,
        "payload_hex": "0100E2",
        "LrrSNR": 9.0,
        "Lrrs": {"Lrr": [{"Lrrid": "10000272", "LrrRSSI": -87.5}]},
        "DriverCfg": {"app": {"pId": "elsys"}},
    }
}


def changed(**members: Any) -> dict[str, Any]:
    return {"DevEUI_uplink": {**UPLINK["DevEUI_uplink"], **members}}


def test_it_tells_device_counter_and_time() -> None:
    told = told_by_document(UPLINK)

    assert told is not None
    assert told[:4] == ("70B3D50000000001", "u", 17, 1_767_225_610_250)


def test_a_counter_as_text_is_the_same_counter_but_another_content() -> None:
    told, usual = told_by_document(changed(FCntUp="17")), told_by_document(UPLINK)

    assert told is not None
    assert usual is not None
    assert told[:4] == usual[:4]
    assert told.digest != usual.digest


@pytest.mark.parametrize(
    "same",
    [
        changed(downlinkUrl="http://x.example", payload={"temperature": 2}, points={}),
        changed(DriverCfg={"app": {"pId": "elsys"}, "id": "elsys:ers:1"}),
        changed(LrrSNR=9),
        {"DevEUI_uplink": dict(reversed(UPLINK["DevEUI_uplink"].items()))},
    ],
    ids=["additions", "driver", "whole number", "order of members"],
)
def test_what_may_change_changes_no_digest(same: dict[str, Any]) -> None:
    assert digest_of(same) == digest_of(UPLINK)


@pytest.mark.parametrize(
    "other",
    [
        changed(payload_hex="0100e2"),
        changed(FPort="5"),
        changed(FPort=True),
        changed(LrrSNR=9.000001),
        changed(CustomerID=None),
        changed(Lrrs={"Lrr": []}),
        {"DevEUI_location": UPLINK["DevEUI_uplink"]},
        {**UPLINK, "more": 1},
        UPLINK["DevEUI_uplink"],
    ],
    ids=["case", "type", "truth", "small", "member", "list", "root", "beside the root", "no root"],
)
def test_anything_else_changes_it(other: dict[str, Any]) -> None:
    assert digest_of(other) != digest_of(UPLINK)


def test_very_large_and_very_small_numbers_have_one_form() -> None:
    assert digest_of(orjson.loads(b'{"a":1e3,"b":2.50}')) == digest_of(orjson.loads(b'{"b":2.5,"a":1000}'))
    assert digest_of({"a": 1e300}) != digest_of({"a": 1e301})


@pytest.mark.parametrize("text", ["1.0,", "1.0]", '"1.0}', "\\1.0,", "7e5", "1e22,1.0]", ",1.0,"])
def test_a_text_that_looks_like_a_number_stays_what_it_is(text: str) -> None:
    assert digest_of({"a": text, "b": 1.0}) == digest_of({"a": text, "b": 1})
    assert digest_of({"a": text, "b": 1.0}) != digest_of({"a": text.replace(".0", "").replace("e", "f"), "b": 1.0})


def test_every_way_to_write_the_same_numbers_gives_the_same() -> None:
    """What JavaScript makes of a document, and Python, and who keeps its text."""
    numbers = [0.0, -0.5, 14.0, -96.0, 1.10, 1e16, 1e21, 123456789.0, 2**53, 5e-7, 100.0]
    plain = [int(one) if one.is_integer() and one < 2**53 else one for one in map(float, numbers)]

    assert digest_of({"DevEUI_uplink": {"a": numbers}}) == digest_of({"DevEUI_uplink": {"a": plain}})
    for at, _ in enumerate(numbers):
        other = [one + (one or 1) * 0.01 if n == at else one for n, one in enumerate(numbers)]
        assert digest_of({"DevEUI_uplink": {"a": numbers}}) != digest_of({"DevEUI_uplink": {"a": other}})


def test_a_join_is_no_uplink_with_a_counter() -> None:
    join = {"DevEUI_uplink": {"DevEUI": "70b3d50000000001", "Time": "2026-01-01T00:00:00Z", "rawJoinRequest": "00"}}

    told = told_by_document(join)

    assert told is not None
    assert told[:4] == ("70B3D50000000001", "DevEUI_uplink", None, 1_767_225_600_000)


@pytest.mark.parametrize("none", [[], "text", {"other": 1}, None])
def test_what_is_no_document_tells_nothing(none: Any) -> None:
    assert told_by_document(none) is None


def test_a_time_that_is_none_is_not_told() -> None:
    told = told_by_document(changed(Time="yesterday"))

    assert told is not None
    assert told.time_ms is None


def test_telemetry_tells_each_ts_once_with_the_counter_that_one_of_its_points_names() -> None:
    message = {
        "70b3d50000000001": [
            {"ts": 1, "values": {"temperature": 2}},
            {"ts": 1, "values": {"lrr_FCntUp": "9"}},
            {"ts": 2, "values": {"FCntUp": 10}},
        ],
        "broken": [{"values": {}}, 7],
        "other": {"ts": 1},
    }

    assert told_by_telemetry(message) == [
        Told("70B3D50000000001", "t", 9, 1, None),
        Told("70B3D50000000001", "t", 10, 2, None),
    ]
    assert told_by_telemetry([1]) == []
