"""Gates: an empty or hollow run is red, and known failures must fail exactly as listed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pytest

from uplab.scenarios.checks.conditions.reached import TABLE
from uplab.scenarios.checks.requirements import concerns
from uplab.scenarios.run.exit_codes import ERROR, FAILED, PASSED, UNKNOWN
from uplab.scenarios.run.options import option
from uplab.scenarios.run.requirement_ids import requirement_ids

__all__ = ["Gate", "KnownFailing", "gate_is_on", "read_known_failing"]


# Of a run that was stopped, never began or had nothing to run a gate has nothing to say: that is red by itself.
JUDGED = (PASSED, FAILED, ERROR, UNKNOWN)


def gate_is_on(config: pytest.Config) -> bool:
    """Whether the gate was asked for, by option or environment."""
    return bool(config.getoption("--gate")) or os.environ.get("UPLAB_GATE") == "1"


@dataclass
class Gate:
    """What a run must have examined to be green. Off unless --gate or UPLAB_GATE=1."""

    on: bool
    checks: int = 1
    faults: int = 0
    doubt: int = 0
    must_apply: tuple[str, ...] = ()
    may_be_unread: tuple[str, ...] | None = None  # None: whatever may
    must_reach: tuple[str, ...] = ()  # conditions that must have been judged
    lines: list[str] = field(default_factory=list)

    @classmethod
    def from_config(cls, config: pytest.Config, must_apply: list[str]) -> Gate:
        """Reads the gate's options; pytest.UsageError where a number is none."""
        numbers = []
        for name, default in (("--gate-checks", "1"), ("--gate-faults", "0"), ("--gate-doubt", "0")):
            text = option(config, name) or default
            if not text.isdecimal():
                raise pytest.UsageError(f"{name} takes a whole number, not {text!r}")
            numbers.append(int(text))
        from_environment = [id_ for id_ in os.environ.get("UPLAB_MUST_APPLY", "").split(",") if id_.strip()]
        ids = (*must_apply, *requirement_ids("UPLAB_MUST_APPLY", from_environment))
        file = option(config, "--gate-unread")
        unread = _lines_of(Path(file), "--gate-unread") if file else None
        must_reach = _conditions(config.getoption("--must-reach"))
        checks, faults, doubt = numbers
        return cls(gate_is_on(config), checks, faults, doubt, ids, unread, must_reach)

    def judge(
        self,
        scenarios: Mapping[str, Mapping[str, Any]],
        code: int,
        *,
        unread: Sequence[str] = (),
        never: Callable[[Iterable[str]], Sequence[str]] = lambda _: (),
        excluded: int = 0,
    ) -> int:
        """The exit code after the gate; what it missed stands in `lines`.

        Of what is `unread` no check took notice; `never` says which of some conditions were never judged; so many kinds
        of bugs are `excluded` by a run that doubts.
        """
        if not self.on or code not in JUDGED:
            return code
        verdicts = [v for s in scenarios.values() for v in s["verdicts"] if v["examined"] > 0]
        faults = sum(int(s.get("faults", 0)) for s in scenarios.values())
        if len(verdicts) < self.checks:
            self.lines.append(f"gate: {len(verdicts)} checks examined something, at least {self.checks} are wanted")
        if faults < self.faults:
            self.lines.append(f"gate: {faults} faults were delivered, at least {self.faults} are wanted")
        if excluded < self.doubt:
            self.lines.append(f"gate: {excluded} kinds of bugs are excluded, at least {self.doubt} are wanted")
        for name in unread if self.may_be_unread is not None else ():
            if name not in (self.may_be_unread or ()):
                self.lines.append(f"gate: {name} arrived, and no check has read it")
        for name in never(self.must_reach):
            self.lines.append(f"gate: the condition {name!r} was never met where it is judged")
        for id_ in self.must_apply:
            outcomes = {
                s["outcome"] for s in scenarios.values() if any(concerns(one, id_) for one in s["requirements"])
            }
            if not outcomes - {"not applicable"}:
                why = "is not applicable" if outcomes else "is proven by no scenario of this run"
                self.lines.append(f"gate: {id_} must apply, but {why}")
        return FAILED if self.lines else code


def _conditions(given: Sequence[str]) -> tuple[str, ...]:
    """The conditions that are named, in any case; UsageError, with the nearest one, for a name that is none."""
    known = {row.name.lower(): row.name for row in TABLE}
    found: list[str] = []
    for name in given:
        if name == "all":
            found += known.values()
        elif name.lower() in known:
            found.append(known[name.lower()])
        else:
            near = get_close_matches(name.lower(), known, n=1)
            hint = f"did you mean {known[near[0]]!r}?" if near else "run.json lists them all under conditions"
            raise pytest.UsageError(f"--must-reach: there is no condition {name!r}; {hint}")
    return tuple(dict.fromkeys(found))


@dataclass
class KnownFailing:
    """The scenarios that are known to fail, by id."""

    ids: tuple[str, ...]
    lines: list[str] = field(default_factory=list)

    def judge(self, scenarios: Mapping[str, Mapping[str, Any]], code: int) -> int:
        """0 when exactly the listed ones failed; 1 with a line for each difference."""
        if code not in JUDGED:
            return code
        bad = {id_: s["outcome"] for id_, s in scenarios.items() if s["outcome"] in ("failed", "error", "unknown")}
        for id_ in self.ids:
            if id_ not in scenarios:
                self.lines.append(f"known failing: {id_} was not run")
            elif id_ not in bad:
                self.lines.append(f"known failing: {id_} did not fail: take it off the list")
            elif bad[id_] != "failed":
                told = "is unknown" if bad[id_] == "unknown" else "ended with an error"
                self.lines.append(f"known failing: {id_} {told}, which is no failure")
        new = [id_ for id_ in bad if id_ not in self.ids]
        if new:
            worst = {bad[id_] for id_ in new}
            return FAILED if "failed" in worst or self.lines else ERROR if "error" in worst else UNKNOWN
        unexplained = code == FAILED and "failed" not in bad.values()  # something failed outside of every scenario
        return FAILED if self.lines or unexplained else PASSED


def read_known_failing(path: Path) -> KnownFailing:
    """One scenario id a line; blank lines and lines that begin with # are comments."""
    return KnownFailing(_lines_of(path, "--known-failing"))


def _lines_of(path: Path, name: str) -> tuple[str, ...]:
    """The lines of an option's file without blank ones and comments; UsageError where it cannot be read."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise pytest.UsageError(f"{name} {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise pytest.UsageError(f"{name} {path}: it is no text in UTF-8") from None
    return tuple(line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#"))
