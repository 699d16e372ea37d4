"""`python -m tests.scenarios.worlds.mutants`: what the oracle's own tests would not see, were it wrong there.

Each mutant is the oracle with one thing changed: a condition turned round, a comparison, a constant, a statement left
out. Its tests run against it in this process; one that they all pass with survives, and is printed with its line.
"""

from __future__ import annotations

import ast
import copy
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from inspect import getsource
from itertools import product
from types import ModuleType
from typing import Any

import pytest

__all__ = ["EQUAL", "MUTATED", "Mutant", "mutants", "survivors"]

MUTATED = {
    "uplab.scenarios.worlds.oracle": "tests.scenarios.worlds.test_oracle",
    "uplab.scenarios.worlds.wanted": "tests.scenarios.worlds.test_wanted",
}
"""Each module, and its tests."""

EQUAL = {
    "oracle one more: self.number = 0": "it is set anew before each step",
    'oracle compared otherwise: return size > _MOST_BYTES or ("T" in until and until < _NOW)': "no year stands alone",
}
"""Mutants that say the same, by module and what is changed, each with its reason."""

Mutant = tuple[str, ast.Module]
"""What is changed, with the text of its line, and the module's tree."""

_OTHER: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


def mutants(name: str) -> Iterator[Mutant]:
    """Every mutant of a module."""
    source = getsource(import_module(name))
    lines = source.splitlines()
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):  # that it is frozen is no promise of the oracle
            node.decorator_list = [one.func if isinstance(one, ast.Call) else one for one in node.decorator_list]
    for number, node in enumerate(ast.walk(tree)):
        for what, change in _changes(node):
            mutated = copy.deepcopy(tree)
            change(next(one for at, one in enumerate(ast.walk(mutated)) if at == number))
            yield f"{what}: {lines[node.lineno - 1].strip()}", ast.fix_missing_locations(mutated)  # type: ignore[attr-defined]


def _changes(node: ast.AST) -> Iterator[tuple[str, Any]]:
    if isinstance(node, ast.If | ast.IfExp):
        yield "turned round", lambda one: setattr(one, "test", ast.UnaryOp(ast.Not(), one.test))
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield "compared otherwise", lambda one: one.ops.__setitem__(0, _OTHER[type(one.ops[0])]())
    if isinstance(node, ast.BoolOp):
        other = ast.And if isinstance(node.op, ast.Or) else ast.Or
        yield "and for or", lambda one: setattr(one, "op", other())
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "true for false", lambda one: setattr(one, "value", not one.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield "one more", lambda one: setattr(one, "value", one.value + 1)
    if isinstance(node, ast.FunctionDef | ast.If | ast.For):
        for at, statement in enumerate(node.body):
            if isinstance(statement, ast.Expr | ast.AugAssign) and not _is_docstring(statement):
                yield (
                    f"left out {statement.lineno - node.lineno}",
                    lambda one, at=at: one.body.__setitem__(at, ast.Pass()),
                )


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def survivors(name: str) -> list[str]:
    """The mutants of a module with which all of its tests pass, but for those that are equal."""
    tests = import_module(MUTATED[name])
    cases = list(_cases(tests))
    own = {key: value for key, value in vars(tests).items() if getattr(value, "__module__", None) == name}
    found = []
    try:
        assert not _fails(cases), "the tests pass as it is"
        for what, tree in mutants(name):
            mutated = ModuleType(name)
            try:
                exec(compile(tree, name, "exec"), vars(mutated))  # noqa: S102 - our own text, changed by one word
            except Exception:  # noqa: BLE001, S112 - what cannot be imported is seen by everybody
                continue
            vars(tests).update({key: getattr(mutated, key) for key in own})
            if not _fails(cases) and f"{name.rpartition('.')[2]} {what}" not in EQUAL:
                found.append(what)
    finally:
        vars(tests).update(own)
    return found


def _cases(tests: ModuleType) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Each test of a module with its parameters; none of them needs a fixture."""
    for name, test in vars(tests).items():
        if not name.startswith("test_"):
            continue
        marks = [mark for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
        for values in product(*(_rows(mark) for mark in marks)):
            yield test, {key: value for row in values for key, value in row.items()}


def _rows(mark: pytest.Mark) -> Iterator[dict[str, Any]]:
    names = [one.strip() for one in mark.args[0].split(",")] if isinstance(mark.args[0], str) else list(mark.args[0])
    for row in mark.args[1]:
        yield dict(zip(names, row if len(names) > 1 else [row], strict=True))


def _fails(cases: Sequence[tuple[Any, dict[str, Any]]]) -> bool:
    for test, values in cases:
        try:
            test(**values)
        except Exception:  # noqa: BLE001 - however it ends, it has seen it
            return True
    return False


def main() -> int:
    """Prints the survivors of all of them."""
    left = 0
    for name in MUTATED:
        found = survivors(name)
        left += len(found)
        equal = sum(one.startswith(f"{name.rpartition('.')[2]} ") for one in EQUAL)
        count = sum(1 for _ in mutants(name)) - equal
        print(f"{name}: {count - len(found)} of {count} mutants are seen, {equal} say the same", *found, sep="\n  ")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
