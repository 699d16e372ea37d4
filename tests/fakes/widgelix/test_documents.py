"""Documents: what the ingest reads out of them, and how it refuses."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.widgelix.make import EUI, join, sent, uplink
from uplab.fakes.widgelix.documents import DocumentError, Notice, Uplink, dev_eui_of, parse, parse_time

NOON = datetime(2026, 1, 1, 12, 0, 0, 123000, tzinfo=UTC)


def parsed(**changes: Any) -> Uplink:
    document = parse(uplink(**changes))
    assert isinstance(document, Uplink)
    return document


def test_typed_uplink_is_read() -> None:
    assert parse(uplink()) == Uplink(EUI, NOON, 18, 5, "0100e202290400270506", None, None)


def test_all_strings_uplink_reads_the_same() -> None:
    assert parsed(FPort="5", FCntUp="18", MType="2", LrrRSSI="-46.000000") == parse(uplink())


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01T14:00:00.123+02:00",
        "2026-01-01T12:00:00.123Z",
        "2026-01-01T06:30:00.123-05:30",
    ],
)
def test_time_with_any_offset_is_the_same_moment(text: str) -> None:
    assert parsed(Time=text).time == NOON


def test_one_fraction_digit_is_enough() -> None:
    assert parse_time("2026-01-01T12:00:00.1+00:00") == datetime(2026, 1, 1, 12, 0, 0, 100000, tzinfo=UTC)


def test_lower_case_dev_eui_is_raised() -> None:
    assert parsed(DevEUI=EUI.lower()).dev_eui == EUI


def test_uplink_without_payload_is_mac_only() -> None:
    assert parsed(payload_hex=None, FPort=None).payload_hex == ""


def test_decoded_payload_and_its_error_are_kept() -> None:
    document = parsed(payload={"t": 1}, payloadDecodedError={"code": "com-5002", "message": "InvalidError fPort!"})

    assert document.payload == {"t": 1}
    assert document.decode_error == "com-5002 InvalidError fPort!"


def test_downlink_url_beside_the_root_is_no_hindrance() -> None:
    document = orjson.loads(uplink()) | {"downlinkUrl": "https://example/x"}

    assert parse(orjson.dumps(document)) == parse(uplink())


def test_join_is_a_notice_of_the_device_itself() -> None:
    document = parse(join())

    assert isinstance(document, Notice)
    assert (document.kind, document.heard) == ("join", True)


def test_sent_report_keeps_its_correlation_id() -> None:
    document = parse(sent("00000000000000AB"))

    assert isinstance(document, Notice)
    assert (document.kind, document.heard) == ("downlink sent", False)
    assert document.facts["CorrelationID"] == "00000000000000AB"


def test_location_brings_its_own_time_name() -> None:
    content = {"DevEUI": EUI, "DevLocTime": "2026-01-01T12:00:00.123+00:00", "DevLAT": 48.1}
    document = parse(orjson.dumps({"DevEUI_location": content}))

    assert document.time == NOON


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"not json", "the body is not JSON"),
        (b"", "the body is not JSON"),
        (b"[]", "the body is not a JSON object"),
        (b'{"temperature": 22.6}', "expected one root such as DevEUI_uplink, found none"),
        (b'{"DevEUI_uplink": 5}', "DevEUI_uplink: is not an object"),
        (b'{"DevEUI_uplink": {}, "DevEUI_alarm": {}}', "found DevEUI_uplink, DevEUI_alarm"),
        (uplink(DevEUI=None), "DevEUI_uplink.DevEUI: is missing"),
        (uplink(DevEUI="A8-17"), "DevEUI_uplink.DevEUI: expected 16 hexadecimal digits, not 'A8-17'"),
        (uplink(DevEUI=5), "DevEUI_uplink.DevEUI: expected 16 hexadecimal digits, not 5"),
        (uplink(Time="yesterday"), "DevEUI_uplink.Time: expected an ISO 8601 time, not 'yesterday'"),
        (uplink(Time="2026-01-01T12:00:00"), "DevEUI_uplink.Time: '2026-01-01T12:00:00' has no offset from UTC"),
        (uplink(Time="0001-01-01T00:00:00+02:00"), "DevEUI_uplink.Time: expected an ISO 8601 time"),
        (uplink(Time="1969-12-31T23:59:59Z"), "is before 1970"),
        (uplink(FCntUp="-1"), "DevEUI_uplink.FCntUp: expected a whole number from 0 to 4294967295, not '-1'"),
        (uplink(FCntUp=True), "DevEUI_uplink.FCntUp: expected a whole number from 0 to 4294967295, not True"),
        (uplink(FPort=5.5), "DevEUI_uplink.FPort: expected a whole number"),
        (uplink(payload_hex="0"), "DevEUI_uplink.payload_hex: expected hexadecimal bytes, not '0'"),
        (uplink(payload_hex=12), "DevEUI_uplink.payload_hex: expected hexadecimal bytes, not 12"),
    ],
)
def test_refusal_names_the_member(body: bytes, message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse(body)

    assert message in str(caught.value)


@pytest.mark.parametrize("time", [None, "", 1767268800123])
def test_uplink_that_tells_no_time_is_as_of_its_arrival(time: object) -> None:
    document = orjson.loads(uplink())
    document["DevEUI_uplink"]["Time"] = time

    found = parse(orjson.dumps(document))

    assert found.time is None
    assert parsed(Time=None).time is None


def test_blanks_between_the_bytes_say_nothing() -> None:
    assert parsed(payload_hex="01 00 e2 02 29 04 00 27 05 06 ") == parse(uplink())


def test_alarm_of_a_base_station_is_about_no_device() -> None:
    alarm = {"LrrID": "0F0E0D0C", "State": "2", "LastUpdateTime": "2026-01-01T12:00:00.123+00:00"}

    found = parse(orjson.dumps({"BS_alarm": alarm}))

    assert isinstance(found, Notice)
    assert (found.dev_eui, found.time, found.kind) == ("", NOON, "base station alarm")


@pytest.mark.parametrize("value", [EUI[:15], f"{EUI}0", f"{EUI[:15]}G", f"{EUI[:15]}\uff11", None, "", 5])
def test_malformed_dev_eui_is_refused(value: object) -> None:
    with pytest.raises(DocumentError):
        dev_eui_of(value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)
MEMBERS = ["Time", "DevEUI", "FPort", "FCntUp", "MType", "payload_hex", "payload", "payloadDecodedError"]


@given(st.sampled_from(MEMBERS), JSON)
def test_any_member_value_is_read_or_refused(name: str, value: object) -> None:
    document = {"Time": "2026-01-01T12:00:00.123+00:00", "DevEUI": EUI, name: value}
    try:
        parse(orjson.dumps({"DevEUI_uplink": document}, option=orjson.OPT_NON_STR_KEYS))
    except (DocumentError, orjson.JSONEncodeError):
        return


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with pytest.raises(DocumentError):
        parse(body)


@given(st.text(max_size=40))
def test_any_time_text_is_read_or_refused(text: str) -> None:
    try:
        assert parse_time(text).tzinfo is UTC
    except DocumentError:
        return
