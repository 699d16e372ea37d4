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
