"""The covering generator: every value within two hundred worlds, and most of each world left out."""

from collections import Counter
from itertools import combinations

from uplab.scenarios.under_test.profile import load_profile
from uplab.scenarios.worlds.drawing.draw import drawn
from uplab.scenarios.worlds.space.impossible import impossible
from uplab.scenarios.worlds.space.offered import offered
from uplab.scenarios.worlds.space.pairs import pairs

SPACE = offered(load_profile(None))
WORLDS = [drawn(11, number, SPACE) for number in range(200)]


def test_every_value_is_drawn_within_two_hundred_worlds() -> None:
    seen = Counter(item for world in WORLDS for item in world.items())
    assert [(one.name, value) for one in SPACE for value in one.values if not seen[one.name, value]] == []


def test_every_allowed_pair_of_one_object_is_drawn_within_two_thousand_worlds() -> None:
    met = {pair for number in range(2000) for pair in combinations(sorted(drawn(11, number, SPACE).items()), 2)}
    assert [pair for pair in pairs(SPACE) if pair not in met] == []


def test_nearly_everything_and_nearly_nothing_occur() -> None:
    rich = [sum(world[one.name] != one.default for one in SPACE) for world in WORLDS]
    assert min(rich) <= 2
    assert max(rich) >= len(SPACE) // 2


def test_no_world_has_an_impossible_pair() -> None:
    for world in WORLDS:
        for name, value in world.items():
            assert impossible({key: other for key, other in world.items() if key != name}, name, value) is None


def test_fixed_values_stay() -> None:
    assert drawn(11, 5, SPACE, {"model": "nke_th"})["model"] == "nke_th"
