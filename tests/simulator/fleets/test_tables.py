from dataclasses import dataclass
from pathlib import Path

import pytest

from uplab.simulator.fleets.tables import PlanError, Tables, between, one_of, seed, whole


@dataclass(frozen=True, kw_only=True)
class Part:
    count: int
    share: float = 1.0


CHECKS = {"count": whole(1, 9), "share": between(0, 1)}


def read(tmp_path: Path, text: str) -> Tables:
    path = tmp_path / "plan.toml"
    path.write_text(text)
    return Tables.read(path)


def test_tables_become_what_they_are(tmp_path: Path) -> None:
    tables = read(tmp_path, "seed = 7\n[[part]]\ncount = 2\n[[part]]\ncount = 3\nshare = 0.5\n")

    assert tables.top({"seed": seed}, {"part": None}) == {"seed": "7"}
    assert tables.each("part", Part, CHECKS) == (Part(count=2), Part(count=3, share=0.5))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[part]]\ncount = 2\n[[part]]\n\ncount = 10\n", "line 5: count: expected a whole number from 1 to 9, got 10"),
        ("[[part]]\ncount = 2\n[[part]]\nshare = 1\n", "line 3: [[part]] needs count"),
        ("[[part]]\ncount = 2\nshares = 1\n", "line 3: there is no shares; there are count, share"),
        ("\n[part]\ncount = 2\n", "line 2: write [[part]] for each, not [part]"),
        ("[[part]]\ncount = 2\nshare = nan\n", "line 3: share: expected a number from 0 to 1, got nan"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(PlanError) as complaint:
        read(tmp_path, text).each("part", Part, CHECKS)

    assert str(complaint.value) == f"{tmp_path}/plan.toml, {words}"


def test_a_name_is_one_of_those_that_there_are() -> None:
    with pytest.raises(PlanError, match="hue: 'green' is no colour; there are red, blue"):
        one_of({"red": 1, "blue": 2}, "colour")("hue", "green")


def test_what_is_no_toml_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"plan\.toml: .*line 1"):
        read(tmp_path, "a =\n")
    with pytest.raises(PlanError, match="No such file"):
        Tables.read(tmp_path / "none.toml")
