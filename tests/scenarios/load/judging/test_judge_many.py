"""Very many uplinks: `UPLAB_LOAD=1000000` says how many; what is kept does not grow with them."""

import os
import resource
import time
from collections.abc import Iterator

import pytest

from uplab.scenarios.load.judging.judge import Judge
from uplab.scenarios.load.judging.series import Series
from uplab.scenarios.load.judging.under_way import KEPT, Arrival

PLACES = [("one", "http")]
SECOND = 1_000_000

MANY = int(os.environ.get("UPLAB_LOAD", "8000"))
DEVICES = 2
STEP_US = 3_000  # between two uplinks


def uplinks(count: int) -> Iterator[tuple[str, int]]:
    return ((f"D{number % DEVICES}", number // DEVICES + 1) for number in range(count))


def many(count: int, spoilt: dict[int, str], *, backlog: int = 0) -> Judge:
    """So many uplinks, of which those with a number are spoilt; `backlog` are under way before the first arrives."""
    judge = Judge(
        PLACES,
        {f"D{number}": [0] for number in range(DEVICES)},
        series=Series(0, ["http"]),
        late_after_us=SECOND,
    )
    arriving = enumerate(uplinks(count))
    for number, (device, f_cnt) in enumerate(uplinks(count)):
        judge.posted(device, "u", f_cnt, f_cnt * 1_000, "same", number * STEP_US, "accepted")
        if number >= backlog:
            _arrive(judge, *next(arriving), spoilt)
    for one in arriving:
        _arrive(judge, *one, spoilt)
    return judge


def _arrive(judge: Judge, number: int, who: tuple[str, int], spoilt: dict[int, str]) -> None:
    device, f_cnt = who
    what = spoilt.get(number)
    at_us = number * STEP_US + 200_000
    if what != "lost":
        digest = "other" if what == "altered" else "same"
        judge.arrived(Arrival(0, device, "u", f_cnt, f_cnt * 1_000, digest, at_us, at_us + 10, True))
    if what == "twice":
        judge.arrived(Arrival(0, device, "u", f_cnt, f_cnt * 1_000, "same", at_us + 20, at_us + 30, True))


@pytest.mark.parametrize("kind", ["lost", "twice", "altered"])
def test_one_of_very_many_is_found_and_named(kind: str) -> None:
    began_s = time.process_time()
    at = MANY * 2 // 3
    judge = many(MANY, {at: kind})
    held = judge.held
    judge.finish()
    spent_us = (time.process_time() - began_s) / MANY * 1e6
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    assert {name: count for name, count in judge.whole.broken.items() if count} == {kind: 1}
    device, f_cnt = list(uplinks(at + 1))[-1]
    assert (judge.anomalies[kind][0].dev_eui, judge.anomalies[kind][0].f_cnt) == (device, f_cnt)
    assert held < DEVICES * 2 * KEPT + 50_000
    print(f"{MANY:,} uplinks, one {kind}: {spent_us:.1f} us of CPU each with the making, {memory_mb:.0f} MB at most")


def test_what_it_keeps_does_not_grow_with_the_uplinks() -> None:
    held = [many(count, {}).held for count in (DEVICES * KEPT * 2, DEVICES * KEPT * 4)]

    assert held[1] < held[0] * 1.2


def test_a_backlog_of_all_of_them_is_judged() -> None:
    judge = many(MANY, {7: "lost"}, backlog=MANY)
    judge.finish()

    assert judge.whole.broken["lost"] == 1
    assert judge.whole.delivered == MANY - 1
    assert judge.anomalies["lost"][0].f_cnt == 7 // DEVICES + 1
