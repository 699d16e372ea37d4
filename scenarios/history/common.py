"""Which secrets are too common to be hidden: words that a report must show."""

from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

__all__ = ["LEAST_SECRET", "MARK", "common"]

LEAST_SECRET: Final = 8
"""Characters: a shorter one is also a part of words that a report must show."""
MARK: Final = "5ec0de5a"
"""Of each secret of the lab: eight hexadecimal digits, so that random payload bytes do not meet them by chance."""


def common(secret: str, public: Iterable[str] = ()) -> str | None:
    """Why a secret cannot be hidden without taking words out of the report, None where it can.

    `public` are words of the user's own that are no secret, such as the name that belongs to a password.
    """
    if len(secret) < LEAST_SECRET:
        return f"has fewer than {LEAST_SECRET} characters"
    if MARK in secret:
        return None
    if any(secret.lower() in word.lower() for word in public):
        return "is also the name of something"
    return "is a word that uplab itself writes" if _is_ours(secret.lower()) else None


@lru_cache(10_000)
def _is_ours(lower: str) -> bool:
    return lower in _vocabulary()


@cache
def _vocabulary() -> str:
    """All that uplab itself may write, in lower case: its own sources."""
    return "\n".join(
        text for package in ("scenarios", "simulator", "fakes") for text in _texts(files(f"uplab.{package}"))
    )


def _texts(folder: Traversable) -> Iterable[str]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _texts(entry)
        elif entry.name.endswith((".py", ".md", ".toml")):
            yield entry.read_text(encoding="utf-8").lower()
