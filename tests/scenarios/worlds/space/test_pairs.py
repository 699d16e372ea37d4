"""Pairs are those of one object that no row forbids."""

from uplab.scenarios.worlds.space.dimensions import DIMENSIONS
from uplab.scenarios.worlds.space.impossible import impossible
from uplab.scenarios.worlds.space.pairs import pairs


def test_pairs_are_allowed_and_of_one_object() -> None:
    of = {one.name: one.of for one in DIMENSIONS}
    found = list(pairs(DIMENSIONS))
    assert len(set(found)) == len(found) > 1000
    assert all(of[one[0]] == of[other[0]] and one[0] < other[0] for one, other in found)
    assert all(impossible(dict([one]), *other) is None for one, other in found)
    assert (("address", "http"), ("trouble", "expired")) not in found
