"""uplab from its wheel, in an environment of its own, beside folders that bear the names of ours."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.scenarios.suite_runs import environment

pytestmark = pytest.mark.timeout(900)  # each starts several processes, which a busy machine lets wait for minutes

ROOT = Path(__file__).parents[1]
NAMES = ("scenarios", "reports", "fakes", "simulator", "tests", "http")

UNRELATED = {
    "conftest.py": """
def pytest_addoption(parser):
    parser.addoption("--seed", type=int)
    parser.addoption("--only", action="append")
""",
    "tests/test_unrelated.py": """
import scenarios.mine, reports.mine, fakes.mine

def test_its_own_folders_and_options(pytestconfig):
    assert scenarios.mine.WORD == reports.mine.WORD == fakes.mine.WORD == "mine"
    assert (pytestconfig.getoption("--seed"), pytestconfig.getoption("--only")) == (7, ["one"])
""",
}
SCENARIO = """
import http

def test_device_of_my_own(lab, device):
    sent = device.send(temperature_c=21.5)
    lab.expect("the forwarder accepts it", http.HTTPStatus(sent.status) < 300, sent.status)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = folder.glob("uplab-*.whl")
    return path


@pytest.fixture(scope="module")
def bin_folder(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment with the wheel; what it depends on is borrowed from this one."""
    folder = tmp_path_factory.mktemp("fresh")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", str(python)]
    subprocess.run([*install, "install", "--no-index", "--no-deps", str(wheel)], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    script = folder / "bin" / "pytest"
    _, _, rest = (Path(sys.executable).parent / "pytest").read_text().partition("\n")
    script.write_text(f"#!{python}\n{rest}")
    script.chmod(0o755)
    return folder / "bin"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of somebody's, with folders called as ours are."""
    for name in NAMES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
        (tmp_path / name / "mine.py").write_text('WORD = "mine"\n')
    return tmp_path


def run(bin_folder: Path, project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    variables = environment()
    del variables["PYTHONPATH"]
    return subprocess.run(
        [bin_folder / command[0], *command[1:]],
        cwd=project,
        env={**variables, "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def write(project: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(text)


def test_wheel_holds_one_root_and_what_the_folders_hold(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        names = set(opened.namelist())
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *NAMES[:4]]
    ours = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    expected = {f"uplab/{name}" for name in ours if (ROOT / name).is_file() and not name.endswith(".gitignore")}

    assert {name for name in names if not name.startswith("uplab-")} == expected


def test_unrelated_tests_run_as_if_uplab_were_not_there(bin_folder: Path, project: Path) -> None:
    write(project, UNRELATED)
    # `python -m` looks into the folder first: with this, Python's own http is hidden, with uplab or without.
    (project / "http" / "__init__.py").unlink()

    ended = run(bin_folder, project, "python", "-m", "pytest", "-q", "tests", "--seed", "7", "--only", "one")

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "1 passed" in ended.stdout
    assert {path.name for path in project.iterdir()} <= {*NAMES, "conftest.py", "__pycache__", ".pytest_cache"}


INIT = ("uplab", "run", "test_hall.py", "--catalogue", "catalogue.toml", "--forwarder-profile", "profile.toml")


@pytest.fixture(scope="module")
def hall(bin_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of `uplab init`, made by the wheel outside of any checkout."""
    folder = tmp_path_factory.mktemp("own") / "hall"
    made = run(bin_folder, folder.parent, "uplab", "init", "hall")
    assert made.returncode == 0, made.stdout + made.stderr
    return folder


def test_project_of_init_passes_at_once(bin_folder: Path, hall: Path) -> None:
    ended = run(bin_folder, hall, *INIT, "--report-dir", "green")

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "all of 3 scenarios passed" in ended.stdout
    unknown = run(bin_folder, hall, "uplab", "recheck", "green/latest").stdout
    named = run(bin_folder, hall, "uplab", "recheck", "green/latest", "--checks", "test_hall.py").stdout
    assert "the check 'small bodies' is of the module 'test_hall': uplab recheck --checks names it" in unknown
    assert "small bodies" not in named, "it was judged again, as before"


def test_project_of_init_is_red_for_a_forwarder_that_breaks_it(bin_folder: Path, hall: Path) -> None:
    faulty = f"env PYTHONPATH={ROOT} {bin_folder / 'python'} -m tests.faulty deliver-twice"
    ended = run(bin_folder, hall, *INIT, "--forwarder-command", faulty, "-k", "every_uplink")

    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "none twice (MINE-01.a), failed" in ended.stdout


def test_scenario_of_ones_own_is_run_by_pytest_with_the_switch(bin_folder: Path, project: Path) -> None:
    write(project, {"my_tests/test_mine.py": SCENARIO, "pytest.toml": "[pytest]\nuplab = true\n"})

    ended = run(bin_folder, project, "pytest", "my_tests")

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "all of 1 scenario passed" in ended.stdout


def test_shipped_suite_is_run_from_the_wheel(bin_folder: Path, project: Path) -> None:
    ended = run(bin_folder, project, "uplab", "run", "http/test_did_it_work.py", "-n", "2")

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "all of 4 scenarios passed" in ended.stdout
