"""`uplab run -p tests.faulty.plugin`: a run whose lab has one fake that is known to be bad, named by the environment.

The fakes live in the process of the run, so they are patched there: before the lab starts them, because this module is
imported with pytest's command line.
"""

import os
from pathlib import Path

import pytest

from tests.faulty.known_bad import announcement, marker

__all__ = ["LOG", "NAME"]

NAME = "UPLAB_KNOWN_BAD"
"""The variable that names the known-bad fake."""

LOG = "UPLAB_KNOWN_BAD_LOG"
"""The variable that names the file in which it makes itself known."""


def pytest_configure() -> None:
    """Patches the fake that the environment names; UsageError where it names none."""
    from tests.faulty.catalogue import find

    name, log = os.environ.get(NAME, ""), os.environ.get(LOG)
    bad = find(name)
    if bad is None or bad.side != "fake":
        raise pytest.UsageError(f"{NAME}: there is no known-bad fake {name!r}; `python -m tests.faulty` lists them")

    def say(line: str) -> None:
        if log:
            with Path(log).open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")

    say(announcement(name))
    bad.patch(marker(name, say))
