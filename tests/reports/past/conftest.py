"""Nights of one forwarder, one after the other."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from uplab.reports.causes import causes
from uplab.reports.past.entries import note
from uplab.reports.run import Run, Scenario, Verdict

Night = Callable[..., Run]


def _red(scenario: Scenario, words: str) -> Scenario:
    verdict = Verdict("none lost", None, "failed", 1, "each arrives", words, "forwarder", None, ())
    return replace(scenario, outcome="failed", verdicts=(verdict,))


@pytest.fixture
def night(run: Run, tmp_path: Path) -> Night:
    """Makes the next night's run of three scenarios in one folder, those red of which the words are given."""
    number = iter(range(1, 100))

    def made(*words: str | None, version: str | None = "1", name: str = "mine", noted: bool = True) -> Run:
        day = next(number)
        scenarios = [replace(run.of("passed")[0], id=f"a.py::{n}") for n in range(3)]
        for n, told in enumerate(words):
            scenarios[n] = _red(scenarios[n], told) if told else scenarios[n]
        folder = tmp_path / f"night-{day}"
        folder.mkdir()
        found = replace(
            run,
            folder=folder,
            started=f"2026-11-{day:02d}T03:00:00+00:00",
            forwarder=replace(run.forwarder, name=name, version=version),
            scenarios=tuple(scenarios),
            exit_code=int(any(words)),
        )
        if noted:
            note(found, causes(found.scenarios))
        return found

    return made
