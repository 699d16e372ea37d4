"""Checks of an author's own: `@check` makes one of a class whose `see` takes in the hops that it wants.

    @check("no body has more than {most} bytes", source="MINE-02")
    class SmallBodies:
        most: int

        def see(self, hop: DestinationArrived) -> Finding:
            return kept() if hop.size <= self.most else broken(f"{hop.size} bytes came")

    lab.judge_alone(SmallBodies(most=300))

The class becomes a dataclass: its fields are what it is asked, plain data that is stored beside the verdict. What it
keeps in mind it makes in `__post_init__`, since each verdict begins anew. Hops are frozen: a check alters nothing.
"""

from __future__ import annotations

import copy
import inspect
import re
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import FrozenInstanceError, asdict, dataclass, fields
from types import MappingProxyType, UnionType
from typing import Any, ClassVar, Final, Literal, Protocol, TypeVar, dataclass_transform

import orjson

from uplab.scenarios.checks.check import CHECKS, Check
from uplab.scenarios.checks.deliveries import Route
from uplab.scenarios.checks.own import guard
from uplab.scenarios.checks.own.guard import NeverEndsError, guarded, place_of
from uplab.scenarios.checks.own.hops import BY_HOP, Hop
from uplab.scenarios.checks.verdict import CheckError, Verdict
from uplab.scenarios.history.event import Event

__all__ = ["Finding", "Fold", "OwnCheck", "broken", "check", "kept", "own_check", "unknown"]

_TAKEN: Final = frozenset({"check", "until", "of", "module", "expected", "also"})  # words of a question
_MOST_TOLD: Final = 3
_ADVICE: Final = "mend the check: see the line that is named, and docs/how-to/check.md"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check says of a hop: kept, broken or unknown; what happened, and at whom it diverged."""

    outcome: Literal["passed", "failed", "unknown"]
    happened: str = ""
    hop: str = "forwarder"
    ids: tuple[str, ...] | None = None


def kept() -> Finding:
    """This hop was examined, and is right."""
    return Finding("passed")


def broken(happened: str, *, at: str = "forwarder", ids: Sequence[str] | None = None) -> Finding:
    """This hop breaks the promise; `ids` are the documents, those of the hop unless others are named."""
    return Finding("failed", happened, at, None if ids is None else tuple(ids))


def unknown(why: str) -> Finding:
    """Too little is seen to judge; a pass of others does not cover it."""
    return Finding("unknown", why)


class Fold(Protocol):
    """What an author writes; `end`, where it has one, is asked after the last hop."""

    def see(self, hop: Any, /) -> Any:
        """Takes in one hop, of those that it is annotated with; what it finds."""


class OwnCheck(Check):
    """A check of an author's own as the engine knows checks; `fold` is the class that he wrote."""

    own: ClassVar[bool] = True
    fold: ClassVar[type[Any]]
    file: ClassVar[str]

    def __init__(self, **asked: Any) -> None:
        """Takes what it is asked from its plain data, too."""
        self._asked = {name: _from_data(value) for name, value in asked.items() if name != "module"}
        self.fold(**copy.deepcopy(self._asked))  # what it cannot be made of is said now
        self._seen: list[Event] = []

    def see(self, event: Event) -> None:
        """Keeps the line until the verdict is asked."""
        self._seen.append(event)

    def asked(self) -> dict[str, Any]:
        """What it was asked, and whose it is: another machine does not know it."""
        return {name: _as_data(value) for name, value in self._asked.items()} | {"module": self.fold.__module__}

    @property
    def promised(self) -> str:
        """The promise, with what was asked put in."""
        try:
            return self.promise.format(**self._asked)
        except (KeyError, IndexError, ValueError, AttributeError):
            return self.promise

    def verdict(self) -> Verdict:
        """Lets the fold see all hops, in a thread that may not take for ever."""
        at: list[str] = []
        try:
            found = guarded(lambda: self._found(at), limit_s=guard.ENDS_S)
        except NeverEndsError:
            return self._mistake(f"it did not come to an end in {guard.ENDS_S:g} s", at)
        except BaseException as error:  # noqa: BLE001 - it is an author's, and may be any
            return self._mistake(_told(error), at, place_of(error, self.file))
        return self._judged(found)

    def _found(self, at: list[str]) -> list[tuple[Finding, tuple[str, ...]]]:
        fold, found = self.fold(**copy.deepcopy(self._asked)), list[tuple[Finding, tuple[str, ...]]]()
        for event in self._seen:
            at[:] = [f" at event {event.seq}, {event.hop}"]
            found += [(one, event.ids) for one in _findings(fold.see(_typed(event)), "see")]
        at[:] = [" at its end"]
        if (end := getattr(fold, "end", None)) is not None:
            found += [(one, ()) for one in _findings(end(), "end")]
        return found

    def _judged(self, found: list[tuple[Finding, tuple[str, ...]]]) -> Verdict:
        bad = [(one, ids if one.ids is None else one.ids) for one, ids in found if one.outcome == "failed"]
        unclear = [one for one, _ in found if one.outcome == "unknown"]
        if bad:
            told = "; ".join(dict.fromkeys(one.happened for one, _ in bad[:_MOST_TOLD]))
            told += f"; and {len(bad) - _MOST_TOLD} more" if len(bad) > _MOST_TOLD else ""
            ids = tuple(dict.fromkeys(id_ for _, own in bad for id_ in own))
            return self.says("failed", len(found), told, hop=bad[0][0].hop, advice=self.advice, ids=ids)
        if unclear:
            return self.says("unknown", 0, unclear[0].happened)
        if not found:
            return self.says("unknown", 0, f"it examined nothing: none of {', '.join(sorted(self.hops))} concerned it")
        return self.says("passed", len(found), f"{len(found)} examined")

    def _mistake(self, what: str, at: list[str], place: str | None = None) -> Verdict:
        where = place or self.file.rpartition("/")[2]
        happened = f"the check {self.name!r} ({where}) broke{''.join(at)}: {what}"
        return self.says("error", 0, happened, hop="check", advice=_ADVICE)


@dataclass_transform()
def check(
    promise: str, *, source: str | Sequence[str] = (), name: str | None = None, advice: str | None = None
) -> Callable[[type[T]], type[T]]:
    """Makes a check of a class with `see(self, hop: DestinationArrived | ...)`, which gives back what it finds.

    `promise` may name fields of the class in braces; `source` are rows of the catalogue, of one's own too; `name` is
    its name in reports, made of the class's own unless it is given. CheckError names a class that cannot be one.
    """

    def made(cls: type[T]) -> type[T]:
        asked = dataclass(cls)
        sources = (source,) if isinstance(source, str) else tuple(source)
        _register(asked, promise, sources, name or _in_words(cls.__name__), advice)
        return asked

    return made


def own_check(fold: Check | Fold) -> Check:
    """What the engine asks in the place of an author's fold; CheckError where `@check` was forgotten."""
    if isinstance(fold, Check):
        return fold
    known = vars(type(fold)).get("__uplab_check__")
    if known is None:
        raise CheckError(f'{type(fold).__name__} is no check: write @check("what it promises") above its class')
    values = {field.name: getattr(fold, field.name) for field in fields(fold)}  # type: ignore[arg-type]
    made: Check = known(**values)
    try:
        orjson.dumps(made.asked())
    except TypeError as error:
        raise CheckError(
            f"the check {made.name!r} is asked what cannot be stored ({error}): its fields are plain data, "
            "and what it keeps in mind is made in __post_init__"
        ) from None
    return made


def _register(cls: type[Any], promise: str, source: tuple[str, ...], name: str, advice: str | None) -> None:
    file = inspect.getsourcefile(cls) or cls.__module__
    place = f"the check {cls.__name__} ({file.rpartition('/')[2]})"
    if taken := sorted(_TAKEN & {field.name for field in fields(cls)}):
        raise CheckError(f"{place}: a field cannot be called {taken[0]}, which is a word of every question")
    if (known := CHECKS.get(name)) is not None and not _is_same(known, cls, file):
        whose = f"that of {getattr(known, 'file', '').rpartition('/')[2]}" if known.own else "uplab's own"
        raise CheckError(f"{place}: there is a check {name!r} already, {whose}: give it another, @check(..., name=...)")
    beside = {"name": name, "promise": promise, "source": source, "advice": advice, "hops": _wanted(cls, place)}
    cls.__uplab_check__ = type(f"Own{cls.__name__}", (OwnCheck,), {**beside, "fold": cls, "file": file})


def _is_same(known: type[Check], cls: type[Any], file: str) -> bool:
    """Whether it is the same class once more: pytest and a command may import a file by two names."""
    return issubclass(known, OwnCheck) and (known.file, known.fold.__qualname__) == (file, cls.__qualname__)


def _wanted(cls: type[Any], place: str) -> frozenset[str]:
    """The hops that `see` is annotated with."""
    remedy = f"{place}: see(self, hop) says which hops it wants, as `hop: DestinationArrived | DestinationAnswered`"
    try:
        names = list(inspect.signature(cls.see).parameters)
        hint = typing.get_type_hints(cls.see).get(names[1])
    except (AttributeError, IndexError, NameError, TypeError, ValueError) as error:
        raise CheckError(f"{remedy}; {error}") from None
    wanted = typing.get_args(hint) if isinstance(hint, UnionType) or typing.get_origin(hint) else (hint,)
    if hint is Hop:
        return frozenset(BY_HOP)
    if not all(isinstance(one, type) and issubclass(one, Hop) and one.hop for one in wanted):
        raise CheckError(remedy)
    return frozenset(one.hop for one in wanted)


def _typed(event: Event) -> Hop:
    known = BY_HOP[event.hop]
    return known(
        seq=event.seq,
        monotonic_s=event.monotonic_s,
        wall=event.wall,
        ids=tuple(event.ids),
        raw=event.raw,
        **{name: _frozen(value) for name, value in event.facts.items()},
    )


def _frozen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return MappingProxyType({key: _frozen(one) for key, one in value.items()})
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value


def _findings(said: Any, method: str) -> list[Finding]:
    found = [] if said is None else [said] if isinstance(said, Finding) else said
    if isinstance(found, str | bytes | Mapping) or not isinstance(found, Iterable):
        raise TypeError(f"{method} gave back {said!r:.40}; it gives back kept(), broken(...), unknown(...) or None")
    found = list(found)
    if strange := [one for one in found if not isinstance(one, Finding)]:
        raise TypeError(f"{method} gave back {strange[0]!r:.40}; each of them is kept(), broken(...) or unknown(...)")
    return found


def _told(error: BaseException) -> str:
    """What was raised, in a line; what is frozen says nothing of why."""
    text = f"{type(error).__name__}: {error}".partition("\n")[0]
    frozen = isinstance(error, FrozenInstanceError) or re.search(
        r"'(mappingproxy|tuple)' object (does not support item|has no attribute)", text
    )
    return f"it alters what it sees, and hops are frozen ({text})" if frozen else text


def _in_words(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()


def _as_data(value: Any) -> Any:
    return asdict(value) if isinstance(value, Route) else value


def _from_data(value: Any) -> Any:
    return Route(**value) if isinstance(value, dict) and value.keys() == {"fake", "path"} else value
