"""What telemetry must say: a right point is right, and every mutant of it is wrong."""

import copy
from types import SimpleNamespace
from typing import Any, cast

import orjson
import pytest

from uplab.scenarios.checks.content.decoded import read_uplink
from uplab.scenarios.checks.content.telemetry import judge_decoded, judge_point
from uplab.scenarios.lab.device import LabDevice
from uplab.scenarios.suites.common.reports import ROOTS, uplink
from uplab.scenarios.suites.common.widths import WIDTHS
from uplab.simulator.forwarder.destinations.thingsboard.telemetry import point
from uplab.simulator.forwarder.documents.document import Form, outgoing, read_document
from uplab.simulator.forwarder.documents.drivers import BUILT_IN
from uplab.simulator.lorawan.region import EU868

REPORT: dict[str, Any] = {
    "Time": "2026-01-01T00:00:01.000+00:00",
    "DevEUI": "20635F0106000001",
    "FPort": 5,
    "FCntUp": 65_536,
    "MType": 2,
    "payload_hex": "01000002000400000500070e10",
    "LrrRSSI": -46.0,
    "LrrSNR": 0.0,
    "LrrESP": -47.5,
    "SpFact": 7,
    "SubBand": "G0",
    "Late": 0,
    "Lrrs": {"Lrr": [{"Lrrid": "10000033", "LrrRSSI": -46.0}]},
    "DriverCfg": {"mod": {"pId": "elsys", "mId": "ers", "ver": "1"}},
    "CustomerData": {"name": "one"},
}
VALUES: dict[str, Any] = {
    "temperature": 0.0,
    "humidity": 0,
    "light": 0,
    "motion": 0,
    "batteryVoltage": 3.6,
    "fCntUp": 65_536,
    "fPort": 5,
    "mType": 2,
    "rssi": -46.0,
    "snr": 0.0,
    "esp": -47.5,
    "spFact": 7,
    "subBand": "G0",
    "late": 0,
    "gateways": [{"Lrrid": "10000033", "LrrRSSI": -46.0}],
}
DECODED = ("temperature", "humidity", "light", "motion", "batteryVoltage")
REQUIRED = ("fCntUp", "fPort", "rssi", "snr")


def of_uplink(values: dict[str, Any], **changes: Any) -> Any:
    report = {name: value for name, value in {**REPORT, **changes}.items() if value is not None}
    return judge_point("DevEUI_uplink", report, values)


def test_right_point_is_right_to_its_last_key() -> None:
    judged = of_uplink(VALUES)

    assert (judged.problems, judged.unread) == ([], [])
    assert not set(judged.missing) & {"elsys/ers temperature", "SpFact", "Late"}


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("wrong", [None, -1, "x", True, 17.25, "0", []], ids=repr)
def test_each_wrong_value_is_found(name: str, wrong: Any) -> None:
    judged = of_uplink({**VALUES, name: wrong})

    assert judged.problems or (name == "gateways" and "Lrrs" in judged.missing), f"{name} is {wrong!r}"


@pytest.mark.parametrize("name", REQUIRED)
def test_what_every_uplink_is_told_with_may_not_be_missing(name: str) -> None:
    assert of_uplink({key: value for key, value in VALUES.items() if key != name}).problems != []


@pytest.mark.parametrize("name", sorted(set(VALUES) - set(REQUIRED) - {"gateways"}))
def test_what_else_is_left_out_is_noted(name: str) -> None:
    judged = of_uplink({key: value for key, value in VALUES.items() if key != name})

    assert judged.problems == []
    assert any(one.lower().endswith(name.lower()) for one in judged.missing), judged.missing


@pytest.mark.parametrize(
    "other",
    [
        {"decoded": {name: VALUES[name] for name in DECODED}, **{n: VALUES[n] for n in REQUIRED}},
        {f"payload.{name}": VALUES[name] for name in DECODED} | {f"lorawan_{n}": VALUES[n] for n in REQUIRED},
        {"vdd": 3600} | {name: VALUES[name] for name in (*DECODED[:4], *REQUIRED)},
        {"Uplink FCntUp": 65_536, "meta-fport": 5, "bestRSSI": -46, "SNR (dB)": 0, "adr": True, "extra": "anything"},
    ],
    ids=["nested", "flattened", "in millivolts", "of its own names"],
)
def test_other_names_and_forms_are_right(other: dict[str, Any]) -> None:
    assert of_uplink(other, ADRbit=1).problems == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"payload_hex": "0100e2"}, {"temperature": 22.6, "humidity": 41}),  # that of the uplink before
        ({"payload_hex": "", "FPort": 5}, {"temperature": 22.6}),
        ({"FPort": 0}, {"temperature": 22.6, "fPort": 0}),
        ({"FPort": None, "payload_hex": None}, {"fPort": 5}),
        ({"SpFact": None}, {"spFact": 12}),
        ({}, {"payloadDecodedError": {"code": "com-5002", "message": "no"}}),
    ],
    ids=["another reading", "no byte", "port 0", "no port", "no factor", "error"],
)
def test_what_the_uplink_has_not_is_invented(changes: dict[str, Any], said: dict[str, Any]) -> None:
    values = {name: VALUES[name] for name in REQUIRED}
    if "FPort" in changes:
        values["fPort"] = changes["FPort"]
    if values["fPort"] is None:
        del values["fPort"]

    assert of_uplink(values, **changes).problems == [] if not changes.get("payload_hex", "") else True
    assert of_uplink(values | said, **changes).problems != []


def test_strings_regime_may_be_told_as_numbers_or_as_it_is() -> None:
    texts = {"FCntUp": "65536", "FPort": "5", "LrrRSSI": "-46.000000", "LrrSNR": "0.000000", "SpFact": "7"}
    as_texts = {"fCntUp": "65536", "fPort": "5", "rssi": "-46.000000", "snr": "0.000000", "spFact": "7"}
    report = {**REPORT, **texts, "LrrESP": None}

    assert judge_point("DevEUI_uplink", report, VALUES | {"esp": None}).problems == []
    assert judge_point("DevEUI_uplink", report, {**VALUES, **as_texts, "esp": None}).problems == []
    assert judge_point("DevEUI_uplink", report, VALUES | {"spFact": "8", "esp": None}).problems != []


def test_payload_that_came_with_the_document_is_its_own() -> None:
    before = {"payload": {"level": 3}, "DriverCfg": {"mod": {"pId": "nobody", "mId": "nothing"}}}
    values = {name: VALUES[name] for name in REQUIRED}

    assert of_uplink(values | {"level": 3}, **before).problems == []
    assert of_uplink(values | {"level": 4}, **before).problems != []


WHOLE: dict[str, Any] = {
    "serial": "00012345",
    "batch": "12e4",
    "reading": "-21.50",
    "note": "",
    "alarms": [],
    "limits": {},
    "profile": [3, -2, 0],
    "valve": {"position": 0, "state": "shut"},
    "gone": None,
}


def of_payload(told: dict[str, Any]) -> Any:
    before = {"payload": WHOLE, "DriverCfg": {"mod": {"pId": "nobody", "mId": "nothing"}}}
    return of_uplink({name: VALUES[name] for name in REQUIRED} | told, **before).problems


@pytest.mark.parametrize(
    "told",
    [
        WHOLE,
        {"payload": WHOLE},
        {name: value for name, value in WHOLE.items() if value not in (None, [], {})},
        {**WHOLE, "reading": -21.5},
        {**{k: v for k, v in WHOLE.items() if k != "valve"}, "valve.position": 0, "valve.state": "shut"},
        {"other": 1},
    ],
    ids=["as it came", "nested", "without what is empty", "a number for its text", "flattened", "not at all"],
)
def test_payload_that_came_may_be_told_so(told: dict[str, Any]) -> None:
    assert of_payload(told) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"serial": 12345},
        {"batch": 120_000.0},
        {"note": None},
        {"profile": 3},
        {"profile": [3]},
        {"valve": '{"position":0,"state":"shut"}'},
        {"valve": {"state": "shut"}},
    ],
    ids=str,
)
def test_payload_that_came_is_told_whole_and_as_it_is(wrong: dict[str, Any]) -> None:
    told = WHOLE | wrong
    assert of_payload({name: value for name, value in told.items() if name != "note" or value is not None}) != []


@pytest.mark.parametrize("root", ["DevEUI_notification", "DevEUI_location"])
def test_other_documents_are_told_whole_or_flattened(root: str) -> None:
    report = {
        "Time": "2026-01-01T00:00:01.000+00:00",
        "DevEUI": "20635F0106000001",
        "Type": "reset",
        "Var1": "",
        "N": 0,
    }
    right: list[dict[str, Any]] = [{"notification": report}, {"Type": "reset", "n": 0}, {"notification.Type": "reset"}]
    lacking = copy.deepcopy(report)
    del lacking["N"]
    wrong: list[dict[str, Any]] = [{"a": {**report, "N": 1}}, {"a": lacking}, {"Type": "join"}, {"other": 1}, {}]

    assert [judge_point(root, report, values).problems for values in right] == [[], [], []]
    assert all(judge_point(root, report, values).problems for values in wrong)


def test_decoded_payload_alone_is_held_against_the_bytes() -> None:
    reading = read_uplink(REPORT)

    assert judge_decoded(reading, {name: VALUES[name] for name in DECODED}).problems == []
    assert judge_decoded(reading, {"temperature": 1}).problems != []


def as_texts(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, list) else str(value) for name, value in values.items()}


def test_values_as_texts_are_right_where_that_is_declared_and_wrong_where_it_is_not() -> None:
    told = as_texts(VALUES)

    declared = judge_point("DevEUI_uplink", REPORT, told, texts=True)
    undeclared = judge_point("DevEUI_uplink", REPORT, told)

    assert declared.problems == []
    assert len(undeclared.problems) >= len(DECODED) + len(REQUIRED)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("temperature", "0.1"),
        ("temperature", ""),
        ("fCntUp", "65537"),
        ("fCntUp", "x"),
        ("spFact", "07"),
        ("rssi", "--46"),
    ],
)
def test_wrong_value_as_a_text_stays_wrong(name: str, told: str) -> None:
    judged = judge_point("DevEUI_uplink", REPORT, {**as_texts(VALUES), name: told}, texts=True)

    assert judged.problems


@pytest.mark.parametrize("name", [*WIDTHS, *ROOTS])
def test_nothing_that_the_reference_tells_stays_unread(name: str) -> None:
    """What no check reads is what a forwarder may get wrong unseen: no row of the tables leaves such a name."""
    device = cast("LabDevice", SimpleNamespace(dev_eui="20635F0106000001", name="one", region=EU868))
    document = ROOTS[name](device) if name in ROOTS else uplink(device, **WIDTHS[name])
    read = read_document(orjson.dumps(document))
    made = outgoing(read, Form("https://uplab.test/iot-flow/downlinkMessages/1"), BUILT_IN.decode)
    assert made is not None
    root, report = next(iter(document.items()))

    judged = judge_point(root, report, point(read.about, read.time, made[0]).values)

    assert (judged.problems, judged.unread) == ([], [])
