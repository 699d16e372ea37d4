"""Deadlines of the suites come from the profile, and no number stands where one is waited for."""

import ast

import pytest

from tests.test_layout import modules, tree

DEADLINES = {"timeout_s", "limit_s", "timeout", "within_s", "deadline_s"}


def bare_deadlines(module: ast.Module) -> list[int]:
    """The lines where a wait is given a number, or a name that stands for one, or has one by default."""
    plain = (ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.expr_context)
    numbers = {
        target.id
        for node in module.body
        if isinstance(node, ast.Assign) and all(isinstance(part, plain) for part in ast.walk(node.value))
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    given = [(k.arg, k.value) for n in ast.walk(module) if isinstance(n, ast.Call) for k in n.keywords]
    for function in (n for n in ast.walk(module) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)):
        named = function.args.posonlyargs + function.args.args
        with_default = [*named[len(named) - len(function.args.defaults) :], *function.args.kwonlyargs]
        values = zip(with_default, [*function.args.defaults, *function.args.kw_defaults], strict=True)
        given += [(argument.arg, value) for argument, value in values if value is not None]

    def bare(value: ast.expr) -> bool:
        parts = list(ast.walk(value))
        numeric = all(isinstance(p, plain) or (isinstance(p, ast.Name) and p.id in numbers) for p in parts)
        return numeric and any(not isinstance(p, ast.Constant) or p.value is not None for p in parts)

    return [value.lineno for name, value in given if name in DEADLINES and bare(value)]


def test_suites_take_their_deadlines_from_the_profile() -> None:
    suites = [name for name in modules() if name.startswith("scenarios/suites/")]
    found = [f"{name}:{line}" for name in suites for line in bare_deadlines(tree(name))]
    assert found == [], "take it from lab.deadlines, to which what was configured is added"


@pytest.mark.parametrize(
    "planted",
    [
        "lab.poll(fetch, bool, timeout_s=5)",
        "LIMIT_S = 1.0\nchecks.within(events, limit_s=LIMIT_S)",
        "lab.poll(fetch, bool, timeout_s=10 + 2 * 3)",
        "def wait(lab, *, timeout_s: float = 5.0): ...",
        "def wait(lab, timeout_s=5.0): ...",
        "httpx.Client(timeout=10.0)",
    ],
)
def test_planted_deadline_is_found(planted: str) -> None:
    assert bare_deadlines(ast.parse(planted)) != []
    assert bare_deadlines(ast.parse("wait(timeout_s=after_s + lab.deadlines.delivery_s, limit_s=None)")) == []
