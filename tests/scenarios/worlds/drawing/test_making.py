"""A world under way: what a PUT has changed is what it has from then on."""

from uplab.scenarios.worlds import plan as p
from uplab.scenarios.worlds.drawing.dice import Dice
from uplab.scenarios.worlds.drawing.making import Making


def making() -> Making:
    return Making({"devices": "2"}, Dice(1, 1), {"a": p.Device()}, {"x": p.Connection(), "y": p.Connection()})


def test_changes_are_of_their_connection() -> None:
    made = making()
    made.change("x", suffix="/new")
    made.change("y", active=False)
    assert (made.now("x").suffix, made.now("y").active, made.now("y").suffix) == ("/new", False, "")


def test_value_stands_behind_its_name() -> None:
    assert making().value("devices") == 2
    assert making().value("model") is None


def test_waits_once() -> None:
    made = making()
    made.wait()
    made.send_all()
    made.wait()
    made.wait()
    assert [step.do for step in made.steps] == ["send", "wait"]
    assert not made.gone("x")
