"""Documents as the field has them, in the form in which each connector sends them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.forwarder.delivery.test_assembly import assembled
from tests.simulator.forwarder.making import HTTP_EXAMPLE, THINGSBOARD_EXAMPLE, WIDGELIX_EXAMPLE, changed
from uplab.simulator.forwarder.delivery.backlog import Uplink
from uplab.simulator.forwarder.destinations.sink import Outgoing
from uplab.simulator.forwarder.destinations.thingsboard.telemetry import point
from uplab.simulator.forwarder.documents.document import read_document
from uplab.simulator.forwarder.patterns.pattern import UnresolvedError

FIELD = Path(__file__).parents[3] / "vectors" / "field"
ACCEPTED_S = 1_700_000_000.25
PLAIN_HTTP = changed(HTTP_EXAMPLE, headers={})
KEYED = changed(WIDGELIX_EXAMPLE, headers={"Authorization": "abc"})


def stored(raw: bytes) -> Uplink:
    """A document on its way to a connection, as the service stores it."""
    document = read_document(raw)
    return Uplink(1, document.dev_eui, document.f_cnt, document.time_s, 0.0, raw, None, ACCEPTED_S)


def sent(name: str, body: dict[str, Any], **members: Any) -> Outgoing:
    """How a document of the field leaves; `members` are put in, or taken out where they are None."""
    whole = json.loads((FIELD / f"{name}.json").read_text())
    ((root, report),) = whole.items()
    report = {key: value for key, value in {**report, **members}.items() if value is not None}
    made = assembled(body)[0].outgoing(stored(json.dumps({root: report}).encode()))
    assert made is not None
    return made


TIMES = {
    "device-alarm": ("0A0B0C0D0E0F0019", "2026-09-06T08:21:07.104+00:00"),
    "location-no-time": ("0A0B0C0D0E0F0013", "2020-01-27T10:00:43.336+01:00"),
    "base-station-alarm": ("0F0E0D0C", "2026-09-06T08:18:55.268+00:00"),
    "late-one": ("0A0B0C0D0E0F0008", "2026-11-30T06:49:29.624+00:00"),
}


@pytest.mark.parametrize("name", TIMES)
def test_telemetry_is_of_the_time_and_the_device_that_the_document_tells(name: str) -> None:
    made = sent(name, THINGSBOARD_EXAMPLE)

    assert (made.dev_eui, made.time, made.note) == (*TIMES[name], "")


def test_document_without_a_time_gets_that_of_its_acceptance_and_says_so() -> None:
    made = sent("late-one", THINGSBOARD_EXAMPLE, Time=None)

    assert (made.time, made.note) == (
        "2023-11-14T22:13:20.250+00:00",
        "has no time of its own; its telemetry has that of its acceptance",
    )
    assert point(made.dev_eui, made.time, made.document).ts == 1_700_000_000_250
    assert sent("late-one", PLAIN_HTTP, Time=None).note == ""


def test_time_that_is_none_is_dropped_at_thingsboard_by_its_name_and_goes_out_over_http() -> None:
    with pytest.raises(UnresolvedError, match=r"^telemetry needs a time: Time is '1714979289123', no ISO 8601 time$"):
        sent("time-epoch-ms", THINGSBOARD_EXAMPLE)

    assert b'"Time":1714979289123,' in sent("time-epoch-ms", PLAIN_HTTP).body
    assert b'"Time":1714979289123,' in sent("time-epoch-ms", KEYED).body


def test_alarm_that_names_nobody_cannot_be_telemetry() -> None:
    with pytest.raises(UnresolvedError, match="telemetry needs a device: BS_alarm names none"):
        sent("base-station-alarm", THINGSBOARD_EXAMPLE, LrrID=None)


def test_one_gateway_is_told_as_a_list_of_one_and_texts_as_numbers() -> None:
    made = sent("strings-one-gateway-as-object", THINGSBOARD_EXAMPLE)

    values = point(made.dev_eui, made.time, made.document).values
    assert [gateway["Lrrid"] for gateway in values["gateways"]] == ["0F0E0D0C"]
    assert (values["fCntUp"], values["rssi"], values["temperature"]) == (100, -91.0, 22.6)


def test_unknown_application_is_told_once_for_each_device() -> None:
    setup = assembled(PLAIN_HTTP)[0]
    raw = (FIELD / "late-one.json").read_bytes().replace(b'"generic"', b'"unheard"')

    notes = [made.note for _ in range(2) if (made := setup.outgoing(stored(raw))) is not None]

    assert notes == ["goes out without payload: no driver is known for the application elsys:unheard:1", ""]
