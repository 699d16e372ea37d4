"""The answer of a run that doubts."""

from uplab.scenarios.worlds.answer import answer


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
