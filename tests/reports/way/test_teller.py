"""What a page tells of a scenario: ways, drawing, the good one beside, within a budget."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.reports.sample import make_run
from uplab.reports.run import Run, Scenario, read_run
from uplab.reports.way.teller import Teller


@pytest.fixture
def failed(run: Run) -> Scenario:
    """A scenario that lost u2 while u1 and u3 went well."""
    return next(one for one in run.of("failed") if any("u2" in v.ids for v in one.complaints))


def test_way_that_went_wrong_is_drawn_and_has_a_good_one_beside_it(run: Run, failed: Scenario) -> None:
    told = Teller(run, 1_000_000).tell(failed)

    assert [way.timeline.id for way in told.concerned] == ["u2"]
    assert told.drawing is not None
    assert told.drawing.paths[0].id == "u2"
    assert told.concerned[0].good is not None
    assert told.concerned[0].good.good in ("u1", "u3")
    assert told.concerned[0].timeline.diverges


def test_where_none_went_well_here_one_of_another_scenario_stands_beside(run: Run, failed: Scenario) -> None:
    blamed = tuple(replace(verdict, ids=("u1", "u2", "u3")) for verdict in failed.verdicts)

    told = Teller(run, 1_000_000).tell(replace(failed, verdicts=blamed))

    assert len(told.concerned) == 3
    near = [way.good.near for way in told.concerned if way.good is not None]
    assert near
    assert all("went well in: " in one for one in near)


def test_passed_scenario_is_told_in_rows(run: Run) -> None:
    told = Teller(run, 1_000_000).tell(run.of("passed")[0])

    assert (told.concerned, told.drawing, told.trouble) == ((), None, None)
    assert told.rows > 10


def test_full_page_says_so(run: Run, failed: Scenario) -> None:
    teller = Teller(run, 10)
    teller.tell(failed)

    assert str(teller.tell(failed).trouble).startswith("The page is full")


def test_history_that_is_broken_is_said(tmp_path: Path) -> None:
    run = read_run(make_run(tmp_path))
    failed = run.of("failed")[0]
    (tmp_path / str(failed.history)).write_bytes(b'{"seq"')

    assert str(Teller(run, 1_000_000).tell(failed).trouble).startswith("The history cannot be read: ")
