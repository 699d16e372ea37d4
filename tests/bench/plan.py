"""How much is measured: runs and seconds for each benchmark, and what the command line chose."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Plan"]


@dataclass(frozen=True, slots=True)
class Plan:
    """The frame of a benchmark: at most so many runs, and none begun after so many seconds, but always one."""

    runs: int = 5
    quick: bool = False
    forwarder: str = ""
    """The command of the forwarder under test."""
    wiremock: Path | None = None

    def sized(self, usual: int, quick: int) -> int:
        """A count for this plan."""
        return quick if self.quick else usual

    def turns(self, usual_s: float, quick_s: float) -> Iterator[int]:
        """The numbers of the runs, as many as the time allows."""
        end_s = time.monotonic() + (quick_s if self.quick else usual_s)
        for number in range(self.runs):
            if number and time.monotonic() > end_s:
                return
            yield number
