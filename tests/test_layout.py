"""The shape of the house is a test: who may import whom, how large a room may be, and where nobody may sleep."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("simulator", "fakes", "scenarios", "reports", "tests")

# What each place may import of ours; the longest matching place counts.
MAY_IMPORT = {
    "simulator": {"simulator"},
    "simulator/forwarder": {"uplab.simulator.forwarder"},
    "fakes": {"fakes"},
    "scenarios": {"scenarios", "simulator", "fakes"},
    "scenarios/cli.py": {"scenarios", "fakes", "reports"},
    "scenarios/publish.py": {"scenarios", "reports"},  # the plugin's last step
    "reports": {"reports"},
    "tests": set(PACKAGES),
}
MOST_LINES = 400
MOST_FUNCTION_LINES = 70


@cache
def modules() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


@cache
def tree(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text(encoding="utf-8"))


def imported(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, "imports are absolute"
            yield node.module


def within(name: str, allowed: str) -> bool:
    return name == allowed or name.startswith(allowed + ".")


def problems_of_imports(name: str) -> list[str]:
    place = max((p for p in MAY_IMPORT if name == p or name.startswith(p + "/")), key=len, default=None)
    if place is None:
        return [f"{name} stands in no known folder"]
    ours = [i for i in imported(tree(name)) if i.partition(".")[0] in PACKAGES]
    wrong = {i for i in ours if not any(within(i, allowed) for allowed in MAY_IMPORT[place])}
    if not name.startswith(("simulator/forwarder/", "tests/")):
        wrong |= {i for i in ours if within(i, "uplab.simulator.forwarder")}  # it is reached only over HTTP
    return [f"{name} imports {i}" for i in sorted(wrong)]


def test_imports_go_one_way() -> None:
    assert [problem for name in modules() for problem in problems_of_imports(name)] == []


def test_nothing_private_of_pytest_is_imported() -> None:
    assert [name for name in modules() for i in imported(tree(name)) if within(i, "_pytest")] == []


def test_modules_are_small_enough_to_read() -> None:
    lengths = {name: len((ROOT / name).read_text(encoding="utf-8").splitlines()) for name in modules()}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}, "divide it by its nouns"


def test_functions_are_small_enough_to_read() -> None:
    functions = [
        (name, n)
        for name in modules()
        for n in ast.walk(tree(name))
        if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert [f"{name}: {n.name}" for name, n in functions if (n.end_lineno or 0) - n.lineno >= MOST_FUNCTION_LINES] == []


def test_nobody_sleeps_in_tests_and_scenarios() -> None:
    judged = [name for name in modules() if name.startswith(("tests/", "scenarios/"))]
    calls = [(name, n) for name in judged for n in ast.walk(tree(name)) if isinstance(n, ast.Call)]
    naps = [
        f"{name}:{n.lineno}" for name, n in calls if ast.unparse(n.func) in ("time.sleep", "asyncio.sleep", "sleep")
    ]
    assert naps == [], "wait for a fact, with a deadline"


def test_nothing_is_called_utils_or_http() -> None:
    assert not [m for m in modules() if Path(m).name in ("utils.py", "helpers.py", "common.py", "http.py")]


def test_lock_names_no_host_and_every_package_has_a_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    assert "--index" not in lock
    packages = [block for block in lock.split("\n\n") for block in block.split("\n") if "==" in block]
    assert packages
    assert lock.count(" \\\n    --hash=sha256:") >= len(packages)
