from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from uplab.fakes.posthere.state import AGE_S, BODY_LIMIT, REQUESTS_LIMIT, BinStore, Captured

NAMES = st.sampled_from(["a", "b", "c/d", "ü"])


def put(store: BinStore, name: str = "a", body: bytes = b"x", now_s: float = 0.0, **more: Any) -> Captured:
    return store.capture(name, now_s=now_s, method="POST", status=200, body=body, **more)


def bodies(store: BinStore, name: str = "a", now_s: float = 0.0) -> list[bytes | None]:
    return [captured.body for captured in store.requests(name, now_s)]


def test_bin_shows_its_own_requests_newest_first() -> None:
    store = BinStore()
    put(store, "a", b"1")
    put(store, "b", b"2")
    put(store, "a", b"3")

    assert bodies(store, "a") == [b"3", b"1"]
    assert bodies(store, "b") == [b"2"]
    assert bodies(store, "never posted to") == []


def test_hundred_and_first_request_drops_the_oldest_and_is_counted() -> None:
    store = BinStore()
    for n in range(REQUESTS_LIMIT + 3):
        put(store, body=b"%d" % n)

    assert bodies(store) == [b"%d" % n for n in range(102, 2, -1)]
    assert (store.summary("a", 0.0).count, store.summary("a", 0.0).dropped) == (100, 3)


def test_request_is_kept_for_a_day_and_then_counted_as_expired() -> None:
    store = BinStore()
    put(store, body=b"old", now_s=0.0)
    put(store, body=b"new", now_s=1.0)

    assert bodies(store, now_s=AGE_S) == [b"new", b"old"]
    assert bodies(store, now_s=AGE_S + 1) == [b"new"]
    assert (store.summary("a", AGE_S + 1).expired, store.summary("a", AGE_S + 1).dropped) == (1, 0)


def test_body_of_a_million_bytes_is_kept_and_one_more_is_not() -> None:
    store = BinStore()
    fits = put(store, body=b"x" * BODY_LIMIT)
    cut = put(store, body=b"x" * BODY_LIMIT, size=BODY_LIMIT + 1)

    assert (len(fits.body or b""), fits.size) == (BODY_LIMIT, BODY_LIMIT)
    assert (cut.body, cut.size) == (None, BODY_LIMIT + 1)


def test_number_finds_one_request_of_its_own_bin_only() -> None:
    store = BinStore()
    captured = put(store, "a")

    assert store.find("a", captured.number, 0.0) == captured
    assert store.find("b", captured.number, 0.0) is None
    assert store.find("a", captured.number + 1, 0.0) is None


def test_only_what_is_newer_than_a_number_can_be_asked_for() -> None:
    store = BinStore()
    numbers = [put(store).number for _ in range(3)]

    assert [captured.number for captured in store.requests("a", 0.0, after=numbers[0])] == [numbers[2], numbers[1]]


def test_deleted_bin_is_forgotten_with_its_counts() -> None:
    store = BinStore()
    for _ in range(REQUESTS_LIMIT + 1):
        put(store)

    store.delete("a")
    store.delete("never posted to")

    assert store.bins(0.0) == []
    assert store.summary("a", 0.0).dropped == 0


def test_list_of_bins_begins_with_the_one_last_posted_to() -> None:
    store = BinStore()
    for name in ("a", "b", "a"):
        put(store, name, now_s=5.0)

    assert [(one.name, one.count, one.last_s) for one in store.bins(5.0)] == [("a", 2, 5.0), ("b", 1, 5.0)]


def test_full_store_drops_from_the_bin_posted_to_longest_ago() -> None:
    store = BinStore(bytes_limit=10)
    for name in ("a", "b", "a"):
        put(store, name, b"123")
    put(store, "c", b"1234")

    assert (bodies(store, "a"), bodies(store, "b")) == ([b"123", b"123"], [])
    assert (store.summary("a", 0.0).dropped, store.summary("b", 0.0).dropped) == (0, 1)
    put(store, "c", b"1234567890")
    assert (bodies(store, "a"), bodies(store, "c")) == ([], [b"1234567890"])
    assert [one.dropped for one in store.bins(0.0)] == [1, 2, 1]


def test_too_many_bins_forget_the_oldest_and_count_it() -> None:
    store = BinStore(bins_limit=2)
    for name in ("a", "b", "a", "c"):
        put(store, name)

    assert [one.name for one in store.bins(0.0)] == ["c", "a"]
    assert store.forgotten == 1


def test_numbers_go_on_where_an_earlier_store_ended() -> None:
    assert put(BinStore(first_number=8)).number == 8


@given(st.lists(st.tuples(NAMES, st.binary(max_size=5)), max_size=150))
def test_kept_and_dropped_always_add_up(captures: list[tuple[str, bytes]]) -> None:
    store = BinStore(bytes_limit=100)
    for name, body in captures:
        put(store, name, body)

    for one in store.bins(0.0):
        sent = [body for name, body in captures if name == one.name]
        assert bodies(store, one.name) == sent[one.dropped :][::-1]


class BoundedStore(RuleBasedStateMachine):
    """Whatever is done to a store, it stays within its bounds and its sums are right."""

    def __init__(self) -> None:
        super().__init__()
        self.store = BinStore(bytes_limit=40, bins_limit=3)
        self.now_s = 0.0

    @rule(name=NAMES, body=st.binary(max_size=15))
    def capture(self, name: str, body: bytes) -> None:
        captured = put(self.store, name, body, self.now_s)
        assert self.store.requests(name, self.now_s)[0] == captured

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        self.store.delete(name)

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self.now_s += hours * 3600.0

    @rule(name=NAMES)
    def look(self, name: str) -> None:
        assert all(self.now_s - captured.time_s <= AGE_S for captured in self.store.requests(name, self.now_s))

    @invariant()
    def sums_and_bounds_hold(self) -> None:
        bins = self.store._bins
        held = sum(len(captured.body or b"") for one in bins.values() for captured in one.requests)
        assert self.store._bytes == held <= 40
        assert len(bins) <= 3
        assert set(self.store._filled) == {name for name, one in bins.items() if one.requests}


TestBoundedStore = BoundedStore.TestCase
