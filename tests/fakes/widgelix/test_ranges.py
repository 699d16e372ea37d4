"""Ranges: named ones, dates and times."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.fakes.widgelix.errors import InvalidError
from uplab.fakes.widgelix.ranges import Range, range_of

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize("name", ["week", "1 week", "Week", " week "])
def test_named_range_ends_now(name: str) -> None:
    assert range_of({"range": name}, NOW) == Range(NOW - timedelta(days=7), NOW)


def test_no_range_means_everything() -> None:
    assert range_of({}, NOW) == Range(None, None)
    assert range_of({"from": "", "to": "", "range": ""}, NOW) == Range(None, None)


def test_dates_are_whole_days_in_utc() -> None:
    chosen = range_of({"from": "2026-01-01", "to": "2026-01-02"}, NOW)

    assert chosen.start == datetime(2026, 1, 1, tzinfo=UTC)
    assert chosen.end == datetime(2026, 1, 2, 23, 59, 59, 999999, tzinfo=UTC)


def test_times_bring_their_offset() -> None:
    assert range_of({"from": "2026-01-01T02:00:00+02:00"}, NOW).start == datetime(2026, 1, 1, tzinfo=UTC)


def test_start_or_end_beats_the_named_range() -> None:
    assert range_of({"from": "2026-01-01", "range": "week"}, NOW) == Range(datetime(2026, 1, 1, tzinfo=UTC), None)


@pytest.mark.parametrize(
    ("parameters", "field", "message"),
    [
        ({"range": "decade"}, "range", "expected one of hour, day, week, month, year, not 'decade'"),
        ({"from": "monday"}, "from", "expected an ISO 8601 time, not 'monday'"),
        ({"from": "2026-13-01"}, "from", "expected a date or a time, not '2026-13-01'"),
        ({"to": "2026-01-01T00:00:00 02:00"}, "to", "(a '+' in a query is written %2B)"),
        ({"to": "2026-01-01T00:00:00"}, "to", "has no offset"),
        ({"from": "2026-01-03", "to": "2026-01-01"}, "from", "2026-01-03 is after 2026-01-01"),
    ],
)
def test_impossible_range_is_refused_at_its_parameter(parameters: dict[str, str], field: str, message: str) -> None:
    with pytest.raises(InvalidError) as caught:
        range_of(parameters, NOW)

    assert caught.value.field == field
    assert message in str(caught.value)


@given(st.sampled_from(["from", "to", "range"]), st.text(max_size=30))
def test_any_text_is_a_range_or_refused(name: str, text: str) -> None:
    try:
        range_of({name: text}, NOW)
    except InvalidError:
        return
