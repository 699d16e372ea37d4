"""Every document of the uplink side is delivered, unaltered, whatever its root and its content."""

from collections.abc import Iterator
from typing import Any

import pytest

from uplab.scenarios import Lab, LabDevice
from uplab.scenarios.checks import checks
from uplab.scenarios.history.history import of_hop
from uplab.scenarios.suites.common.destination import connect_bin, documents
from uplab.scenarios.suites.common.reports import ROOTS, uplink
from uplab.scenarios.suites.common.several import expect_accepted, judge_several

pytestmark = [pytest.mark.needs("http", "form"), pytest.mark.delivery]


@pytest.mark.parametrize("root", ROOTS)
@pytest.mark.requirement("COM-15.a")
def test_every_root_is_delivered_unaltered(lab: Lab, device: LabDevice, root: str) -> None:
    """Notifications, locations, downlink reports, multicast summaries and alarms arrive like uplinks do."""
    connection = connect_bin(lab, "/roots", device)

    sent = [lab.post(ROOTS[root](device))]
    expect_accepted(lab, *sent)
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection)


def _shape(root: str, report: dict[str, Any]) -> dict[str, Any]:
    return {root: {name: value for name, value in report.items() if value is not None}}


GATEWAY = {"Lrrid": "10000033", "Chain": 0, "LrrRSSI": -97.0, "LrrSNR": 7.5, "LrrESP": -97.65}
# How documents of the field differ from those that a tidy network server makes.
SHAPES: dict[str, tuple[str, dict[str, Any]]] = {
    "late": ("uplink", {"Late": 1, "age_s": 3600.0}),
    "mac-commands-only": ("uplink", {"FPort": 0, "payload_hex": "0703"}),
    "no-port": ("uplink", {"FPort": None, "payload_hex": None}),
    "no-counter": ("uplink", {"FCntUp": None}),
    "no-time": ("uplink", {"Time": None}),
    "one-gateway-as-object": ("uplink", {"Lrrs": {"Lrr": GATEWAY}}),
    "texts-for-numbers": ("uplink", {"FPort": "5", "LrrRSSI": "-97.000000", "Late": "0", "InstantPER": "1.1E-5"}),
    "blanks-in-the-payload": ("uplink", {"payload_hex": "01 00 d7 02 28"}),
    "alarm-without-time": ("DevEUI_alarm", {"Time": None}),
    "location-without-time": ("DevEUI_location", {"Time": None}),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.requirement("COM-15.a")
def test_document_as_the_field_has_it_is_delivered(lab: Lab, device: LabDevice, shape: str) -> None:
    """Late uplinks, those without port, counter or time, one gateway as an object, reports with another time."""
    connection = connect_bin(lab, "/shapes", device)
    kind, changes = SHAPES[shape]
    if kind == "uplink":
        document = uplink(device, **changes)
    else:
        made = ROOTS[kind.removeprefix("DevEUI_")](device)
        document = _shape(kind, {**made[kind], **changes})

    sent = [lab.post(document)]
    expect_accepted(lab, *sent)
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection)


@pytest.mark.requirement("COM-15.b")
def test_documents_of_a_join_are_delivered(lab: Lab) -> None:
    """A device that joins over the air leads to a join document and a notification; both arrive, unaltered."""
    newcomer = lab.device(joined=False)
    connection = connect_bin(lab, "/join", newcomer)

    newcomer.join()
    ids = [id_ for event in of_hop(lab.history.events, "network.document") for id_ in event.ids]
    lab.poll(lambda: len(documents(lab, connection)), {"least": len(ids)}, awaited="the join's documents")

    events, to = lab.history.events, connection.route
    lab.judge(checks.none_lost(events, ids, to), checks.none_twice(events, ids, to), checks.unaltered(events, ids, to))
    roots = sorted(next(iter(document)) for document in documents(lab, connection))
    lab.expect_seen("join and notification arrive", roots, {"is": ["DevEUI_notification", "DevEUI_uplink"]})


CONTENTS: dict[str, dict[str, Any]] = {
    "unicode": {"CustomerData": {"name": "Köln 温度 🌡 \u2028", "tags": ["größe=klein"]}},
    "keys-with-blanks-and-dashes": {"CustomerData": {"my key": 1, "Axis-Y": -3, "a.b": "c", "": "empty", "$ref": 0}},
    "empty-arrays-and-objects": {"CustomerData": {"doms": [], "loc": {}, "tags": []}, "Lrrs": {"Lrr": []}},
    "nulls-and-booleans": {"CustomerData": {"loc": None, "rfProbe": False, "on": True}},
    "nested": {"CustomerData": {"a": [{"b": [[{"c": [1, [2, [3]]]}]]}]}},
    "escapes": {"CustomerData": {"name": 'quote " backslash \\ slash / tab \t end', "path": "C:\\new\\table"}},
    "looks-like-json": {"CustomerData": '{"loc":{"lat":"48.85","lon":"2.35"},"alr":{"pro":"ADRF/DEMO","ver":"2"}}'},
    "braces-in-text": {"CustomerData": {"name": '}} "DriverCfg":{ {"', "note": '"DevEUI_uplink":{'}},
}


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.requirement("COM-16.c")
def test_unusual_content_passes_through_unaltered(lab: Lab, device: LabDevice, content: str) -> None:
    """Letters of any script, odd keys, empty lists and text that looks like JSON come out as they went in."""
    connection = connect_bin(lab, "/content", device)

    sent = [lab.post(uplink(device, **CONTENTS[content]))]
    expect_accepted(lab, *sent)
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection)


@pytest.mark.requirement("HTTP-15.c")
def test_order_of_the_keys_does_not_matter(lab: Lab, device: LabDevice) -> None:
    """A document whose keys stand in another order, DevEUI last, is routed and delivered like any other."""
    connection = connect_bin(lab, "/order", device)
    [(root, body)] = uplink(device).items()

    sent = [lab.post({root: dict(reversed(body.items()))})]
    expect_accepted(lab, *sent)
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection)


@pytest.mark.requirement("COM-22.b")
def test_dev_eui_in_lower_case_still_finds_its_flow(lab: Lab, device: LabDevice) -> None:
    """A document that writes the DevEUI in lower case belongs to the same device; it is passed on as it was written."""
    connection = connect_bin(lab, "/lower-case", device)

    sent = [lab.post(uplink(device, DevEUI=device.dev_eui.lower()))]
    expect_accepted(lab, *sent)
    lab.await_delivery(sent, connection.route)

    judge_several(lab, sent, connection)
    shown = [document["DevEUI_uplink"]["DevEUI"] for document in documents(lab, connection)]
    lab.expect_seen("DevEUI stays as it was written", shown, {"is": [device.dev_eui.lower()]})


@pytest.fixture
def strings_regime(lab: Lab) -> Iterator[None]:
    """The network server writes every number as a string, as older platforms do."""
    lab.upstream.airs.speak("strings")
    yield
    lab.upstream.airs.speak("typed")


@pytest.mark.usefixtures("strings_regime")
@pytest.mark.requirement("COM-16.b")
def test_regime_of_strings_passes_through_unchanged(lab: Lab, devices: list[LabDevice]) -> None:
    """Where every number is a string, all of them stay strings."""
    connection = connect_bin(lab, "/strings", *devices)

    sent = [device.send() for _ in range(2) for device in devices]
    expect_accepted(lab, *sent)
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection)
    counters = [document["DevEUI_uplink"]["FCntUp"] for document in documents(lab, connection)]
    lab.expect("FCntUp stays a string", all(isinstance(one, str) for one in counters), counters)


@pytest.mark.usefixtures("strings_regime")
@pytest.mark.needs("drivers")
@pytest.mark.requirement("COM-16.d")
def test_regime_of_strings_is_decoded_too(lab: Lab, device: LabDevice) -> None:
    """FPort as a string finds its driver like FPort as a number."""
    connection = connect_bin(lab, "/strings", device)

    sent = [device.send(temperature_c=21.5)]
    expect_accepted(lab, *sent)
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection)
    payload = documents(lab, connection)[0]["DevEUI_uplink"].get("payload")
    lab.expect_seen("payload holds 21.5 degrees", (payload or {}).get("temperature"), {"is": 21.5}, payload)


@pytest.mark.requirement("COM-16.b")
def test_mixed_regime_passes_through_unchanged(lab: Lab, device: LabDevice) -> None:
    """A documented example mixes strings and numbers in one document: each stays what it was."""
    connection = connect_bin(lab, "/mixed", device)
    texts: dict[str, Any] = {
        "FPort": "5",
        "LrrRSSI": "-97.000000",
        "SpFact": "9",
        "InstantPER": 0.0,
        "NbTrans": 1,
        "Late": "0",
    }

    sent = [lab.post(uplink(device, **texts))]
    expect_accepted(lab, *sent)
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection)
    shown = documents(lab, connection)[0]["DevEUI_uplink"]
    kept = {name: shown[name] for name in texts}
    lab.expect_seen("strings stay strings, numbers numbers", kept, {"is": texts})
