import pytest

from uplab.fakes.thingsboard.state.limits import RateLimitError, RateLimits, parse_limit


class Clock:
    now_ms = 0

    def __call__(self) -> int:
        return self.now_ms


def test_pairs_are_read() -> None:
    assert parse_limit("100:1,2000:60") == ((100, 1), (2000, 60))
    assert parse_limit("") == ()


@pytest.mark.parametrize("text", ["100", "a:1", "1:0", "0:1", "1:1,", "1:1;2:2"])
def test_unreadable_limit_says_how_it_is_written(text: str) -> None:
    with pytest.raises(RateLimitError, match="COUNT:SECONDS"):
        parse_limit(text)


def test_bucket_fills_evenly() -> None:
    limits, clock = RateLimits(device_messages="2:1"), Clock()

    def allowed() -> bool:
        return limits.allow("device_messages", "d", clock)

    assert [allowed() for _ in range(3)] == [True, True, False]
    clock.now_ms = 500
    assert [allowed() for _ in range(2)] == [True, False]


def test_tightest_of_several_pairs_counts() -> None:
    limits, clock = RateLimits(rest="10:1,3:60"), Clock()

    assert [limits.allow("rest", "t", clock) for _ in range(4)] == [True, True, True, False]


def test_entities_are_counted_apart() -> None:
    limits, clock = RateLimits(device_messages="1:1"), Clock()

    assert [limits.allow("device_messages", one, clock) for one in "aab"] == [True, False, True]


def test_points_and_messages_are_counted_apart() -> None:
    limits, clock = RateLimits(device_points="10:1"), Clock()

    assert limits.allow_message("device", "d", clock, 6)
    assert not limits.allow_message("device", "d", clock, 6)
    assert limits.allow_message("device", "d", clock, 0)


def test_limit_is_changed_and_taken_away() -> None:
    limits, clock = RateLimits(), Clock()
    assert limits.off

    limits.change("rest", "1:1")
    assert [limits.allow("rest", "t", clock) for _ in range(2)] == [True, False]
    limits.change("rest", "")
    assert limits.off
    with pytest.raises(RateLimitError, match="there is no rate limit mood"):
        limits.change("mood", "1:1")
