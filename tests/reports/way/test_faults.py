"""Faults as bands: from a plan to the next one of the same fake."""

import math
from typing import Any

from uplab.reports.run import Line
from uplab.reports.way.faults import Faults


def _planned(at_s: float, fake: str, *names: str) -> Line:
    facts: dict[str, Any] = {"fake": fake, "faults": [{"id": name} for name in names]}
    return Line(1, at_s, "fault.planned", (), facts)


def test_band_lasts_until_the_fake_is_well_again() -> None:
    faults = Faults()
    for line in (
        _planned(1, "posthere", "503 twice", "reset"),
        _planned(2, "thingsboard", "silent"),
        _planned(3, "posthere"),
        Line(1, 4, "forwarder.ended", (), {"how": "killed"}),
    ):
        faults.add(line)

    assert [(one.place, one.begun_s, one.ended_s, one.words) for one in faults.bands] == [
        ("posthere", 1, 3, "503 twice, reset"),
        ("forwarder", 4, 4, "the run killed the forwarder"),
        ("thingsboard", 2, math.inf, "silent"),
    ]


def test_plan_of_a_stranger_breaks_nothing() -> None:
    faults = Faults()
    faults.add(Line(1, 1, "fault.planned", (), {"fake": "x", "faults": ["what", 3]}))
    faults.add(Line(1, 2, "fault.planned", (), {"fake": "x", "faults": None}))

    assert [one.words for one in faults.bands] == ["?, ?"]
