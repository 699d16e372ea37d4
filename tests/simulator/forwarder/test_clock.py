import pytest

from uplab.simulator.forwarder.clock import Clock, iso, parse_iso, read_clock


def test_scheduled_time_runs_at_its_rate_from_its_origin() -> None:
    monotonic = [100.0]
    clock = Clock(1_767_225_600.0, 100.0, 60.0, lambda: monotonic[0])
    assert clock.now() == 1_767_225_600.0

    monotonic[0] = 101.5

    assert clock.now() == 1_767_225_690.0
    assert clock.until_s(1_767_225_750.0) == 1.0
    assert clock.until_s(0.0) == 0.0


def test_wall_instant_keeps_its_distance_from_now() -> None:
    clock = Clock(5000.0, 0.0, 10.0, lambda: 100.0, lambda: 1_767_225_660.0)

    assert clock.now() == 6000.0
    assert clock.scheduled(1_767_225_600.0) == 5940.0


def test_clock_is_read_from_three_numbers() -> None:
    assert read_clock("1767225600.5,12.25,600") == Clock(1_767_225_600.5, 12.25, 600.0)


def test_without_numbers_it_is_the_real_clock() -> None:
    assert read_clock("").rate == read_clock(None).rate == 1.0
    assert read_clock("").now() > 1_700_000_000.0


@pytest.mark.parametrize("text", ["1,2", "1,2,3,4", "a,b,c", "1,2,0", "1,2,-1", "nan,1,1", "1,2,inf"])
def test_malformed_clock_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match=r"^UPLAB_CLOCK must"):
        read_clock(text)


def test_instant_is_written_with_milliseconds_and_offset() -> None:
    assert iso(1_767_225_600.123) == "2026-01-01T00:00:00.123+00:00"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-01T00:00:00.123+00:00", 1_767_225_600.123),
        ("2026-01-01T01:00:00.1+01:00", 1_767_225_600.1),
        ("2026-01-01T00:00:00Z", 1_767_225_600.0),
        ("2026-01-01T00:00:00", 1_767_225_600.0),
    ],
)
def test_instant_is_read_in_the_forms_that_occur(text: str, seconds: float) -> None:
    assert parse_iso(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-01-01", "2026-13-01T00:00:00Z", "1767225600", 17, None])
def test_what_is_no_iso_instant_is_none(text: object) -> None:
    assert parse_iso(text) is None
