"""What is counted as met, and what as judged."""

from tests.scenarios.history_lines import DEV, Story, document
from uplab.scenarios.checks.conditions.reached import TABLE, Reached, Totals
from uplab.scenarios.checks.verdict import Verdict


def seen(story: Story) -> Reached:
    reached = Reached()
    for event in story.events:
        reached.see(event)
    return reached


def says(*ids: str, outcome: str = "passed") -> Verdict:
    return Verdict("none lost", outcome, 1, "p", "h", question={"ids": list(ids)})  # type: ignore[arg-type]


def test_document_is_judged_where_it_arrived_or_a_verdict_names_it() -> None:
    story = Story()
    lost, named, unsaid, _came = (story.sent(number) for number in range(1, 5))
    story.arrives(document(DEV, 4))

    taken = seen(story).take([says(named), says(lost, unsaid, outcome="unknown")])

    assert taken["no driver"] == (4, 2)


def test_option_is_judged_where_the_scenario_has_judged_anything() -> None:
    story = Story()
    story.connected("1", DEV, destinationURL="https://posthere.io/x", blamePeriod=0)

    assert seen(story).take([])["blamePeriod 0"] == (1, 0)
    assert seen(story).take([says()])["blamePeriod 0"] == (1, 1)


def test_what_only_takes_away_what_was_made_is_not_met() -> None:
    reached, story = Reached(), Story()
    story.api("DELETE", "/flows/1")
    reached.over()
    for event in story.events:
        reached.see(event)

    assert reached.take([says()]) == {}


def test_totals_hold_every_condition_and_name_what_was_never_judged() -> None:
    totals = Totals()
    totals.add({"late": (2, 1), "FPort 0": (1, 0)})
    totals.add({"late": (1, 1)})

    rows = {row["name"]: (row["reached"], row["judged"]) for row in totals.rows()}
    assert len(rows) == len(TABLE) > 60
    assert (rows["late"], rows["FPort 0"], rows["no gateway"]) == ((3, 2), (1, 0), (0, 0))
    assert totals.not_judged(["late", "FPort 0", "no gateway"]) == ["FPort 0", "no gateway"]
