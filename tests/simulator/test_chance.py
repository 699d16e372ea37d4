from __future__ import annotations

import pytest

from uplab.simulator.chance import Chance


def test_same_seed_and_name_repeat() -> None:
    assert Chance(7).stream("radio").random() == Chance(7).stream("radio").random()


@pytest.mark.parametrize(("seed", "name"), [(8, "radio"), (7, "names"), ("77", "radio")])
def test_another_seed_or_name_differs(seed: int | str, name: str) -> None:
    assert Chance(seed).stream(name).random() != Chance(7).stream("radio").random()


def test_seed_and_name_cannot_run_into_each_other() -> None:
    assert Chance("1").derive("1x", 8) != Chance("11").derive("x", 8)


def test_derived_bytes_have_the_asked_length() -> None:
    assert len(Chance(7).derive("key", 16)) == 16


@pytest.mark.parametrize("length", [0, 33])
def test_only_so_many_bytes_can_be_derived(length: int) -> None:
    with pytest.raises(ValueError, match="length: expected 1 to 32 bytes"):
        Chance(7).derive("key", length)
