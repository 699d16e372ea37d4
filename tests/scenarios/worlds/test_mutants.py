"""The tests of the oracle see it where it is wrong."""

import pytest

from tests.scenarios.worlds.mutants import MUTATED, mutants, survivors


def test_there_are_mutants_of_every_kind() -> None:
    kinds = {what.partition(":")[0].rstrip("0123456789 ") for name in MUTATED for what, _ in mutants(name)}
    assert kinds >= {"turned round", "compared otherwise", "and for or", "one more", "left out"}


@pytest.mark.parametrize("name", MUTATED)
def test_no_mutant_survives(name: str) -> None:
    assert survivors(name) == []
