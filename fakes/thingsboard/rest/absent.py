"""What a ThingsBoard has under `/api/` and this fake does not: refused aloud, never as if there were no such path.

`real_paths.txt` lists the paths of its controllers (4.4) with their methods; `{}` is an open part.
"""

from functools import cache
from importlib.resources import files

__all__ = ["absent", "hidden_by"]


@cache
def _known() -> dict[int, list[tuple[list[str], frozenset[str]]]]:
    """The paths by the number of their parts."""
    found: dict[int, list[tuple[list[str], frozenset[str]]]] = {}
    for line in (
        files("uplab.fakes.thingsboard.rest").joinpath("real_paths.txt").read_text(encoding="utf-8").splitlines()
    ):
        path, *methods = line.split()
        parts = path.split("/")
        found.setdefault(len(parts), []).append((parts, frozenset(methods)))
    return found


def absent(method: str, path: str) -> bool:
    """Whether ThingsBoard answers that method on that path."""
    given = path.split("/")
    return any(
        method in methods
        and all(part == value or (part == "{}" and value) for part, value in zip(parts, given, strict=True))
        for parts, methods in _known().get(len(given), ())
    )


def hidden_by(method: str, parts: list[str]) -> list[list[str]]:
    """The paths of ThingsBoard that say more literally what this path with open parts would answer as well."""
    return [
        found
        for found, methods in _known().get(len(parts), ())
        if method in methods
        and any(one != "{}" and part.startswith("{") for one, part in zip(found, parts, strict=True))
        and all(part.startswith("{") or one == part for one, part in zip(found, parts, strict=True))
    ]
