"""The first look of a run's lab, as pytest sees it: a dead leg is no lab, and what it noticed is said first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from uplab.scenarios.run.outcome import NoLabError

if TYPE_CHECKING:
    from uplab.scenarios.lab.lab import Lab

__all__ = ["look", "take_looked"]

_looked = pytest.StashKey[list[str]]()


def look(lab: Lab, folder: Path, config: pytest.Config) -> None:
    """Looks, unless the user wants none; NoLabError where nothing comes through. A lab without it is stopped."""
    if not lab.options.look:
        return
    from uplab.scenarios.look.first_look import LookError, first_look  # noqa: PLC0415 - with the lab
    from uplab.scenarios.look.thingsboard_beside_fake import differences  # noqa: PLC0415

    try:
        seen = first_look(lab, folder / "history" / f"first-look-{lab.worker}.jsonl")
        config.stash[_looked] = [*seen, *differences(lab)]
    except BaseException as error:
        lab.stop()
        if isinstance(error, LookError):
            raise NoLabError(str(error)) from None
        raise


def take_looked(config: pytest.Config) -> list[str]:
    """What the look has noticed, once."""
    lines = config.stash.get(_looked, [])
    config.stash[_looked] = []
    return lines
