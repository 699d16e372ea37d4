"""Names of devices, sites, people and customers, from the locales in which programs break.

They stand in a table beside this module that was made with Faker once, so that a seed gives the same bytes whatever
version of it is installed; other locales are Faker's own. `python -m uplab.simulator.devices.naming` makes the table.
"""

import json
import random
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

from uplab.simulator.chance import Chance
from uplab.simulator.errors import SimulatorError

__all__ = ["HARD", "KINDS", "Names", "hard_names", "known_locales", "made_table"]

KINDS: Final = ("city", "street_name", "name", "company")
"""What the table has of each locale: sites, streets, people, customers; Faker's words."""

HARD: Final = {
    "accents": "fr_FR",
    "apostrophes": "it_IT",
    "cyrillic": "ru_RU",
    "devanagari": "hi_IN",
    "dotless-i": "tr_TR",
    "han": "zh_CN",
    "kana": "ja_JP",
    "right-to-left-arabic": "ar_AA",
    "right-to-left-hebrew": "he_IL",
    "thai": "th_TH",
    "tone-marks": "vi_VN",
}
"""What is hard in a locale, and the locale."""

_PLAIN: Final = "en_US"
_EACH: Final = 24  # names of a kind in a locale
_TRIES: Final = 200  # draws of a kind; some locales have few cities
_SEED: Final = 20_260_101
# What no locale has and programs break on as well: quotes, a path, an escape, a combining accent, an emoji, what looks
# like a pattern, a long one.
_MADE: Final = {
    "quotes": 'Hall "4" O\'Neill & Söhne <b>',
    "backslash": "C:\\new\\temp\\u0041",
    "slashes": "Site 4/5 // North",
    "combining": "Cafe\u0301 Ame\u0301lie",
    "emoji": "Serre 🌱👩🏽‍🌾 №7",
    "blanks": "  two  blanks\tand a tab ",
    "pattern": "{DevEUI} {FCntUp|'none'}",
    "very-long": "Öbergässli " * 40,
}


@cache
def _table() -> Mapping[str, Mapping[str, Sequence[str]]]:
    raw = files("uplab.simulator.devices").joinpath("names.json").read_text(encoding="utf-8")
    table: Mapping[str, Mapping[str, Sequence[str]]] = json.loads(raw)
    return table


def known_locales() -> tuple[str, ...]:
    """The locales of the table."""
    return tuple(_table())


def hard_names() -> dict[str, str]:
    """One name for each thing that is hard: of a site from its locale, or made by hand."""
    return {why: _table()[locale]["city"][0] for why, locale in HARD.items()} | _MADE


class Names:
    """Draws names of one locale from the seed.

    SimulatorError, in one line, for a locale that neither the table nor Faker has.
    """

    def __init__(self, chance: Chance, locale: str = _PLAIN) -> None:
        self._stream: random.Random = chance.stream("fleet names")
        self._table = _table().get(locale)
        self._faker = None if self._table is not None else _faker(locale)
        if self._faker is not None:
            self._faker.seed_instance(int.from_bytes(chance.derive("fleet names", 8), "big"))

    def draw(self, kind: str) -> str:
        """One name of a kind."""
        if self._table is None:
            assert self._faker is not None
            return str(getattr(self._faker, kind)())
        return self._stream.choice(self._table[kind])

    def several(self, kind: str, count: int) -> list[str]:
        """So many different names of a kind; at most as many as the table has."""
        if self._table is None:
            assert self._faker is not None
            return [str(getattr(self._faker.unique, kind)()) for _ in range(count)]
        return self._stream.sample(self._table[kind], count)


def _faker(locale: str) -> Any:
    from faker import Faker  # noqa: PLC0415 - it loads all its locales, and most runs need none of them
    from faker.config import AVAILABLE_LOCALES  # noqa: PLC0415

    if locale not in AVAILABLE_LOCALES:  # Faker itself takes more spellings, by what this system calls a locale
        raise SimulatorError(
            f"locale: there is no {locale}; the table has {', '.join(known_locales())}, and Faker has others"
        )
    return Faker(locale)


def made_table() -> dict[str, dict[str, list[str]]]:
    """The table, made anew with the Faker that is installed."""
    table = {}
    for locale in (_PLAIN, *sorted(HARD.values())):
        faker = _faker(locale)
        faker.seed_instance(_SEED)
        drawn = {kind: [str(getattr(faker, kind)()) for _ in range(_TRIES)] for kind in KINDS}
        table[locale] = {kind: list(dict.fromkeys(names))[:_EACH] for kind, names in drawn.items()}
    return table


if __name__ == "__main__":
    json.dump(made_table(), sys.stdout, ensure_ascii=False, indent=1)
    print()
