"""Draws follow from seed, number and name, and are the same everywhere."""

from uplab.scenarios.worlds.drawing.dice import Dice


def test_draws_are_the_same_for_ever() -> None:
    dice = Dice(1, 7)
    assert [dice.below(name, 1000) for name in ("a", "b", "c")] == GOLDEN
    assert dice.shuffled("order", list("abcdef")) == SHUFFLED


def test_names_do_not_touch_each_other() -> None:
    assert Dice(1, 7).below("a", 1000) == Dice(1, 7).below("a", 1000)
    assert Dice(1, 7).below("a", 10**9) != Dice(1, 8).below("a", 10**9) != Dice(2, 7).below("a", 10**9)


def test_happens_and_picks() -> None:
    assert not any(Dice(1, n).happens("never", 0) for n in range(50))
    assert all(Dice(1, n).happens("always", 100) for n in range(50))
    assert {Dice(1, n).pick("one", "abc") for n in range(50)} == set("abc")


GOLDEN = [835, 184, 424]
SHUFFLED = list("cfedba")
