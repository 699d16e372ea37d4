"""The good one beside the bad one: only what differs, in the order of the way, the first difference marked."""

from dataclasses import replace

import orjson

from tests.reports.way.lines import events_of
from uplab.reports.way.beside import Beside, beside
from uplab.scenarios.history.event import Event


def _laid(bad: list[Event]) -> Beside:
    return beside(events_of("plain"), bad, ids=("u1", "u2"), near="the nearest")


def _told(found: Beside) -> list[tuple[str, str, str, str]]:
    return [(row.where, row.field, row.good, row.bad) for row in found.rows]


def _changed(hop: str, **facts: object) -> list[Event]:
    raw = facts.pop("raw", None)
    return [
        replace(event, facts={**event.facts, **facts}, raw=raw if isinstance(raw, bytes) else event.raw)
        if event.hop == hop and "u2" in event.ids
        else event
        for event in events_of("plain")
    ]


def test_alike_are_alike_whatever_they_measured() -> None:
    found = _laid(events_of("plain"))

    assert found.rows == ()
    assert found.first is None
    assert found.same > 20


def test_hop_that_was_never_reached_is_the_first_difference() -> None:
    found = _laid(events_of("lost"))

    assert _told(found)[0] == ("posthere: arrived", "the hop itself", "POST /4b19-48f6-94cc", "\u2013")
    assert found.first is found.rows[0]
    assert [row.first for row in found.rows] == [True, *(False for _ in found.rows[1:])]


def test_second_arrival_is_a_hop_of_its_own() -> None:
    assert ("posthere: arrived", "the hop itself", "\u2013", "POST /4b19-48f6-94cc") in _told(_laid(events_of("twice")))


def test_header_that_lacks_is_named() -> None:
    found = _laid(_changed("destination.arrived", headers=[["X-Thing", "0018B20000000001"]]))

    assert [(row.field, row.bad) for row in found.rows] == [("header Authorization", "absent")]


def test_member_of_the_body_is_told_by_what_became_of_it() -> None:
    [body] = [one.raw for one in events_of("plain") if one.hop == "destination.arrived" and "u2" in one.ids]
    document = orjson.loads(body or b"")
    document["DevEUI_uplink"].pop("FPort")
    document["DevEUI_uplink"]["LrrSNR"] = 1.5
    document["DevEUI_uplink"]["payload"] = {"temperature": 1}

    found = _laid(_changed("destination.arrived", raw=orjson.dumps(document)))

    assert [(row.field, row.good, row.bad) for row in found.rows] == [
        ("body DevEUI_uplink.FPort", "as sent", "missing"),
        ("body DevEUI_uplink.LrrSNR", "as sent", "altered: 9.2 became 1.5"),
        ("body DevEUI_uplink.payload.temperature", "absent", "added"),
    ]


def test_status_is_compared() -> None:
    found = _laid(_changed("destination.answered", status=503))

    assert [(row.where, row.field, row.good, row.bad) for row in found.rows] == [
        ("posthere: answered", "status", "200", "503")
    ]


def test_body_that_is_no_json_breaks_nothing() -> None:
    assert [row.field for row in _laid(_changed("destination.arrived", raw=b"\xff{")).rows][-1] == "body"


def test_many_differences_are_cut_and_counted() -> None:
    many = [[f"X-{n}", "1"] for n in range(80)]

    found = _laid(_changed("destination.arrived", headers=many))

    assert len(found.rows) == 60
    assert found.left_out > 0
