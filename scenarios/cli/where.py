"""`uplab where ROW`: a row of the catalogue or one clause: its scenarios, the checks that prove it, what breaks it.

Read from the sources as they stand, nothing is imported or run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from uplab.scenarios.checks.requirements import catalogue, clauses, concerns
from uplab.scenarios.cli.app import app, fail
from uplab.scenarios.run.exit_codes import WRONG_USAGE

__all__ = ["Place", "known_bads", "proofs", "scenarios", "where"]

_JUDGING = (
    "judge",
    "judge_alone",
    "judge_delivery",
    "judge_telemetry",
    "expect",
    "expect_answer",
    "expect_shown",
    "expect_unchanged",
    "poll",
    "proving",
)


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


def _names(node: ast.AST, row: str) -> bool:
    """Whether it names the row, or a clause of it."""
    return any(concerns(text, row) for text in _texts(node))


def _marked(nodes: list[ast.expr], row: str) -> bool:
    return any(
        isinstance(call, ast.Call) and ast.unparse(call.func).endswith("mark.requirement") and _names(call, row)
        for node in nodes
        for call in ast.walk(node)
    )


def scenarios(suites: Path, row: str) -> Iterator[Place]:
    """The scenarios that name the row or a clause of it, by their ids; a mark of the module is one of each scenario."""
    for path, module in _sources(suites):
        of_module = [
            node.value for node in module.body if isinstance(node, ast.Assign) and "pytestmark" in ast.unparse(node)
        ]
        functions = [node for node in module.body if isinstance(node, ast.FunctionDef)]
        for one in functions:
            if one.name.startswith("test_") and _marked([*one.decorator_list, *of_module], row):
                yield Place(f"{path.relative_to(suites).as_posix()}::{one.name}", path, one.lineno)


def proofs(suites: Path, row: str) -> Iterator[Place]:
    """The verdicts that are tied to this row, or to a clause of it, as the source says them."""
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
            if any(_names(node, row) for node in named if not isinstance(node, ast.Call)):
                words = call.args[0] if call.args else call
                said = words.value if isinstance(words, ast.Constant) else ast.unparse(call.func)
                yield Place(str(said), path, call.lineno)


def known_bads(folder: Path, row: str) -> Iterator[Place]:
    """The known-bad forwarders and fakes of this checkout that break the row; none where uplab is installed."""
    for path, module in _sources(folder) if folder.is_dir() else ():
        for call in ast.walk(module):
            if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("BAD.bad"):
                broken = [k.value for k in call.keywords if k.arg in ("requirement", "also")]
                if any(_names(node, row) for node in broken):
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
    row: Annotated[
        str, typer.Argument(metavar="ROW", help="A row of the catalogue, such as HTTP-12, or a clause: HTTP-12.a.")
    ],
) -> None:
    """Say where a row of the catalogue is proven: its scenarios, its verdicts, and what is known to break it."""
    from uplab.scenarios.run.requirement_ids import nearest_ids, requirement_id  # noqa: PLC0415
    from uplab.scenarios.run.suites import SUITES  # noqa: PLC0415

    wanted = requirement_id(row)
    if wanted is None:
        fail(f"there is no row {row}; {nearest_ids(row)}", WRONG_USAGE)
    found = catalogue().get(wanted) or clauses()[wanted]
    print(f"{found.id}  {found.text}")
    of_row = catalogue()[wanted.partition(".")[0]]
    print(f"  from {of_row.document}; {found.subject} can break it")
    for clause in of_row.clauses if found is of_row and len(of_row.clauses) > 1 else ():
        print(f"  {clause.id}  {clause.text} ({clause.label})")
    _print("Scenarios", list(scenarios(SUITES, wanted)), "none")
    _print("Verdicts tied to it", list(proofs(SUITES, wanted)), "none: a scenario's verdicts prove it")
    faulty = SUITES.resolve().parents[1] / "tests" / "faulty"
    _print("Known to break it", list(known_bads(faulty, wanted)), f"none in {_shown(faulty)}")
