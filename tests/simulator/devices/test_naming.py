"""Names: the table's bytes do not change with Faker's version, and other locales are Faker's."""

import pytest

from uplab.simulator.chance import Chance
from uplab.simulator.devices.naming import HARD, KINDS, Names, hard_names, known_locales
from uplab.simulator.errors import SimulatorError


def test_table_has_every_kind_of_every_locale() -> None:
    assert set(HARD.values()) < set(known_locales())
    for locale in known_locales():
        for kind in KINDS:
            assert len(set(Names(Chance(1), locale).several(kind, 16))) == 16


def test_seed_gives_the_same_names_for_ever() -> None:
    names = Names(Chance(7), "fr_FR")

    assert [names.draw("city") for _ in range(3)] == [Names(Chance(7), "fr_FR").draw("city"), *_next(7, 2)]


def _next(seed: int, count: int) -> list[str]:
    names = Names(Chance(seed), "fr_FR")
    names.draw("city")
    return [names.draw("city") for _ in range(count)]


def test_hard_names_are_hard() -> None:
    names = hard_names()

    assert not names["right-to-left-hebrew"].isascii()
    assert "\u0301" in names["combining"]
    assert len(names["very-long"]) > 400
    assert len(set(names.values())) == len(names)


def test_locale_beyond_the_table_is_faker_s() -> None:
    assert Names(Chance(7), "fi_FI").draw("city") == Names(Chance(7), "fi_FI").draw("city")
    assert len(set(Names(Chance(7), "fi_FI").several("city", 8))) == 8


@pytest.mark.parametrize("locale", ["xx_XX", "en_US.UTF-8"])
def test_locale_that_nobody_knows_is_one_line(locale: str) -> None:
    with pytest.raises(SimulatorError, match=rf"^locale: there is no {locale}; the table has en_US, [^\n]*$"):
        Names(Chance(7), locale)
