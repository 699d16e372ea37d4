"""The lines of a history while it is told: in its file, where it has one, and only their places in memory.

An event is made of its line whenever somebody looks at it, so that a long scenario costs eight bytes for each line, and
what a check sees is what is stored.
"""

from array import array
from collections.abc import Iterator, Sequence
from contextlib import suppress
from io import FileIO
from itertools import accumulate
from pathlib import Path
from typing import overload

from uplab.scenarios.history import unwritten
from uplab.scenarios.history.event import Event, Told, stored_lines

__all__ = ["Events", "Lines", "between_file"]

_AT_ONCE = 64  # lines are cleaned and written together: a call for each would cost more than all else that is done


def between_file(worker: str) -> str:
    """Where a run keeps what a worker told between its scenarios, relative to the run's folder."""
    return f"history/between-{worker}.jsonl"


class Lines:
    """Appended by whoever holds the history's lock; without a file they stay in memory, `keep` of them at least."""

    def __init__(self, path: Path | None = None, *, keep: int | None = None, append: bool = False) -> None:
        """With `append` what the file holds already stays, and is none of these lines."""
        self.dropped = 0
        self._keep = keep
        self._path = path
        self._file: FileIO | None = None
        self._ends = array("Q", [0])  # where each line of the file ends, after the 0 where the first begins
        self._told: list[Told] = []  # what is not yet a line
        self._lines: list[bytes] = []  # those that are in memory
        if path is not None:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._file = path.open("ab" if append else "wb", buffering=0)
                self._ends[0] = self._file.tell()
            except OSError as error:
                self._go_on_in_memory(error)

    def __len__(self) -> int:
        """How many lines there were, those that were dropped included."""
        return self.dropped + len(self._told) + len(self._lines) + (len(self._ends) - 1)

    def append(self, told: Told) -> None:
        """Takes what becomes a line."""
        self._told.append(told)
        if len(self._told) >= _AT_ONCE:
            self._settle()

    def _settle(self) -> None:
        """Makes lines of what was told, and writes them to the file; without one the older half may be dropped."""
        lines = stored_lines(self._told)
        self._told.clear()
        if self._file is not None:
            try:
                _write_all(self._file, b"".join(lines))
            except OSError as error:
                self._go_on_in_memory(error)
            else:
                self._ends.extend(accumulate(map(len, lines), initial=self._ends.pop()))
                return
        self._lines += lines
        while self._keep is not None and len(self._lines) >= 2 * self._keep:
            del self._lines[: self._keep]
            self.dropped += self._keep

    def _go_on_in_memory(self, error: OSError) -> None:
        """Where nothing more can be written, what was is read once more, and the rest stays in memory."""
        if self._path is None:
            return
        unwritten.noted(self._path, error)
        if self._file is not None:
            self._lines = list(_InFile(self._path, self._ends, 0, len(self._ends) - 1))
            with suppress(OSError):
                self._file.truncate(self._ends[-1])  # no half line stays
            self._file.close()
        self._file = self._path = None
        self._ends = array("Q", [0])

    def close(self) -> None:
        """Nothing more comes; what was told can be read on."""
        if self._file is not None:
            self._settle()
            self._file.close()
            self._file = None

    def view(self, begin: int = 0) -> "Events":
        """The events from a line on to the newest; later ones do not come into it."""
        if self._told:
            self._settle()
        if self._path is None:
            return Events(self._lines[max(0, begin - self.dropped) :])
        return Events(_InFile(self._path, self._ends, begin, len(self)))


def _write_all(file: FileIO, data: bytes) -> None:
    """Writes all of it, also where the system takes a part at a time."""
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]


class _InFile(Sequence[bytes]):
    """Some lines of a file."""

    def __init__(self, path: Path, ends: "array[int]", begin: int, end: int) -> None:
        self._path, self._ends, self._begin, self._end = path, ends, begin, max(begin, end)

    def __len__(self) -> int:
        return self._end - self._begin

    def __iter__(self) -> Iterator[bytes]:
        if not len(self):
            return
        with self._path.open("rb") as file:
            file.seek(self._ends[self._begin])
            for _ in range(len(self)):
                yield file.readline()

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[bytes]: ...
    def __getitem__(self, index: int | slice) -> bytes | Sequence[bytes]:
        if isinstance(index, slice):
            begin, end, step = index.indices(len(self))
            if step == 1:
                return _InFile(self._path, self._ends, self._begin + begin, self._begin + end)
            return list(self)[index]
        at = range(self._begin, self._end)[index]
        with self._path.open("rb") as file:
            file.seek(self._ends[at])
            return file.read(self._ends[at + 1] - self._ends[at])


class Events(Sequence[Event]):
    """Events in their order, each made of its line when it is looked at."""

    def __init__(self, lines: Sequence[bytes]) -> None:
        self._lines = lines

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[Event]:
        return map(Event.of_line, self._lines)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> "Events": ...
    def __getitem__(self, index: int | slice) -> "Event | Events":
        if isinstance(index, slice):
            return Events(self._lines[index])
        return Event.of_line(self._lines[index])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(mine == yours for mine, yours in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Events({list(self)!r})"
