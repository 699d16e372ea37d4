"""Times as text."""

from datetime import UTC, datetime, timedelta

import pytest

from uplab.fakes.widgelix.times import ago, iso, plain

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-60, "in the future"),
        (-10, "a few seconds ago"),
        (44, "a few seconds ago"),
        (45, "a minute ago"),
        (60, "a minute ago"),
        (11 * 60, "11 minutes ago"),
        (45 * 60, "an hour ago"),
        (5 * 3600, "5 hours ago"),
        (22 * 3600, "a day ago"),
        (3 * 86400, "3 days ago"),
        (40 * 86400, "a month ago"),
        (200 * 86400, "7 months ago"),
        (330 * 86400, "a year ago"),
        (800 * 86400, "2 years ago"),
    ],
)
def test_age_reads_as_people_say_it(seconds: int, words: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == words


def test_no_time_is_never() -> None:
    assert ago(None, NOW) == "never"


def test_table_time_leaves_the_zone_to_the_head() -> None:
    assert plain(NOW) == "2026-01-15 12:00:00.000"
    assert plain(NOW.replace(microsecond=1)) == "2026-01-15 12:00:00.000001"


def test_milliseconds_are_shown_and_finer_ones_not_lost() -> None:
    assert iso(NOW) == "2026-01-15T12:00:00.000+00:00"
    assert iso(NOW.replace(microsecond=1)) == "2026-01-15T12:00:00.000001+00:00"
