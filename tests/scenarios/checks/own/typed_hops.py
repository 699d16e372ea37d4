"""Makes hops.py, which authors see, of the vocabulary: `python -m tests.scenarios.checks.own.typed_hops`."""

from __future__ import annotations

from pathlib import Path

from uplab.scenarios.history.hops import FORMAT, HOPS, Fact, Hop

__all__ = ["PLACE", "source"]

PLACE = Path(__file__).parents[4] / "scenarios" / "checks" / "own" / "hops.py"

_TYPES = {
    "text": "str",
    "whole number": "int",
    "number": "float",
    "true or false": "bool",
    "object": "Mapping[str, Any]",
    "objects": "tuple[Mapping[str, Any], ...]",
    "[name, value] pairs": "tuple[tuple[str, str], ...]",
    "[name, value] list": "tuple[tuple[str, Any], ...]",
    "[device, ts] list": "tuple[tuple[str, Any], ...]",
    "any JSON": "Any",
}
_HEAD = '''"""The lines of a history as an author's check sees them: one class for each hop, whose fields are its facts.

Made of the vocabulary in history/hops.py by `python -m tests.scenarios.checks.own.typed_hops`; what they mean and their
units stand there and in HISTORY.md. A fact that a stored history may lack is None there. Lists and objects are frozen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

__all__ = [
    "BY_HOP",
%s    "Hop",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """What every line has: its number, its time in seconds (monotonic) and as ISO 8601, its documents, its bytes."""

    hop: ClassVar[str] = ""
    seq: int
    monotonic_s: float
    wall: str
    ids: tuple[str, ...]
    raw: bytes | None
'''


def _name(hop: Hop) -> str:
    return hop.name.title().replace(".", "")


def _field(fact: Fact) -> str:
    type_ = _TYPES[fact.type]
    lacking = not fact.always or fact.since == FORMAT
    wide = type_ if type_ == "Any" or not (fact.may_be_null or lacking) else f"{type_} | None"
    return f"    {fact.name}: {wide}{' = None' if lacking else ''}"


def source() -> str:
    """The module as text."""
    hops = sorted(HOPS.values(), key=_name)
    text = _HEAD % "".join(f'    "{_name(hop)}",\n' for hop in hops if _name(hop) < "Hop")
    text = text.replace(
        '    "Hop",\n]', '    "Hop",\n' + "".join(f'    "{_name(h)}",\n' for h in hops if _name(h) > "Hop") + "]"
    )
    for hop in HOPS.values():
        said = hop.when[0].upper() + hop.when[1:]
        text += (
            f'\n\n@dataclass(frozen=True, slots=True, kw_only=True)\nclass {_name(hop)}(Hop):\n    """{said}."""\n\n'
        )
        text += f'    hop: ClassVar[str] = "{hop.name}"\n' + "\n".join(map(_field, hop.facts)) + "\n"
    names = ", ".join(map(_name, HOPS.values()))
    text += f"\n\nBY_HOP: Mapping[str, type[Hop]] = {{one.hop: one for one in ({names})}}\n"
    return text + '"""Each class by the name of its hop."""\n'


if __name__ == "__main__":
    PLACE.write_text(source(), encoding="utf-8")  # then `ruff format` folds its lines
