from typing import Any

import pytest

from tests.reports.sample import history_of
from uplab.reports.run import Line, Verdict
from uplab.reports.way.timeline import Timeline, diverged, timelines


def _lines(kind: str, lines: int = 0) -> list[Line]:
    stored = history_of(kind, lines=lines)
    return [
        Line(
            row["seq"],
            row["monotonic_s"],
            row["hop"],
            (row["id"],) if row["id"] else (),
            row["facts"],
            row.get("raw"),
            1,
        )
        for row in stored
    ]


def _line(hop: str, *ids: str, at_s: float = 0.0, **facts: Any) -> Line:
    return Line(1, at_s, hop, ids, facts)


def _verdict(hop: str | None, *ids: str) -> Verdict:
    return Verdict("none lost", None, "failed", 3, "promised", "happened", hop, "advice", ids)


def _of(kind: str, id_: str) -> Timeline:
    return next(timeline for timeline in timelines(_lines(kind)).shown if timeline.id == id_)


def _marks(timeline: Timeline) -> list[tuple[int, str]]:
    return [(index, row.place) for index, row in enumerate(timeline.rows) if row.mark]


def test_hops_come_in_order_since_the_first() -> None:
    way = _of("plain", "u2")

    assert [row.hop for row in way.rows] == [
        "device.sent",
        "gateway.heard",
        "network.document",
        "tunnel.sent",
        "tunnel.answered",
        "destination.arrived",
        "destination.answered",
    ]
    assert [row.ms for row in way.rows] == [0.0, 0.3, 200.8, 201.4, 204.8, 208.9, 209.7]
    assert way.title == "device 0018B20000000002, FCnt 1"


def test_gateways_of_one_transmission_make_one_row() -> None:
    assert _of("plain", "u1").rows[1].words.startswith("2 gateways heard it: 08060F01")


def test_gateways_of_a_repetition_stay_apart() -> None:
    lines = [
        _line("gateway.heard", "u1", lrr_id=lrr, phy_hex=phy, rssi_dbm=-1, snr_db=1)
        for lrr, phy in (("A", "1"), ("B", "1"), ("A", "2"))
    ]

    words = [row.words for row in timelines(lines).shown[0].rows]

    assert [text.split(" ")[0] for text in words] == ["2", "gateway"]


def test_lines_without_a_document_come_last() -> None:
    shown = timelines(_lines("plain")).shown

    assert [timeline.id for timeline in shown] == ["u1", "u2", "u3", None]
    assert [row.hop for row in shown[-1].rows] == ["api.asked", "api.answered", "device.sent", "network.joined"]


def test_wanted_documents_come_first_with_their_bytes() -> None:
    shown = timelines(_lines("plain"), wanted={"u3"}).shown

    assert [timeline.id for timeline in shown] == ["u3", "u1", "u2", None]
    assert any(row.raw for row in shown[0].rows)
    assert not any(row.raw for timeline in shown[1:] for row in timeline.rows)


def test_headers_stand_above_the_body() -> None:
    arrived = next(
        row for row in timelines(_lines("plain"), wanted={"u1"}).shown[0].rows if row.hop == "destination.arrived"
    )

    assert (arrived.raw or "").startswith(
        "POST /4b19-48f6-94cc HTTP/1.1\nX-Thing: 0018B20000000001\nAuthorization: SECRET-"
    )
    assert '\n\n{"DevEUI_uplink"' in (arrived.raw or "")


def test_line_of_several_documents_is_in_each_timeline() -> None:
    shown = timelines([_line("destination.published", "u1", "u2", fake="thingsboard")]).shown

    assert [(timeline.id, len(timeline.rows)) for timeline in shown] == [("u1", 1), ("u2", 1)]


def test_line_that_tells_of_a_document_twice_is_one_row() -> None:
    (shown,) = timelines([_line("destination.published", "u1", "u1", fake="thingsboard")]).shown

    assert len(shown.rows) == 1


@pytest.mark.parametrize(("code", "delivered"), [(0, True), (0x10, True), (0x80, False), (0x99, False)])
def test_acknowledgement_that_refuses_is_no_delivery(code: int, delivered: bool) -> None:
    (shown,) = timelines([_line("destination.acknowledged", "u1", fake="thingsboard", code=code)]).shown

    assert shown.rows[0].delivered is delivered


def test_rows_are_bounded_and_the_rest_is_counted() -> None:
    lines = _lines("plain", lines=5_000)
    found = timelines(lines, limit=200)

    in_timelines = sum(timeline.left_out for timeline in found.shown)
    merged = sum(timeline.rows[i].hop == "gateway.heard" for timeline in found.shown for i in range(len(timeline.rows)))

    assert found.rows <= 200
    assert found.rows + merged + in_timelines + found.left_out == len(lines)


def test_documents_begun_are_shown_to_their_end() -> None:
    found = timelines(_lines("plain", lines=5_000), limit=205)

    assert all(timeline.rows[-1].hop == "destination.answered" for timeline in found.shown if timeline.id)


def test_wanted_document_is_found_behind_thousands() -> None:
    found = timelines(_lines("plain", lines=5_000), wanted={"u500"}, limit=100)

    assert found.shown[0].id == "u500"
    assert len(found.shown[0].rows) == 7
    assert found.rows <= 100


def test_lost_uplink_diverges_after_the_last_it_was_seen() -> None:
    way = diverged(_of("lost", "u2"), _verdict("forwarder", "u2"))

    assert _marks(way) == [(5, "forwarder")]
    assert len(way.rows) == 6
    assert "none lost: happened" in (way.rows[5].mark or "")


def test_altered_uplink_diverges_before_its_arrival() -> None:
    way = diverged(_of("plain", "u2"), _verdict("forwarder", "u2"))

    assert _marks(way) == [(5, "forwarder")]
    assert way.rows[6].hop == "destination.arrived"


def test_repeated_uplink_diverges_before_the_arrival_too_many() -> None:
    way = diverged(_of("twice", "u2"), _verdict("forwarder", "u2"))

    assert _marks(way) == [(7, "forwarder")]
    assert [row.hop for row in way.rows].count("destination.arrived") == 2


def test_retry_after_a_refusal_is_not_the_divergence() -> None:
    way = diverged(_of("retried", "u2"), _verdict("forwarder", "u2"))

    assert _marks(way) == [(5, "forwarder")]


def test_lost_downlink_diverges_before_the_network() -> None:
    way = diverged(_of("downlink", "d1"), _verdict("forwarder", "d1"))

    assert _marks(way) == [(1, "forwarder")]


def test_named_hop_is_marked_where_it_is_first_seen() -> None:
    assert _marks(diverged(_of("twice", "u2"), _verdict("destination.answered", "u2"))) == [(6, "posthere")]
    assert _marks(diverged(_of("twice", "u2"), _verdict("destination", "u2"))) == [(5, "posthere")]


def test_place_never_reached_is_marked_at_the_end() -> None:
    way = diverged(_of("lost", "u2"), _verdict("destination", "u2"))

    assert _marks(way) == [(5, "destination")]
    assert way.rows[5].words == "no line: it never came this far"


def test_two_complaints_share_one_mark() -> None:
    way = diverged(diverged(_of("lost", "u2"), _verdict("forwarder", "u2")), _verdict("forwarder", "u2"))

    assert len(_marks(way)) == 1
    assert (way.rows[5].mark or "").count("happened") == 2


def test_timeline_of_another_document_stays_unmarked() -> None:
    assert not diverged(_of("plain", "u1"), _verdict("forwarder", "u2")).diverges
    assert not diverged(_of("plain", "u1"), _verdict(None, "u1")).diverges


def test_post_is_counted_for_each_document_not_for_the_run() -> None:
    posts = [_line("tunnel.sent", id_, attempt=n) for n, id_ in enumerate(("u1", "u2", "u1", "u1"), 36)]

    shown = {way.id: [row.words for row in way.rows] for way in timelines(posts).shown}

    first = "tunnel posted it to the forwarder"
    again = [f"{first} again: post {n} of this document" for n in (2, 3)]
    assert shown == {"u1": [first, *again], "u2": [first]}
