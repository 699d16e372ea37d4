"""Pairs that cannot be: both sides exist, and each is found from either side."""

from uplab.scenarios.worlds.space.dimensions import DIMENSIONS
from uplab.scenarios.worlds.space.impossible import IMPOSSIBLE, impossible


def test_rows_name_dimensions_and_values() -> None:
    known = {one.name: one for one in DIMENSIONS}
    for one, values, other, others, why in IMPOSSIBLE:
        assert why
        for name, some in ((one, values), (other, others)):
            assert all(value == "any" or value in known[name].values for value in some), (name, some)


def test_pair_is_found_from_either_side() -> None:
    assert impossible({"compliance": "on"}, "form", "decoded")
    assert impossible({"form": "decoded"}, "compliance", "on")
    assert impossible({"active": "false"}, "downlink", "plain")
    assert not impossible({"active": "false"}, "downlink", "none")
    assert not impossible({}, "form", "decoded")
