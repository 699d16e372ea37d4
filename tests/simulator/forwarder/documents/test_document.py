import json
from typing import Any

import pytest

from tests.simulator.forwarder.making import DEV_EUI, compact, document
from uplab.simulator.forwarder.documents.document import Document, DocumentError, Form, outgoing, read_document
from uplab.simulator.forwarder.documents.drivers import Decoded, decode

URL = "https://community.thingpark.io/iot-flow/downlinkMessages/e682252d-77cb-4d2b-9893-812dbdbb5be9"
FORM = Form(URL)
TAIL = b',"payload":{"temperature":22.6,"humidity":41,"light":39,"motion":6},"downlinkUrl":"' + URL.encode() + b'"'


def nothing(_driver: object, _port: int | None, _payload: bytes, _time_s: float | None) -> Decoded:
    return Decoded()


def sent(body: bytes, form: Form = FORM) -> bytes:
    made = outgoing(read_document(body), form, decode)
    assert made is not None
    parsed, text = made
    assert parsed == json.loads(text)
    return text


def plain(**content: Any) -> bytes:
    """An uplink that no driver decodes."""
    return compact(document(DriverCfg=None, **content))


# -- reading


def test_document_is_read_with_what_routing_needs() -> None:
    read = read_document(compact(document(DevEUI=DEV_EUI.lower())))

    assert (read.root, read.dev_eui, read.f_cnt) == ("DevEUI_uplink", DEV_EUI, 7)
    assert read.time_s == pytest.approx(1767225600.123)
    assert read.tags == frozenset({"paris:nord", "lab"})


def test_untyped_regime_is_read_as_well() -> None:
    read = read_document(compact(document(FCntUp="7", CustomerData='{"tags":["A","b"]}')))

    assert read.f_cnt == 7
    assert read.tags == frozenset({"a", "b"})


@pytest.mark.parametrize("data", [None, {}, "no json", '["x"]', {"tags": "x"}, 7])
def test_document_that_does_not_speak_of_tags_has_none(data: object) -> None:
    assert read_document(compact(document(CustomerData=data))).tags is None


@pytest.mark.parametrize("f_cnt", [None, -1, 2**32, 10**30, 1.0, True, "x", []])
def test_counter_that_is_none_is_not_taken_for_one(f_cnt: object) -> None:
    assert read_document(json.dumps(document(FCntUp=f_cnt)).encode()).f_cnt is None


OTHER = b'{"DevEUI":"20635F01080004A7"}'


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b'{"DevEUI_uplink":NaN}', "no JSON"),
        (b"\xff", "no JSON"),
        (b"[]", "must be a JSON object"),
        (b"7", "must be a JSON object"),
        (b"{}", "must have one root"),
        (b'{"DevEUI":"20635F0108000496"}', "must have one root"),
        (b'{"DevEUI_uplink":{},"DevEUI_location":{}}', "must have one root"),
        (b'{"DevEUI_uplink":[]}', "must be an object"),
        (b'{"DevEUI_uplink":{}}', "DevEUI is missing"),
        (b'{"DevEUI_uplink":{"DevEUI":"20635F0108000496"},"DevEUI_uplink":%s}' % OTHER, "twice"),
        (b'{"\\u0044evEUI_uplink":{"DevEUI":"20635F0108000496"}, "DevEUI_uplink" : %s}' % OTHER, "twice"),
        (b'{"DevEUI_uplink":{"DevEUI":"20635F010800049"}}', "16 hexadecimal"),
        (b'{"DevEUI_uplink":{"DevEUI":"20635F010800049G"}}', "16 hexadecimal"),
        (b'{"DevEUI_uplink":{"DevEUI":2063501080004961}}', "16 hexadecimal"),
        (b'{"DevEUI_uplink":' + b"[" * 70 + b"]" * 70 + b"}", "nested deeper"),
        (b"[" * 100_000, "nested deeper"),
    ],
)
def test_what_is_no_document_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        read_document(body)


def test_many_braces_side_by_side_are_not_deep() -> None:
    assert read_document(plain(Lrrs={"Lrr": [{"Lrrid": "1"}] * 200})).dev_eui == DEV_EUI


def test_alarm_of_a_base_station_has_no_device() -> None:
    assert read_document(b'{"BS_alarm":{"LrrID":"10000033"}}').dev_eui == ""


# -- the default form


def test_only_payload_driver_and_url_are_added() -> None:
    body = compact(document())

    text = sent(body)

    assert text == body.replace(b'{"mod"', b'{"id":"elsys:ers:1","mod"')[:-2] + TAIL + b"}}"


@pytest.mark.parametrize(
    "number", [b"42.0", b"-46.350853", b"1e3", b"1.10", b"123456789012345678901234567890", b"0.1000000"]
)
def test_number_stays_written_as_it_came(number: bytes) -> None:
    body = plain(LrrRSSI=1111).replace(b"1111", number)

    text = outgoing(read_document(body), FORM, nothing)

    assert text is not None
    assert text[1].startswith(body[:-2])


def test_blanks_between_tokens_go_and_those_in_strings_stay() -> None:
    loose = json.dumps(document(CustomerData={"name": 'a , b : { "x" }\t'}, DriverCfg=None), indent=2).encode()

    text = sent(loose)

    assert text == plain(CustomerData={"name": 'a , b : { "x" }\t'})[:-2] + b',"downlinkUrl":"' + URL.encode() + b'"}}'


@pytest.mark.parametrize(
    "body",
    [
        b'{"DevEUI_uplink":{"DevEUI":"20635F0108000496"},"other":{"a":{"b":"}}"}}}',
        b'{"other":{"DevEUI_uplink":{}},"DevEUI_uplink":{"DevEUI":"20635F0108000496"}}',
        b'{"DevEUI\\u005fuplink":{"DevEUI":"20635F0108000496","x":"\\"}"}}',
        b'{"x":"DevEUI_uplink","DevEUI_uplink":{"DevEUI":"20635F0108000496"},"y":[1]}',
    ],
)
def test_members_beside_the_root_are_left_alone(body: bytes) -> None:
    text = sent(body)

    before, after = json.loads(body), json.loads(text)
    assert after["DevEUI_uplink"].pop("downlinkUrl") == URL
    assert after == before


def test_url_of_another_forwarder_is_replaced() -> None:
    text = sent(plain(downlinkUrl="http://elsewhere/x"))

    assert json.loads(text)["DevEUI_uplink"]["downlinkUrl"] == URL
    assert text.count(b"downlinkUrl") == 1


def test_payload_that_is_there_already_is_kept() -> None:
    text = sent(compact(document(payload={"mine": 1})))

    assert json.loads(text)["DevEUI_uplink"]["payload"] == {"mine": 1}


def test_decoding_failure_stands_in_the_document() -> None:
    content = json.loads(sent(compact(document(FPort=1))))["DevEUI_uplink"]

    assert content["payloadDecodedError"] == {
        "code": "com-5002",
        "message": "driver internal error: Error: Invalid fPort!",
    }
    assert "payload" not in content


@pytest.mark.parametrize("payload_hex", ["zz", "0", "01 0"])
def test_bytes_that_are_none_are_a_decoding_failure(payload_hex: str) -> None:
    content = json.loads(sent(compact(document(payload_hex=payload_hex))))["DevEUI_uplink"]
    assert content["payloadDecodedError"]["code"] == "com-5002"


@pytest.mark.parametrize("content", [{"FPort": 0}, {"FPort": None}, {"payload_hex": None}, {"payload_hex": ""}])
def test_uplink_without_application_data_is_not_decoded(content: dict[str, Any]) -> None:
    added = json.loads(sent(compact(document(**content))))["DevEUI_uplink"].keys() - document()["DevEUI_uplink"].keys()
    assert added == {"downlinkUrl"}


@pytest.mark.parametrize(
    "root",
    [
        "DevEUI_notification",
        "DevEUI_location",
        "DevEUI_downlink_Sent",
        "DevEUI_downlink_Rejected",
        "DevEUI_multicast_summary",
        "DevEUI_alarm",
    ],
)
def test_other_roots_pass_unchanged(root: str) -> None:
    body = compact({root: {"DevEUI": DEV_EUI, "Time": "2026-01-01T00:00:00.123+00:00", "x": [1.0, {"y": None}]}})

    assert sent(body) == body


# -- the other forms


def test_send_metadata_takes_the_root_away() -> None:
    text = sent(plain(LrrRSSI=-46.0), Form(URL, bare_content=True))

    assert text == plain(LrrRSSI=-46.0)[len('{"DevEUI_uplink":') : -2] + b',"downlinkUrl":"' + URL.encode() + b'"}'


@pytest.mark.parametrize("root", ["DevEUI_notification", "DevEUI_downlink_Sent", "BS_alarm"])
def test_send_metadata_lets_uplinks_pass_only(root: str) -> None:
    assert outgoing(read_document(compact({root: {"DevEUI": DEV_EUI}})), Form(URL, bare_content=True), decode) is None


def test_raw_decoded_format_is_the_payload_alone() -> None:
    assert sent(compact(document()), Form(URL, bare_payload=True)) == TAIL[11 : TAIL.index(b',"downlinkUrl"')]


@pytest.mark.parametrize(
    "body",
    [plain(), compact(document(FPort=1)), compact({"DevEUI_location": {"DevEUI": DEV_EUI}})],
    ids=["no driver", "error", "location"],
)
def test_raw_decoded_format_without_payload_is_the_full_document(body: bytes) -> None:
    assert sent(body, Form(URL, bare_payload=True)) == sent(body)


def test_reading_a_document_alters_nothing() -> None:
    body = compact(document())
    read = read_document(body)
    before = json.dumps(read.parsed)

    outgoing(read, FORM, decode)

    assert isinstance(read, Document)
    assert json.dumps(read.parsed) == before


def test_name_of_a_root_may_stand_elsewhere_too() -> None:
    body = b'{"x":{"DevEUI_uplink":1},"DevEUI_uplink":{"DevEUI":"20635F0108000496","note":"\\u00e9 DevEUI_uplink"}}'
    assert read_document(body).dev_eui == "20635F0108000496"
