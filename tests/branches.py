"""Which branches of some modules were taken: each jump of their code that depends on something has two ways."""

from __future__ import annotations

import dis
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import pairwise
from types import CodeType, FrameType, ModuleType
from typing import Any

__all__ = ["Branches"]

_RAISED = ("CHECK_EXC_MATCH", "WITH_EXCEPT_START")
Way = tuple[CodeType, int, int]
"""The code, the place of the jump in it, and where it went."""


class Branches:
    """Counts them by watching each step of the modules' code, which is slow.

    A branch is what `if`, `while`, `for`, `and`, `or` and comprehensions decide. What `except` and `with` decide when
    something was raised is none: nobody can say from the code what may be raised.
    """

    def __init__(self, *modules: ModuleType, but: Collection[str] = ()) -> None:
        """Of these modules, `but` not of the functions of these names, nor of what is within them."""
        self._taken: set[Way] = set()
        files = {str(module.__file__) for module in modules}
        codes = {code for module in modules for code in _codes(_compiled(module))}
        self._codes = {code for code in codes if code.co_qualname.partition(".")[0] not in but}
        self._files = files
        self._ways = {code: _ways(code) for code in self._codes}
        self._same = {_name(code): code for code in self._codes}

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While this lasts, what the modules do is watched."""
        before = sys.gettrace()
        sys.settrace(self._enter)
        try:
            yield
        finally:
            sys.settrace(before)

    def _enter(self, frame: FrameType, event: str, _argument: Any) -> Any:
        code = self._same.get(_name(frame.f_code)) if frame.f_code.co_filename in self._files else None
        if event != "call" or code is None:
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        ways, taken, last = self._ways[code], self._taken, -1

        def step(frame: FrameType, event: str, _argument: Any) -> Any:
            nonlocal last
            if event == "opcode":
                if last in ways:
                    taken.add((code, last, frame.f_lasti))
                last = frame.f_lasti
            return step

        return step

    def counts(self) -> tuple[int, int]:
        """How many ways were taken, and how many there are."""
        return len(self._all() & self._taken), len(self._all())

    def missing(self) -> list[str]:
        """The ways that were not taken: file, line of the jump, line to which it leads."""
        lines = {code: dict(_lines(code)) for code in self._codes}
        left = self._all() - self._taken
        return sorted(f"{c.co_filename}:{lines[c][at]} -> {lines[c][to]} ({c.co_qualname})" for c, at, to in left)

    def _all(self) -> set[Way]:
        return {(code, at, to) for code, ways in self._ways.items() for at, both in ways.items() for to in both}


def _compiled(module: ModuleType) -> CodeType:
    file = str(module.__file__)
    with open(file, "rb") as source:
        return compile(source.read(), file, "exec", dont_inherit=True)


def _codes(code: CodeType) -> Iterator[CodeType]:
    """A module's functions, and those within them; what stands in modules and classes runs once, when they load."""
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            if inner.co_flags & 0x2:  # CO_NEWLOCALS and OPTIMIZED: a function's, not a class's
                yield inner
            yield from _codes(inner)


def _name(code: CodeType) -> tuple[str, str, int]:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def _lines(code: CodeType) -> Iterator[tuple[int, int]]:
    line = code.co_firstlineno
    for one in dis.get_instructions(code):
        line = one.positions.lineno if one.positions and one.positions.lineno else line
        yield one.offset, line


def _ways(code: CodeType) -> dict[int, tuple[int, int]]:
    """Where each jump that depends on something can lead."""
    steps = list(dis.get_instructions(code))
    after = {one.offset: following.offset for one, following in pairwise(steps)}
    return {
        one.offset: (after[one.offset], int(one.argval))
        for before, one in pairwise(steps)
        if ("_IF_" in one.opname and before.opname not in _RAISED) or one.opname == "FOR_ITER"
    }
