"""The answer of a run that doubts."""

from typing import Any

from uplab.scenarios.worlds.answer import answer, kept_of, take


def test_answer_names_what_it_is_blind_to_and_why() -> None:
    rows = [
        {"kind": "lost", "outcome": "excluded"},
        {"kind": "late", "outcome": "blind"},
        {"kind": "telemetry", "outcome": "not met"},
    ]
    said = answer(rows)
    assert said.startswith("with this profile a green run excludes 1 of 3 kinds of bugs")
    assert "blind to 1, which were met and not seen: late" in said
    assert "1 were never met, since nothing that is delivered leads to them: telemetry" in said


def test_nothing_is_said_of_what_there_is_none_of() -> None:
    assert answer([{"kind": "lost", "outcome": "excluded"}]) == (
        "with this profile a green run excludes 1 of 1 kinds of bugs"
    )


def test_run_keeps_each_kind_by_what_became_of_it() -> None:
    rows = [
        {
            "kind": "lost",
            "words": "every seventh is lost",
            "clause": "HTTP-12.a",
            "outcome": "excluded",
            "checks": ["a"],
        },
        {"kind": "late", "words": "it is late", "clause": "HTTP-15.a", "outcome": "blind", "checks": []},
    ]
    assert kept_of(rows) == {
        "excludes": "1 of 2 kinds of bugs",
        "blind_to": ["it is late (HTTP-15.a)"],
        "not_met": [],
        "excluded": ["every seventh is lost (HTTP-12.a), by a"],
    }


def test_kinds_are_taken_out_of_the_records() -> None:
    row = {"kind": "lost", "words": "w", "clause": "HTTP-12.a", "outcome": "excluded", "checks": []}
    drawn = {"outcome": "passed", "drawn": {"copies": "2"}}
    scenarios: list[dict[str, Any]] = [{"doubts": [row], "worlds": []}, {"worlds": [drawn]}, {}]
    told = take(scenarios)
    assert (told.excluded, told.record["doubt"]["excludes"]) == (1, "1 of 1 kinds of bugs")
    assert told.record["reached"][0]["what"] == "copies"
    assert not any("doubts" in scenario for scenario in scenarios)
    assert (take([]).said, "doubt" in take([]).record) == ((), False)
