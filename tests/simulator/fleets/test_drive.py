import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from uplab.simulator.fleets.day import Day, Published
from uplab.simulator.fleets.drive import Driven, Pace, drive
from uplab.simulator.fleets.plan import Plan, groups_of
from uplab.simulator.network.tunnel import Outcome

PLAN = Plan(groups=groups_of("elsys_ers", 5, every_s=60.0), hours=0.5)


class Slow:
    """Takes the place of the tunnel: later posts are answered sooner, so that disorder would show."""

    def __init__(self) -> None:
        self.under_way = self.most = 0
        self.posted: list[dict[str, Any]] = []

    async def post(self, document: dict[str, Any]) -> Outcome:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        turn = asyncio.Event()
        asyncio.get_running_loop().call_later(0.001 * (5 - len(self.posted) % 5), turn.set)
        await turn.wait()
        self.under_way -= 1
        self.posted.append(document)
        refused = next(iter(document)) == "DevEUI_notification"
        return Outcome("refused", 403, "no such root") if refused else Outcome("accepted", 200, "")


def driven(tunnel: Slow, published: Iterator[Published], pace: Pace) -> Driven:
    found = Driven()
    asyncio.run(
        drive(published, tunnel, pace, begins_s=PLAN.start_s, told=lambda _, outcome, _sent_us: found.add(outcome))  # type: ignore[arg-type]
    )
    return found


def test_each_document_is_posted_once_and_a_devices_in_order() -> None:
    tunnel, day = Slow(), Day(PLAN)

    found = driven(tunnel, day.run(), Pace())

    assert len(tunnel.posted) == sum(day.ledger.roots.values()) == found.outcomes.total()
    assert tunnel.most > 1
    for dev_eui in day.ledger.number:
        times = [c["Time"] for d in tunnel.posted for c in d.values() if c["DevEUI"] == dev_eui]
        assert times == sorted(times)


def test_what_was_said_is_counted_by_outcome_status_and_reason() -> None:
    found = driven(Slow(), Day(PLAN).run(), Pace()).told()

    assert found["outcomes"]["refused"] == found["statuses"]["403"] == found["reasons"]["no such root"] == 5
    assert found["statuses"]["200"] == found["outcomes"]["accepted"]


def test_reasons_are_bounded() -> None:
    found = Driven()
    for number in range(1000):
        found.add(Outcome("refused", 400, f"reason {number}"))

    assert len(found.reasons) == Driven.MOST_REASONS + 1
    assert found.reasons["other"] == 1000 - Driven.MOST_REASONS


@pytest.mark.parametrize("pace", [Pace(rate=1000.0), Pace(speed=1_000_000.0)])
def test_pace_changes_nothing_in_what_is_posted(pace: Pace) -> None:
    tunnel = Slow()

    driven(tunnel, Day(PLAN).run(), pace)

    assert len(tunnel.posted) == sum(1 for _ in Day(PLAN).run())


def test_stopped_fleet_posts_what_it_had_given() -> None:
    tunnel = Slow()
    published = Day(PLAN).run()

    def stopped() -> Iterator[Published]:
        for number, one in enumerate(published):
            if number == 17:
                return
            yield one

    driven(tunnel, stopped(), Pace())

    assert len(tunnel.posted) == 17
