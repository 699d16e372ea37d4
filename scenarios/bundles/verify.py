"""Judges a sign-off again: by the histories that it carries, and by the rules as they are now.

It may come from anybody. Its digests say that what it carries is whole, and not who made it; what it states is held
against what its histories show.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from uplab.scenarios.bundles.bundle import Bundle, Kind, StoredError, open_bundle
from uplab.scenarios.bundles.recheck import Again, recheck
from uplab.scenarios.bundles.stored import StoredRun, stored_run

__all__ = ["Stated", "Verified", "verify"]

_CHUNK: Final = 1 << 20
_Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$", max_length=200)]
_Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)


class _Tested(_Strict):
    name: _Name
    sha256: _Digest


class _Clause(_Strict):
    id: Annotated[str, Field(max_length=100)]
    verdict: str
    by_run: list[str]


class _Record(_Strict):
    runs: Annotated[list[_Tested], Field(min_length=1, max_length=50)]
    clauses: Annotated[list[_Clause], Field(max_length=20_000)]
    files: Annotated[dict[str, _Digest], Field(max_length=4_000)]


_SIGN_OFF: Final = Kind("sign-off of uplab", "signoff.json", 1, _Record)


@dataclass(frozen=True, slots=True)
class Stated:
    """A clause that the sign-off states to have passed, and what the histories say of it.

    `now` is "borne out", "contradicted" or "not shown": no history answers for it.
    """

    clause: str
    now: str
    why: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What became of the sign-off; `broken` are files that are not what they were when it was made."""

    runs: int
    judged: int
    verdicts: int
    broken: tuple[str, ...]
    stated: tuple[Stated, ...]

    def of(self, now: str) -> tuple[Stated, ...]:
        """The statements of which this is so."""
        return tuple(one for one in self.stated if one.now == now)


def verify(path: Path) -> Verified:
    """Opens a sign-off, a package or its unpacked folder, and judges all its runs; StoredError in one line."""
    bundle, record, _ = open_bundle(path, _SIGN_OFF)
    names = [run["name"] for run in record["runs"]]
    if {".", ".."} & set(names) or len(set(names)) < len(names):
        raise StoredError(f"{path}: signoff.json names its runs in a way that none was signed off")
    broken = tuple(_broken(bundle, record))
    shown: dict[str, set[str]] = {}
    judged = verdicts = 0
    for number, name in enumerate(names):
        run = stored_run(bundle.part(f"runs/{name}"), whole=True)
        for again, requirement in _judged(run):
            verdicts += 1
            judged += again.now is not None
            if requirement:
                shown.setdefault(f"{number} {requirement}", set()).add(again.outcome if again.now else "not judged")
    return Verified(len(names), judged, verdicts, broken, tuple(_stated(record, shown)))


def _broken(bundle: Bundle, record: dict[str, Any]) -> Iterator[str]:
    for name, digest in record["files"].items():
        if not bundle.has(name):
            yield f"{name} is missing"
        elif _digest(bundle, name) != digest:
            yield f"{name} is not what it was when the sign-off was made"
    for run in record["runs"]:
        if record["files"].get(f"runs/{run['name']}/run.json") != run["sha256"]:
            yield f"the digest of {run['name']} is not that of its run.json"


def _digest(bundle: Bundle, name: str) -> str:
    digest = hashlib.sha256()
    with bundle.broken_is_said(name), bundle.raw(name) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _judged(run: StoredRun) -> Iterator[tuple[Again, str | None]]:
    """Each verdict judged again, with the clause that it was written for."""
    clauses: dict[str, list[str | None]] = {}
    for scenario in run.scenarios:
        clauses[scenario["id"]] = [one.get("requirement") for one in scenario["verdicts"]]
    at: dict[str, int] = {}
    for again in recheck(run):
        named = clauses.get(again.scenario, [])
        place = at.get(again.scenario, 0)
        at[again.scenario] = place + 1
        clause = named[place] if place < len(named) else None
        yield again, clause if isinstance(clause, str) else None


def _stated(record: dict[str, Any], shown: dict[str, set[str]]) -> Iterator[Stated]:
    for clause in record["clauses"]:
        for number, said in enumerate(clause["by_run"]):
            if said != "passed":
                continue
            found = shown.get(f"{number} {clause['id']}", set())
            name = record["runs"][number]["name"] if number < len(record["runs"]) else "?"
            if "failed" in found:
                yield Stated(clause["id"], "contradicted", f"a history of {name} breaks it")
            elif "passed" in found:
                yield Stated(clause["id"], "borne out", "")
            else:
                why = "it rests on what no history holds, as an answer of the API or a page"
                yield Stated(clause["id"], "not shown", why if found else f"no verdict of {name} names it")
