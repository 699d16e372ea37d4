"""What the desk says of something that went wrong on the air, frame by frame."""

from __future__ import annotations

from typing import Any

import pytest

from uplab.scenarios.cli.hand.air import _line as line
from uplab.scenarios.cli.hand.air import lines_of, wait_until
from uplab.scenarios.lab.air.troubled import Frame
from uplab.simulator.troubles.scene import Fate, Wanted

TIME = "2026-05-04T03:02:01.000+00:00"


def frame(fate: Fate, **facts: Any) -> Frame:
    return Frame("u1", 3, TIME, Wanted(fate), **{"taken": False, **facts})


TAKEN: dict[str, Any] = {"taken": True, "outcome": "accepted", "status": 200}


@pytest.mark.parametrize(
    ("one", "came", "words", "kept"),
    [
        (frame("dropped", reason="mic"), (), "dropped (mic)", True),
        (frame("dropped"), (), "dropped (no gateway heard it)", True),
        (frame("accepted", reason="mic"), (), "dropped (mic); it must be accepted", False),
        (frame("dropped", reason="mic"), ("posthere /a",), "dropped (mic); yet delivered to posthere /a", False),
        (frame("accepted", **TAKEN), ("posthere /a",), "accepted (200), delivered to posthere /a", True),
        (frame("either", **TAKEN), ("posthere /a",), "accepted (200), delivered to posthere /a", True),
        (
            frame("accepted", **TAKEN),
            ("posthere /a", "posthere /a"),
            "accepted (200), delivered to posthere /a, posthere /a, more than once",
            False,
        ),
        (frame("accepted", **TAKEN), (), "accepted (200), not yet delivered to 1 of 1 after 3 s", False),
        (
            frame("dropped", **TAKEN),
            ("posthere /a",),
            "accepted (200); it must be dropped, delivered to posthere /a",
            False,
        ),
        (frame("accepted", taken=True, outcome="refused", status=503), (), "refused (503)", False),
        (frame("accepted", taken=True, outcome="unclear"), (), "unclear (no answer)", False),
    ],
)
def test_each_frame_is_told_in_one_line(one: Frame, came: tuple[str, ...], words: str, kept: bool) -> None:
    assert line(one, {"u1": came}, 1) == (f"FCntUp 3 at {TIME}: {words}", kept)


def test_answer_begins_with_what_must_be_and_ends_with_whether_it_was() -> None:
    answer = {"air": "rejoin", "does": "it joins", "oracle": "accepted", "source": "LoRaWAN, public", "joined": 1}

    assert lines_of({**answer, "frames": ["a", "b"], "kept": True}) == [
        "rejoin: it joins",
        "must be accepted (LoRaWAN, public)",
        "the network server let it in 1 times",
        "a",
        "b",
        "as it must be",
    ]
    assert lines_of({**answer, "joined": 0, "frames": [], "kept": False})[-1] == "not as it must be"


def test_fact_that_is_there_is_not_waited_for() -> None:
    answers = iter([False, False, True])

    wait_until(lambda: next(answers))

    assert next(answers, None) is None
