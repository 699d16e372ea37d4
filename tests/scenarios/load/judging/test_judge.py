from dataclasses import dataclass, field
from typing import Any

import pytest

from uplab.scenarios.load.judging.judge import SHOWN, Judge
from uplab.scenarios.load.judging.series import Series
from uplab.scenarios.load.judging.tally import KINDS
from uplab.scenarios.load.judging.under_way import KEPT, Arrival

PLACES = [("one", "http"), ("two", "http"), ("three", "thingsboard")]
SECOND = 1_000_000


@dataclass
class World:
    """A judge that is told of uplinks by their number: device A is bound to the place one, B to one and three."""

    judge: Judge = field(
        default_factory=lambda: Judge(
            PLACES,
            {"A": [0], "B": [0, 2]},
            series=Series(0, ["http", "thingsboard"]),
            late_after_us=30 * SECOND,
        )
    )

    def post(self, number: int, device: str = "A", outcome: str = "accepted") -> None:
        self.judge.posted(device, "u", number, number * 60_000, f"d{number}", number * SECOND, outcome)

    def arrive(self, number: int, place: int = 0, device: str = "A", **changes: Any) -> None:
        at_us = changes.pop("at_us", number * SECOND + 2_000)
        changes.setdefault("answered_us", at_us + changes.pop("open_us", 500))
        given = {"f_cnt": number, "time_ms": number * 60_000, "digest": f"d{number}", "taken": True, **changes}
        self.judge.arrived(Arrival(place, device, "u", arrived_us=at_us, **given))

    def broken(self) -> dict[str, int]:
        self.judge.finish()
        return {kind: count for kind, count in self.judge.whole.broken.items() if count}


@pytest.fixture
def world() -> World:
    return World()


def test_what_arrives_once_and_as_it_was_breaks_nothing(world: World) -> None:
    for number in range(1, 50):
        world.post(number)
        world.arrive(number)

    assert world.broken() == {}
    whole = world.judge.whole
    assert (whole.owed, whole.delivered, whole.waiting, whole.late) == (49, 49, 0, 0)
    assert whole.sketch.quantile_s(0.5) == pytest.approx(0.002, rel=0.01)


def test_what_is_not_taken_is_lost_and_named(world: World) -> None:
    for number in (1, 2, 3):
        world.post(number)
    world.arrive(1)
    world.arrive(3, taken=False)

    assert world.broken() == {"lost": 2}
    assert [(a.dev_eui, a.f_cnt, a.time_ms, a.place) for a in world.judge.anomalies["lost"]] == [
        ("A", 2, 120_000, "one"),
        ("A", 3, 180_000, "one"),
    ]


def test_each_place_of_a_device_has_to_take_it(world: World) -> None:
    world.post(1, "B")
    world.arrive(1, 0, "B")

    assert world.broken() == {"lost": 1}
    assert world.judge.tallies[1].broken["lost"] == 1


def test_what_was_refused_is_neither_owed_nor_may_it_arrive(world: World) -> None:
    world.post(1, outcome="refused")
    world.post(2, outcome="refused")
    world.post(3, outcome="unclear")
    world.post(4, outcome="unclear")
    world.arrive(2)
    world.arrive(4)

    assert world.broken() == {"leaked": 1}
    assert world.judge.outcomes == {"accepted": 0, "refused": 2, "unclear": 2}


def test_what_comes_again_is_told(world: World) -> None:
    world.post(1)
    world.arrive(1)
    world.arrive(1, at_us=9 * SECOND)
    world.arrive(1, at_us=10 * SECOND, taken=False)

    assert world.broken() == {"twice": 2}


def test_a_copy_at_one_place_while_another_still_has_to_take_it_is_told(world: World) -> None:
    world.post(1, "B")
    world.arrive(1, 0, "B")
    world.arrive(1, 0, "B", at_us=2 * SECOND)
    world.arrive(1, 2, "B")

    assert world.broken() == {"twice": 1}


def test_attempts_that_were_not_taken_are_no_copies(world: World) -> None:
    world.post(1)
    world.arrive(1, taken=False)
    world.arrive(1, at_us=2 * SECOND, taken=False)
    world.arrive(1, at_us=3 * SECOND)

    assert world.broken() == {}
    assert world.judge.whole.attempts == 3


@pytest.mark.parametrize(
    ("ends_s", "answered_s", "excused"),
    [(4.0, 1.0, True), (7.0, 1.0, False), (2.5, 4.0, True), (0.5, 1.0, True), (30.0, 1.0, False)],
    ids=["shortly before the end", "long before", "open at the end", "on its way at the end", "before it arrived"],
)
@pytest.mark.parametrize("told_first", [True, False])
def test_a_copy_after_an_end_is_allowed_of_what_was_in_flight(
    world: World, ends_s: float, answered_s: float, excused: bool, told_first: bool
) -> None:
    world.post(1)
    if told_first:
        world.judge.ended(round(ends_s * SECOND))
    world.arrive(1, answered_us=round(answered_s * SECOND) + 3_000)
    if not told_first:
        world.judge.ended(round(ends_s * SECOND))
    world.arrive(1, at_us=40 * SECOND)

    assert world.broken() == ({} if excused else {"twice": 1})
    assert world.judge.whole.repeated == int(excused)


def test_a_copy_after_a_fault_or_a_slow_answer_is_allowed(world: World) -> None:
    for number, change in ((1, {"faulty": True}), (2, {"open_us": 6 * SECOND})):
        world.post(number)
        world.arrive(number, **change)
        world.arrive(number, at_us=(20 + number) * SECOND)

    assert world.broken() == {}
    assert world.judge.whole.repeated == 2


def test_a_later_one_first_is_out_of_order(world: World) -> None:
    for number in (1, 2, 3):
        world.post(number)
    for number, at_s in ((2, 5), (1, 6), (3, 7)):
        world.arrive(number, at_us=at_s * SECOND)

    assert world.broken() == {"out of order": 1}
    assert world.judge.anomalies["out of order"][0].f_cnt == 1


def test_one_that_begins_while_another_is_open_is_out_of_order(world: World) -> None:
    world.post(1)
    world.post(2)
    world.arrive(1, at_us=5 * SECOND, open_us=SECOND)
    world.arrive(2, at_us=5 * SECOND + 1)

    assert world.broken() == {"out of order": 1}


def test_where_no_order_is_promised_none_is_asked_for() -> None:
    judge = Judge(PLACES, {"A": [0]}, series=Series(0, ["http", "thingsboard"]), late_after_us=SECOND, ordered=False)
    world = World(judge)
    world.post(1)
    world.post(2)
    world.arrive(2, at_us=5 * SECOND)
    world.arrive(1, at_us=6 * SECOND)

    assert world.broken() == {}
    assert judge.whole.late == 2


def test_late_uplinks_of_a_device_keep_the_order_in_which_they_were_posted(world: World) -> None:
    """An older Time may be posted later: a gateway that was cut off sends what it kept."""
    for number in (5, 3, 6):
        world.judge.posted("A", "u", number, number * 60_000, f"d{number}", SECOND, "accepted")
    for place, number in enumerate((5, 3, 6)):
        world.arrive(number, at_us=(10 + place) * SECOND)

    assert world.broken() == {}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"digest": "other"}, "digest"),
        ({"f_cnt": 99}, "counter"),
        ({"f_cnt": 99, "digest": None}, "counter"),
        ({"time_ms": 61_000}, "Time"),
    ],
)
def test_another_content_is_altered_and_delivered(world: World, change: dict[str, Any], words: str) -> None:
    world.post(1)
    world.arrive(1, **change)

    assert world.broken() == {"altered": 1}
    assert words in world.judge.anomalies["altered"][0].words


def test_telemetry_that_names_no_counter_is_taken_by_its_time(world: World) -> None:
    world.post(1)
    world.arrive(1, f_cnt=None, digest=None)

    assert world.broken() == {}


def test_a_forwarder_that_alters_every_time_fills_no_memory(world: World) -> None:
    for number in range(1, 3_000):
        world.post(number)
        world.arrive(number, time_ms=number * 60_000 + 7)
    held = world.judge.held

    assert world.broken() == {"altered": 2_999}
    assert held < 2 * KEPT


def test_where_its_device_is_not_bound_it_is_misplaced_and_not_taken(world: World) -> None:
    world.post(1)
    world.arrive(1, 1)

    assert world.broken() == {"lost": 1, "misplaced": 1}


def test_a_copy_elsewhere_is_misplaced(world: World) -> None:
    world.post(1)
    world.arrive(1)
    world.arrive(1, 1, at_us=3 * SECOND)

    assert world.broken() == {"misplaced": 1}


def test_what_nobody_has_posted_is_invented(world: World) -> None:
    world.post(1)
    world.arrive(1)
    world.arrive(2)
    world.arrive(1, device="C")
    world.judge.unreadable(0, 1, "<html>")

    assert world.broken() == {"invented": 3}


def test_with_a_ledger_that_breaks_off_it_is_unknown(world: World) -> None:
    world.arrive(1)
    world.judge.finish(complete=False)

    assert not any(world.judge.whole.broken.values())
    assert world.judge.unknown == 1


def test_posts_may_be_told_after_what_came_of_them(world: World) -> None:
    for number in range(1, 40):
        world.arrive(number)
    for number in range(1, 40):
        world.post(number)

    assert world.broken() == {}
    assert world.judge.whole.delivered == 39


def test_order_and_copies_are_seen_also_where_posts_are_told_late(world: World) -> None:
    for number, at_s in ((2, 5), (1, 6), (1, 7)):
        world.arrive(number, at_us=at_s * SECOND)
    world.post(1)
    world.post(2)

    assert world.broken() == {"twice": 1, "out of order": 1}


def test_counters_that_begin_anew_after_a_join_are_other_uplinks(world: World) -> None:
    for at in (1, 2):
        for f_cnt in (0, 1):
            time_ms = (10 * at + f_cnt) * 60_000
            world.judge.posted("A", "u", f_cnt, time_ms, "d", SECOND, "accepted")
            world.arrive(f_cnt, time_ms=time_ms, digest="d", at_us=(10 * at + f_cnt) * SECOND)

    assert world.broken() == {}


def test_documents_of_other_kinds_are_judged_too(world: World) -> None:
    for begins, kind in enumerate(("DevEUI_uplink", "DevEUI_location")):
        world.judge.posted("A", kind, None, 5, "d", SECOND, "accepted")
        for at_us in (10 * begins, 10 * begins + 5):
            world.judge.arrived(Arrival(0, "A", kind, None, 5, "d", at_us, at_us + 1, True))

    assert world.broken() == {"twice": 2}


@pytest.mark.parametrize("told_first", [True, False])
def test_telemetry_tells_of_any_document_by_its_time(world: World, told_first: bool) -> None:
    """A join has no counter, and a location may have the Time of an uplink."""
    posts = [("DevEUI_uplink", None, 1_000), ("u", 7, 2_000), ("DevEUI_location", 7, 2_000), ("u", 8, 3_000)]

    def post() -> None:
        for kind, f_cnt, time_ms in posts:
            world.judge.posted("B", kind, f_cnt, time_ms, "d", SECOND, "accepted")

    if told_first:
        post()
    for at_s, (_, _, time_ms) in enumerate(posts, 2):
        for place, kind in ((2, "t"), (0, posts[at_s - 2][0])):
            digest = None if place else "d"
            f_cnt = posts[at_s - 2][1]
            at_us = at_s * SECOND
            world.judge.arrived(Arrival(place, "B", kind, f_cnt, time_ms, digest, at_us, at_us + 9, True))
    if not told_first:
        post()

    assert world.broken() == {}


def test_a_copy_of_a_join_in_telemetry_is_told(world: World) -> None:
    world.judge.posted("B", "DevEUI_uplink", None, 1_000, "d", SECOND, "accepted")
    world.judge.arrived(Arrival(0, "B", "DevEUI_uplink", None, 1_000, "d", 2, 3, True))
    for at_us in (5, 9):
        world.judge.arrived(Arrival(2, "B", "t", None, 1_000, None, at_us, at_us + 1, True))

    assert world.broken() == {"twice": 1}


def test_another_document_of_the_same_time_is_no_copy_in_telemetry(world: World) -> None:
    """A join and the notification of it: the second comes before its post is told."""
    for at_us, kind, f_cnt in ((10, "DevEUI_uplink", None), (20, "DevEUI_notification", 0)):
        world.judge.arrived(Arrival(2, "B", "t", f_cnt, 1_000, None, at_us, at_us + 1, True))
        world.judge.posted("B", kind, f_cnt, 1_000, "d", SECOND, "accepted")
        world.judge.arrived(Arrival(0, "B", kind, f_cnt, 1_000, "d", at_us + 5, at_us + 6, True))

    assert world.broken() == {}


def test_altered_ones_keep_their_place_in_the_order(world: World) -> None:
    for number in (1, 2, 3):
        world.post(number)
        world.arrive(number, time_ms=number * 60_000 + (7 if number == 1 else 0))

    assert world.broken() == {"altered": 1}


def test_a_report_that_the_forwarder_makes_itself_is_not_invented(world: World) -> None:
    world.judge.arrived(Arrival(0, "A", "DevEUI_downlink_Rejected", None, 5, "d", 2, 3, True))

    assert world.broken() == {}


def test_so_many_are_named_and_all_are_counted(world: World) -> None:
    for number in range(1, 3 * SHOWN):
        world.post(number)

    assert world.broken() == {"lost": 3 * SHOWN - 1}
    assert len(world.judge.anomalies["lost"]) == SHOWN


def test_the_worst_devices_are_those_with_most_that_broke(world: World) -> None:
    world.post(1)
    world.post(2)
    world.arrive(1, at_us=20 * SECOND)
    world.post(3, "B")

    world.broken()
    assert [(one["dev_eui"], one["broken"]) for one in world.judge.worst()] == [("B", 2), ("A", 1)]
    assert world.judge.worst()[1]["worst_s"] == 19.0


def test_every_kind_can_be_seen_to_break() -> None:
    """What could never be told would prove nothing; the tests above reach each."""
    assert set(KINDS) == {"lost", "twice", "out of order", "altered", "misplaced", "invented", "leaked"}
