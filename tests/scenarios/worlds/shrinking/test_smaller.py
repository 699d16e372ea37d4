"""What is left out of a world, and that the rest is a world."""

from tests.scenarios.worlds.small_world import small_world
from uplab.scenarios.worlds.shrinking.smaller import smaller

WORLD = small_world(
    {"do": "send", "device": "a"},
    {"do": "send", "device": "b", "times": 3},
    {"do": "change", "connection": "y", "to": {"configuration": {"blamePeriod": 2}}},
    look=["shown"],
)


def test_each_part_can_be_left_out() -> None:
    said = [what for what, _ in smaller(WORLD)]
    wanted = {"step 0 (send a)", "connection x", "device a", "flow 1", "the look at shown", "the option blamePeriod"}
    assert wanted | {"times of step 1"} <= set(said)


def test_what_is_left_hangs_together() -> None:
    by = dict(smaller(WORLD))
    assert list(by["connection y"].connections) == ["x"]
    assert len(by["connection y"].steps) == 2
    assert list(by["device a"].devices) == ["b"]
    assert not any("blamePeriod" in one.configuration for one in by["the option blamePeriod"].connections.values())
    assert by["times of step 1"].steps[1].times == 1  # type: ignore[union-attr]


def test_last_of_a_kind_stays() -> None:
    alone = small_world(
        devices={"a": {}}, connections={"x": {}}, flows=[{"devices": ["a"], "connections": ["x"]}], look=[]
    )
    assert [what for what, _ in smaller(alone)] == ["flow 0"]


def test_login_is_left_out() -> None:
    assert [made.login for what, made in smaller(small_world(login=True)) if what == "the login"] == [False]
