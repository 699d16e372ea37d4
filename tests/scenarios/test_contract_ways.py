"""Which rows remain where nothing is read back: the contract says what the marks of the scenarios say."""

import ast
import re
from pathlib import Path

import pytest

from uplab.scenarios.under_test.profile import FEATURES, Features, Profile
from uplab.scenarios.under_test.ways.choice import Ways
from uplab.scenarios.under_test.ways.reach import Commands, lacking, restricted, strangers, withheld

SCENARIOS = Path(__file__).parents[2] / "scenarios"
EVERYTHING = Features(**dict.fromkeys(FEATURES, True))


def words(node: ast.AST, mark: str) -> list[str]:
    """The arguments of each mark of that name."""
    calls = [
        one for one in ast.walk(node) if isinstance(one, ast.Call) and ast.unparse(one.func) == f"pytest.mark.{mark}"
    ]
    return [str(a.value) for call in calls for a in call.args if isinstance(a, ast.Constant)]


def marked() -> list[tuple[str, list[str], list[str]]]:
    """Each scenario with its needs and its rows, without the parts of a row."""
    found = []
    for path in sorted((SCENARIOS / "suites").rglob("test_*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        assigned = [one for one in module.body if isinstance(one, ast.Assign)]
        common = [
            word for one in assigned if ast.unparse(one.targets[0]) == "pytestmark" for word in words(one, "needs")
        ]
        for function in module.body:
            if isinstance(function, ast.FunctionDef) and function.name.startswith("test_"):
                needs = [word for decorator in function.decorator_list for word in words(decorator, "needs")]
                rows = [word for decorator in function.decorator_list for word in words(decorator, "requirement")]
                found.append((f"{path.name}::{function.name}", common + needs, [row.partition(".")[0] for row in rows]))
    return found


def rows(way: str, commands: Commands) -> set[str]:
    """The rows that a forwarder with every feature keeps in this way."""
    profile = Profile(name="x", features=EVERYTHING, ways=Ways.model_validate({"connections": way}))
    reasons = withheld(profile, elsewhere=False, commands=commands)
    left = restricted(profile, reasons)
    return {row for _, needs, rows in marked() if lacking(left, reasons, needs) is None for row in rows}


@pytest.mark.parametrize(
    ("way", "begins", "beside"),
    [("static", "- `static`: ", set()), ("commands", "- `commands` these too: ", rows("static", Commands()))],
    ids=["static", "commands"],
)
def test_contract_names_the_rows_that_remain(way: str, begins: str, beside: set[str]) -> None:
    text = (SCENARIOS / "CONTRACT.md").read_text(encoding="utf-8").partition("these rows remain")[2]
    told = re.split(r"\n- |\n\n", text.partition(begins)[2])[0].split()

    assert set(told) | beside == rows(way, Commands("c", "d", "b")) | beside, (
        f"{' '.join(sorted(rows(way, Commands('c', 'd', 'b')) - beside))}"
    )


def test_each_need_is_known() -> None:
    assert [(name, strangers(needs)) for name, needs, _ in marked() if strangers(needs)] == []
