"""The shape of the house is a test: who may import whom, how large a room may be, and where nobody may sleep."""

import ast
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.rooms import LAYERS, MAY_IMPORT, SUITES_MAY_IMPORT

ROOT = Path(__file__).parent.parent
PACKAGES = ("simulator", "fakes", "scenarios", "reports")

MOST_LINES = 400
MOST_FUNCTION_LINES = 70
MOST_MODULES = 15
# Rooms with more modules than a newcomer takes in at a glance, and why they stay whole.
LARGE_ROOMS = {
    "scenarios/checks": "one module for each check that a scenario asks",
    "fakes/widgelix": "one service whose pages, API and reports read the same device",
    "scenarios/history": "what every room above and the reports read: lines, who is who, what is secret",
    "scenarios/run": "one run of pytest, hook after hook, and what decides its exit code",
    "scenarios/suites/common": "one module for each promise that all destinations share",
}

# Modules without a test beside their path; this list may only shrink.
UNTESTED = {
    "fakes/posthere/views.py",
    "scenarios/lab/addresses.py",
    "scenarios/lab/connection.py",
    "scenarios/lab/device.py",
    "scenarios/lab/downstream.py",
    "scenarios/lab/false_hosts.py",
    "scenarios/lab/judge.py",
    "scenarios/run/allure_results.py",
    "scenarios/suites/common/ingress.py",
    "scenarios/suites/faults/closed_port.py",
    "scenarios/suites/faults/pace.py",
    "scenarios/under_test/answer.py",
    "scenarios/under_test/ending.py",
    "simulator/forwarder/pages/page.py",
    "simulator/forwarder/pages/posted.py",
    "simulator/forwarder/pages/refusal.py",
}


@cache
def modules() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


@cache
def tree(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text(encoding="utf-8"))


@cache
def imported(module: ast.Module) -> tuple[str, ...]:
    """Every name that is imported, also within a function or for types only; `from a import b` may mean a.b."""
    return tuple(_imported(module))


def _imported(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, "imports are absolute"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def of_ours(module: ast.Module) -> set[str]:
    """What is imported below the import root, as "fakes.mqtt.codec"; names within a module stand behind its own."""
    return {name.removeprefix("uplab.") for name in imported(module) if name.startswith("uplab.")}


def within(name: str, allowed: str) -> bool:
    return name == allowed or name.startswith(allowed + ".")


def house_of(name: str, houses: object = PACKAGES) -> str | None:
    """The innermost house in which a path stands."""
    places = [str(place) for place in houses]  # type: ignore[attr-defined]
    return max((p for p in places if name == p or name.startswith(p + "/")), key=len, default=None)


def problems_of_houses(name: str, module: ast.Module) -> list[str]:
    place = house_of(name, MAY_IMPORT)
    if place is None:
        return [] if name.startswith(("tests/", "docs/examples/")) else [f"{name} stands in no known folder"]
    own = "simulator.forwarder" if name.startswith("simulator/forwarder/") else name.partition("/")[0]
    allowed = {own} | MAY_IMPORT[place]
    names = {i for i in of_ours(module) if "." in i or i in PACKAGES}
    wrong = {i for i in names if not any(within(i, one) or within(one, i) for one in allowed)}
    if own != "simulator.forwarder":
        wrong |= {i for i in names if within(i, "simulator.forwarder")}  # it is reached only over the network
    return [f"{name} imports {i}" for i in sorted(wrong)]


def problems_of_rooms(name: str, module: ast.Module) -> list[str]:
    """What stands in a room and imports one above it, or beside it."""
    problems = []
    for house, layers in LAYERS.items():
        if not name.startswith(f"{house}/") or (house == "simulator" and name.startswith("simulator/forwarder/")):
            continue  # the forwarder is no room of the simulator's, but a house of its own
        height = {room: index for index, line in enumerate(layers) for room in line.split()}
        room = name.removeprefix(f"{house}/").removesuffix(".py").partition("/")[0]
        if room == "__init__":
            continue
        if room not in height:
            problems.append(f"{name} stands in no room of {house}")
            continue
        prefix = house.replace("/", ".") + "."
        for other in sorted(of_ours(module)):
            target = other.removeprefix(prefix).partition(".")[0] if other.startswith(prefix) else room
            if target != room and target in height and height[target] <= height[room]:
                problems.append(f"{name} imports {other}, which does not stand below it")
    return problems


@cache
def public_names() -> frozenset[str]:
    """What uplab.scenarios offers to authors."""
    [names] = [
        node.value
        for node in tree("scenarios/__init__.py").body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    return frozenset(ast.literal_eval(names))


def problems_of_suites(name: str, module: ast.Module) -> list[str]:
    if not name.startswith("scenarios/suites/"):
        return []
    public = public_names()
    foreign = {i for i in of_ours(module) if i.count(".") >= 1 and i.removeprefix("scenarios.") not in public}
    named = {i for i in foreign if i.startswith("scenarios.") and i.rpartition(".")[2] in public}
    again = {i for i in named if f"{i.replace('.', '/')}.py" not in modules()}  # a module may be called as a name is
    known = SUITES_MAY_IMPORT
    wrong = {i for i in foreign if not any(within(i, one) or within(one, i) for one in known)}
    return [
        *(f"{name} imports {i}" for i in sorted(wrong)),
        *(f"{name} imports {i}, which uplab.scenarios has" for i in sorted(again)),
    ]


def problems_of_imports(name: str, module: ast.Module) -> list[str]:
    bare = [i for i in imported(module) if i.partition(".")[0] in PACKAGES]
    return [
        *(f"{name} imports {i} by its bare name" for i in bare),
        *problems_of_houses(name, module),
        *problems_of_rooms(name, module),
        *problems_of_suites(name, module),
    ]


def test_imports_go_one_way() -> None:
    assert [problem for name in modules() for problem in problems_of_imports(name, tree(name))] == []


@pytest.mark.parametrize(
    ("place", "planted"),
    [
        ("fakes/journal.py", "from uplab.simulator.clock import Clock"),
        ("simulator/air.py", "import uplab.simulator.forwarder.service"),
        ("simulator/forwarder/clock.py", "from uplab.simulator.clock import Clock"),
        ("simulator/forwarder/clock.py", "from uplab.simulator.thingpark.documents import ROOTS"),
        ("simulator/thingpark/documents.py", "from uplab.simulator.clock import Clock"),
        ("simulator/lorawan/frame.py", "from uplab.simulator.network import server"),
        ("simulator/forwarder/store/store.py", "from uplab.simulator.forwarder.delivery.queue import Queue"),
        ("simulator/forwarder/destinations/http/sink.py", "from uplab.simulator.forwarder.destinations import table"),
        (
            "simulator/forwarder/destinations/http/form.py",
            "from uplab.simulator.forwarder.destinations.thingsboard.form import KIND",
        ),
        ("fakes/thingsboard/state/series.py", "from uplab.fakes.thingsboard.rest import views"),
        ("fakes/mqtt/codec.py", "from uplab.fakes.thingsboard.state.tenant import Tenant"),
        ("scenarios/history/history.py", "from uplab.scenarios.checks.verdict import Verdict"),
        ("scenarios/lab/lab.py", "def late():\n    from uplab.scenarios.run.options import option"),
        ("scenarios/suites/http/test_api.py", "from uplab.fakes.thingsboard.state.tenant import Tenant"),
        ("scenarios/suites/http/test_api.py", "from uplab.scenarios.lab.lab import Lab"),
        ("scenarios/suites/http/test_api.py", "from uplab.scenarios.lab.ports import Ports"),
        ("scenarios/suites/http/test_api.py", "from uplab.scenarios import Laboratory"),
        ("reports/run.py", "from uplab.scenarios.checks.verdict import Verdict"),
        ("tests/test_it.py", "from fakes import journal"),
        ("scenarios/new.py", "import json"),
    ],
)
def test_planted_import_is_found(place: str, planted: str) -> None:
    assert problems_of_imports(place, ast.parse(planted)) != []


def circles() -> list[list[str]]:
    """Modules that import each other, at whatever place and for whatever purpose."""
    names = {name.removesuffix(".py").replace("/", "."): name for name in modules() if house_of(name)}
    names = {key.removesuffix(".__init__"): name for key, name in names.items()}
    graph = {key: {i for i in of_ours(tree(name)) if i in names and i != key} for key, name in names.items()}
    found: list[list[str]] = []
    gone = False
    while not gone:  # what imports nothing that is left can be in no circle
        free = {key for key, others in graph.items() if not others & graph.keys()}
        gone = not free
        graph = {key: others - free for key, others in graph.items() if key not in free}
    while graph:  # what nothing imports that is left neither
        free = graph.keys() - set().union(*graph.values())
        if not free:
            found.append(sorted(graph))
            break
        graph = {key: others for key, others in graph.items() if key not in free}
    return found


def test_no_circle_of_imports() -> None:
    assert circles() == []


def test_nothing_private_of_pytest_is_imported() -> None:
    assert [name for name in modules() for i in imported(tree(name)) if within(i, "_pytest")] == []


def test_rooms_are_small_enough_to_find_a_module_in() -> None:
    rooms = Counter(str(Path(name).parent) for name in modules() if house_of(name) and Path(name).name != "__init__.py")
    assert {room: count for room, count in rooms.items() if count > MOST_MODULES and room not in LARGE_ROOMS} == {}
    assert [room for room in LARGE_ROOMS if rooms[room] <= MOST_MODULES] == [], "no reason is needed any more"


def test_each_module_has_its_test_beside_its_path() -> None:
    there = set(modules())
    judged = [
        name
        for name in there
        if house_of(name)
        and Path(name).name != "__init__.py"
        and not Path(name).name.startswith(("test_", "conftest"))
        and tree(name).body
    ]
    missing = set()
    for name in judged:
        stem = Path(name).stem.strip("_")
        beside = f"tests/{Path(name).parent}/test_{stem}"
        if not any(one == f"{beside}.py" or one.startswith(f"{beside}_") for one in there):
            missing.add(name)
    assert missing - UNTESTED == set(), "write its test beside its path"
    assert UNTESTED - missing == set(), "it has a test now: take it from the list"


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
