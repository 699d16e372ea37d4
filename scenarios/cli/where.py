"""`uplab where ROW`: the scenarios of a row of the catalogue, the checks that prove it, and what is known to break it.

Read from the sources as they stand, nothing is imported or run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer

from uplab.scenarios.cli.app import app, fail
from uplab.scenarios.run.exit_codes import WRONG_USAGE

__all__ = ["Place", "known_bads", "proofs", "scenarios", "where"]

_JUDGING = ("judge", "judge_alone", "judge_delivery", "judge_telemetry", "expect", "poll", "proving")
_JUDGING += ("expect_answer", "expect_shown", "expect_unchanged")


@dataclass(frozen=True, slots=True)
class Place:
    """Something with a name, and where it stands."""

    name: str
    path: Path
    line: int


def _sources(folder: Path) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def _texts(node: ast.AST) -> set[str]:
    """Every text within it."""
    return {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def _marked(nodes: list[ast.expr], row: str) -> bool:
    return any(
        isinstance(call, ast.Call) and ast.unparse(call.func).endswith("mark.requirement") and row in _texts(call)
        for node in nodes
        for call in ast.walk(node)
    )


def scenarios(suites: Path, row: str) -> Iterator[Place]:
    """The scenarios that name the row, by their ids; a mark of the module is one of each scenario in it."""
    for path, module in _sources(suites):
        of_module = [
            node.value for node in module.body if isinstance(node, ast.Assign) and "pytestmark" in ast.unparse(node)
        ]
        functions = [node for node in module.body if isinstance(node, ast.FunctionDef)]
        for one in functions:
            if one.name.startswith("test_") and _marked([*one.decorator_list, *of_module], row):
                yield Place(f"{path.relative_to(suites).as_posix()}::{one.name}", path, one.lineno)


def proofs(suites: Path, row: str) -> Iterator[Place]:
    """The verdicts that are tied to this row and no other, as the source says them."""
    for path, module in _sources(suites):
        tables = {
            node.targets[0].id: node.value
            for node in module.body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        for call in ast.walk(module):
            if not isinstance(call, ast.Call) or ast.unparse(call.func).rpartition(".")[2] not in _JUDGING:
                continue
            proves = [k.value for k in call.keywords if k.arg == "proves"] or call.args[:1]
            named = [tables.get(p.id, p) if isinstance(p, ast.Name) else p for p in proves]
            if any(row in _texts(node) for node in named if not isinstance(node, ast.Call)):
                words = call.args[0] if call.args else call
                said = words.value if isinstance(words, ast.Constant) else ast.unparse(call.func)
                yield Place(str(said), path, call.lineno)


def known_bads(folder: Path, row: str) -> Iterator[Place]:
    """The known-bad forwarders and fakes of this checkout that break the row; none where uplab is installed."""
    for path, module in _sources(folder) if folder.is_dir() else ():
        for call in ast.walk(module):
            if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("BAD.bad"):
                broken = [k.value for k in call.keywords if k.arg in ("requirement", "also")]
                if any(row in _texts(node) for node in broken):
                    name = call.args[0]
                    yield Place(
                        str(name.value) if isinstance(name, ast.Constant) else ast.unparse(name), path, call.lineno
                    )


def _shown(path: Path) -> str:
    real = path.resolve()
    return str(real.relative_to(Path.cwd())) if real.is_relative_to(Path.cwd()) else str(real)


def _print(title: str, places: list[Place], nothing: str) -> None:
    print(f"\n{title}")
    for place in places:
        print(f"  {place.name}\n    {_shown(place.path)}:{place.line}")
    if not places:
        print(f"  {nothing}")


@app.command()
def where(
    row: Annotated[str, typer.Argument(metavar="ROW", help="A row of the catalogue, such as HTTP-12.")],
) -> None:
    """Say where a row of the catalogue is proven: its scenarios, its verdicts, and what is known to break it."""
    from uplab.scenarios.checks.requirements import catalogue  # noqa: PLC0415
    from uplab.scenarios.run.suites import SUITES  # noqa: PLC0415

    wanted, rows = row.strip().upper(), catalogue()
    found = rows.get(wanted)
    if found is None:
        near = get_close_matches(wanted, list(rows), n=1)
        begin = dict.fromkeys(id_.partition("-")[0] for id_ in rows)
        hint = f"did you mean {near[0]}?" if near else f"they begin with {', '.join(begin)}, as {next(iter(rows))}"
        fail(f"there is no row {row}; {hint}", WRONG_USAGE)
    print(f"{found.id}  {found.text}")
    print(f"  from {found.document}; {found.subject} can break it")
    _print("Scenarios", list(scenarios(SUITES, found.id)), "none")
    _print("Verdicts tied to this row alone", list(proofs(SUITES, found.id)), "none: a scenario's verdicts prove it")
    faulty = SUITES.resolve().parents[1] / "tests" / "faulty"
    _print("Known to break it", list(known_bads(faulty, found.id)), f"none in {_shown(faulty)}")
