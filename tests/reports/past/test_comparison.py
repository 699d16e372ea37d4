"""Runs beside those before them: what is new, known, back, flaky and fixed."""

from dataclasses import replace

from tests.reports.past.conftest import Night
from uplab.reports.findings import find
from uplab.reports.past.comparison import Comparison
from uplab.reports.past.entries import read_past
from uplab.reports.run import Run


def compare(run: Run) -> Comparison:
    return find(run).past


def test_the_first_run_has_nothing_beside_it(night: Night) -> None:
    past = compare(night("lost"))

    assert (past.against, past.told, past.sentence, past.trouble, past.trends) == (None, {}, "", None, ())


def test_new_known_and_fixed_are_told_apart(night: Night) -> None:
    night("lost", "late")
    now = night("1 lost", None, "twice")  # the number is a value, and makes no other cause; "lost" has none

    past = compare(now)

    by_words = {cause.shown.happened: cause.id for cause in find(now).causes if cause.shown}
    assert past.told == {by_words["1 lost"]: "new", by_words["twice"]: "new"}
    again = compare(night("1 lost", "late"))
    assert again.told[by_words["1 lost"]] == "known since 2026-11-02, in 1 of 2 runs"
    assert again.fixed == (by_words["twice"],)
    assert again.sentence == "0 new, 2 known, 1 fixed, beside the run 1 of 2026-11-02 03:00:00 UTC"


def test_what_comes_and_goes_in_one_version_is_flaky(night: Night) -> None:
    for words in ("lost", None, "lost", None):
        night(words)
    now = night("lost")

    assert list(compare(now).told.values()) == ["flaky, known since 2026-11-01, in 2 of 4 runs"]


def test_what_another_version_mended_is_back_and_not_flaky(night: Night) -> None:
    night("lost", version="1")
    night(None, version="2")
    now = night("lost", version="3")

    assert list(compare(now).told.values()) == ["back, known since 2026-11-01, in 1 of 2 runs"]


def test_what_did_not_run_is_not_fixed(night: Night) -> None:
    night("lost", "late")
    now = night(None, None)
    part = replace(now, scenarios=now.scenarios[1:])

    assert len(compare(part).fixed) == 1


def test_runs_of_another_forwarder_say_nothing(night: Night) -> None:
    night("lost", name="theirs")

    assert compare(night("lost", name="mine")).against is None


def test_the_run_beside_it_can_be_chosen(night: Night) -> None:
    green = night(None)
    red = night("lost")
    now = night("lost")

    assert compare(now).against == read_past(now.folder.parent)[0][1]
    for asked, chosen in (("last", red), ("green", green), (green.folder.name, green)):
        against = compare(replace(now, compare=asked)).against
        assert against is not None
        assert against.name == chosen.folder.name
    missing = compare(replace(now, compare="night-77"))
    assert missing.trouble == "there is no earlier run 'night-77' of this forwarder; the last ones are night-1, night-2"


def test_run_whose_folder_was_renamed_is_not_beside_itself(night: Night) -> None:
    night("lost")
    now = night("lost", "late")
    moved = now.folder.with_name("artefact")
    now.folder.rename(moved)

    past = compare(replace(now, folder=moved))

    assert past.sentence == "1 new, 1 known, 0 fixed, beside the run 1 of 2026-11-01 03:00:00 UTC"
