"""What runs have made on a forwarder elsewhere and not taken away yet, in a file: a run that dies leaves it behind.

One file for each API, and one run at a time: two that make and take away on one forwarder would judge each other.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from uplab.scenarios.under_test.process import ForwarderStartError

__all__ = ["Journal"]

Thing = tuple[str, str]
"""A collection, as connections, and an id."""


class Journal:
    """Keeps each thing from the answer that made it to the one that took it away."""

    def __init__(self, folder: Path, api: str) -> None:
        self.path = folder / f"made-{hashlib.sha256(api.encode()).hexdigest()[:8]}.jsonl"
        self._file: IO[str] | None = None

    def begin(self) -> None:
        """From now on this run alone may; ForwarderStartError while another one is in progress, or without a file."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = self.path.open("a+", encoding="utf-8")
        except OSError as error:
            raise ForwarderStartError(f"what is made there cannot be noted: {self.path}: {error.strerror}") from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise ForwarderStartError(
                "another run is in progress on this forwarder, from this machine\n"
                f"  noted in  {self.path}\n"
                "  to try    wait for its end: what both make there would be taken for an error of the forwarder"
            ) from None
        self._file = file

    def close(self) -> None:
        """Lets another run begin."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def made(self, kind: str, id_: str, name: str) -> None:
        """Something is there, by the forwarder's own answer."""
        self._write({"made": [kind, id_], "name": name})

    def gone(self, kind: str, id_: str) -> None:
        """It is there no more."""
        self._write({"gone": [kind, id_]})

    def _write(self, line: dict[str, object]) -> None:
        if self._file is not None:
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._file.flush()  # a run may die at any time

    def left(self) -> dict[Thing, str]:
        """What was made and not taken away, with its name, the oldest first; a line that is none counts for nothing."""
        found: dict[Thing, str] = {}
        try:
            lines = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return found
        for line in lines:
            try:
                said = json.loads(line)
                kind, id_ = said.get("made") or said["gone"]
            except (ValueError, KeyError, TypeError, AttributeError):
                continue
            if "made" in said:
                found[str(kind), str(id_)] = str(said.get("name", ""))
            else:
                found.pop((str(kind), str(id_)), None)
        return found

    def keep(self, things: Iterable[Thing], names: dict[Thing, str]) -> None:
        """Notes these alone from now on; nothing is left of a file that would be empty."""
        lines = [json.dumps({"made": list(thing), "name": names[thing]}, ensure_ascii=False) for thing in things]
        if not lines:
            self.path.unlink(missing_ok=True)
            return
        aside = self.path.with_suffix(f".{os.getpid()}")
        aside.write_text("\n".join(lines) + "\n", encoding="utf-8")
        aside.replace(self.path)
