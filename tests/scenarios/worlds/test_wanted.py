"""One document at one connection: its form, headers and query, or why it is dropped."""

from __future__ import annotations

from typing import Any

import pytest

from uplab.scenarios.worlds.plan import Connection
from uplab.scenarios.worlds.wanted import Wanted, bin_of, route_of, wanted

REPORT = {"DevEUI": "20635F0106000001", "FCntUp": 7, "FPort": 5, "payload_hex": "0100d7"}
DRIVER = {"DriverCfg": {"mod": {"pId": "elsys", "mId": "ers", "ver": "1"}}}
UPLINK = {"DevEUI_uplink": REPORT}
NOTICE = {"DevEUI_notification": {"DevEUI": "20635F0106000001"}}


def by(configuration: dict[str, Any], document: dict[str, Any] = UPLINK, age_s: float = 0.0) -> Wanted | str:
    return wanted(document, Connection(configuration=configuration), age_s=age_s)


def test_plain() -> None:
    assert by({}) == Wanted("document", {}, "")


def test_headers_are_resolved() -> None:
    found = by({"headers": {"X-Thing": "dev-{DevEUI}/{FCntUp}", "X-Site": "A "}})
    assert isinstance(found, Wanted)
    assert found.headers == {"X-Thing": "dev-20635F0106000001/7", "X-Site": "A"}


def test_pattern_that_finds_nothing_drops_an_uplink() -> None:
    assert by({"headers": {"X-Room": "{CustomerData.room}"}}) == "its header X-Room finds nothing"
    other = by({"headers": {"X-Count": "{FCntUp}"}}, NOTICE)
    assert isinstance(other, Wanted)
    assert other.open


@pytest.mark.parametrize(("age_s", "dropped"), [(89.0, False), (91.0, True)])
def test_validity(age_s: float, dropped: bool) -> None:
    assert isinstance(by({"uplinkTimeValidity": "90s"}, age_s=age_s), str) is dropped


def test_metadata() -> None:
    found = by({"sendMetadata": True, "sendRawDecodedFormat": True})
    assert isinstance(found, Wanted)
    assert found.shape == "report"
    assert by({"sendMetadata": True}, NOTICE) == "sendMetadata: it is no uplink"


@pytest.mark.parametrize(
    ("report", "shape"),
    [
        ({**REPORT, **DRIVER}, "payload"),
        ({**REPORT}, "document"),
        ({**REPORT, **DRIVER, "FPort": 6}, "document"),
        ({**REPORT, "DriverCfg": {"mod": {"pId": "nobody", "mId": "knows", "ver": "1"}}}, "either"),
    ],
)
def test_decoded_alone(report: dict[str, Any], shape: str) -> None:
    found = by({"sendRawDecodedFormat": True}, {"DevEUI_uplink": report})
    assert isinstance(found, Wanted)
    assert found.shape == shape


def test_telemetry_asks_for_no_form() -> None:
    assert wanted(UPLINK, Connection(to="mqtt"), age_s=0) == Wanted("telemetry")


def test_places() -> None:
    assert bin_of("w1", "x", Connection(suffix="/a?b=1")) == ("/w1-x/a", "b=1")
    assert str(route_of("w1", "x", Connection(to="http"))) == "posthere /w1-x"
    assert route_of("w1", "x", Connection(to="widgelix")).fake == "widgelix"
    assert route_of("w1", "x", Connection(to="mqtts")).path == "v1/gateway/telemetry"
    assert route_of("w1", "x", Connection(to="rest")).path == "REST"


def test_topic_is_that_of_the_document() -> None:
    there = Connection(to="broker", topic="{CustomerID}/{DevEUI}")
    assert str(route_of("w1", "y", there, {**REPORT, "CustomerID": "7"})) == "broker w1-y/7/20635F0106000001"
    assert str(route_of("w1", "y", there)) == "broker w1-y/#"
    assert str(route_of("w1", "y", there, REPORT)) == "broker w1-y/#"


def test_topic_that_finds_nothing_drops() -> None:
    there = Connection(to="broker", topic="{CustomerID}/{DevEUI}")
    assert wanted(UPLINK, there, age_s=0) == "its topic finds nothing, or would be none"
    assert wanted({"DevEUI_uplink": {**REPORT, "CustomerID": "7"}}, there, age_s=0) == Wanted("document", {}, None)
    odd = Connection(to="https", topic="{CustomerID}/{DevEUI}")
    assert isinstance(wanted(UPLINK, odd, age_s=0), Wanted)


def test_host_of_a_wrong_certificate_is_a_place() -> None:
    assert str(route_of("w1", "x", Connection(trouble="expired"))) == "false host /w1-x"
    assert str(route_of("w1", "x", Connection(trouble="nobody"))) == "posthere /w1-x"


def test_validity_ends_behind_its_last_moment() -> None:
    assert isinstance(by({"uplinkTimeValidity": "90s"}, age_s=90.0), Wanted)
    for age_s, left_open in ((90.0, False), (90.5, True)):
        found = by({"uplinkTimeValidity": "90s"}, NOTICE, age_s=age_s)
        assert isinstance(found, Wanted)
        assert found.open is left_open


def test_whole_document_where_only_uplinks_are_decoded() -> None:
    found = by({"sendRawDecodedFormat": True}, {"DevEUI_location": {**REPORT, **DRIVER}})
    assert isinstance(found, Wanted)
    assert found.shape == "document"
    plain = by({}, {"DevEUI_uplink": {**REPORT, **DRIVER}})
    assert isinstance(plain, Wanted)
    assert plain.shape == "document"


@pytest.mark.parametrize(("said", "signed"), [(True, True), (False, False)])
def test_signed_where_it_is_asked_for(said: bool, signed: bool) -> None:
    found = by({"lrcCompliance": said})
    assert isinstance(found, Wanted)
    assert found.signed is signed
