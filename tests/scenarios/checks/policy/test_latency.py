"""How long each leg takes: counted by size, added up over scenarios."""

import pytest

from tests.reports.way.lines import events_of
from uplab.scenarios.checks.policy.latency import Latency, latency


def test_legs_of_a_history_are_told_apart() -> None:
    rows = {row["leg"]: row for row in latency(events_of("plain")).rows()}

    assert list(rows) == ["taken in", "carried", "taken over"]
    assert {leg: row["count"] for leg, row in rows.items()} == {"taken in": 3, "carried": 3, "taken over": 3}
    assert rows["taken in"]["p50_ms"] == pytest.approx(3.4, rel=0.08)
    assert rows["carried"]["p50_ms"] == pytest.approx(7.5, rel=0.08)


def test_mqtt_counts_as_http_does() -> None:
    assert [row["count"] for row in latency(events_of("thingsboard")).rows()] == [3, 3, 3]


def test_what_never_arrived_is_not_carried_and_again_is_not_counted_twice() -> None:
    assert latency(events_of("lost")).row("carried")["count"] == 2
    assert latency(events_of("twice")).row("carried")["count"] == 3


def test_many_scenarios_add_up_and_survive_a_record() -> None:
    found = Latency()
    for took_s in (0.001, 0.002, 0.004, 5.0):
        found.note("carried", took_s)
    whole = Latency.from_data(found.as_data())
    whole.add(Latency.from_data(found.as_data()))

    row = whole.row("carried")

    assert row["count"] == 8
    assert row["p50_ms"] == pytest.approx(2, rel=0.08)
    assert row["p95_ms"] == row["most_ms"] == pytest.approx(5000, rel=0.08)
    assert Latency().rows() == []
    assert Latency().row("carried")["p50_ms"] is None


def test_no_time_at_all_has_a_size() -> None:
    found = Latency()
    found.note("carried", 0.0)
    found.note("carried", -1.0)

    assert found.row("carried")["most_ms"] == 0.01
