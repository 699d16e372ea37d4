"""Numbers, kept as ranges: ids are counted, so that a whole run takes a few of them."""

from bisect import bisect_right

__all__ = ["Ranges"]


class Ranges:
    """A set of numbers; its memory goes by the gaps between them."""

    def __init__(self) -> None:
        self._begins: list[int] = []
        self._ends: list[int] = []  # each behind its last number

    def add(self, number: int) -> None:
        """One more; those beside it grow together."""
        at = bisect_right(self._begins, number)
        before = at > 0 and self._ends[at - 1] >= number
        behind = at < len(self._begins) and self._begins[at] == number + 1
        if before and self._ends[at - 1] > number:
            return
        if before and behind:
            self._ends[at - 1] = self._ends.pop(at)
            del self._begins[at]
        elif before:
            self._ends[at - 1] = number + 1
        elif behind:
            self._begins[at] = number
        else:
            self._begins.insert(at, number)
            self._ends.insert(at, number + 1)

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self._begins, number)
        return at > 0 and self._ends[at - 1] > number

    def __len__(self) -> int:
        """How many ranges."""
        return len(self._begins)
