"""A forwarder that shares nothing with the reference one passes the smoke scenarios: the contract is enough."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.nightly import nightly

FOLDER = Path(__file__).parent / "node_forwarder"
MUST_RUN = os.environ.get("UPLAB_REQUIRE_CLIENTS") == "1"
INSTALL_S = 180
RUN_S = 240


@pytest.fixture(scope="module")
def command() -> str:
    """The command that starts the forwarder, its packages installed."""
    if MUST_RUN:
        npm = shutil.which("npm")
        assert npm, "npm is not installed, and UPLAB_REQUIRE_CLIENTS=1 forbids to skip"
        install = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(install, cwd=FOLDER, capture_output=True, text=True, timeout=INSTALL_S, check=False)
        assert done.returncode == 0, f"npm ci failed:\n{done.stdout}{done.stderr}"
    node = shutil.which("node")
    if node is None:
        assert not MUST_RUN, "node is not installed, and UPLAB_REQUIRE_CLIENTS=1 forbids to skip"
        pytest.skip("node is not installed")
    if not (FOLDER / "node_modules" / "mqtt").is_dir():
        pytest.skip("its packages are not installed: npm ci --prefix tests/node_forwarder")
    return shlex.join([node, str(FOLDER / "main.js")])


ALL = os.environ.get("UPLAB_FOREIGN") == "all"
NONE = "not applicable"
PAIR = (
    "delivery/test_arrival.py::test_each_uplink_arrives_once",
    "http/test_api.py::test_example_body_creates_the_connection",
    "http/test_address.py::test_address_is_requested_as_it_was_written",
)
ASK = shlex.join(["node", str(FOLDER / "ask.js")])
BY_COMMANDS = [
    word for name in ("connect", "disconnect", "bind", "uplink") for word in (f"--{name}-command", f"{ASK} {name}")
]


@pytest.mark.timeout(INSTALL_S + RUN_S + 30)
@pytest.mark.parametrize(
    ("profile", "more", "fewest"),
    [("profile", [], 3), ("static", [], 3), pytest.param("commands", BY_COMMANDS, 3, marks=nightly)],
    ids=["api", "static", "commands"],
)
def test_second_forwarder_passes_the_smoke_scenarios(
    command: str, tmp_path: Path, profile: str, more: list[str], fewest: int
) -> None:
    uplab = Path(sys.executable).with_name("uplab")
    run = [str(uplab), "run", "-m", "smoke", "--report-dir", str(tmp_path / "runs"), "--forwarder-command", command]

    done = subprocess.run(
        [*run, *more, "--forwarder-profile", str(FOLDER / f"{profile}.toml")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=RUN_S,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    record = json.loads((tmp_path / "runs" / "latest" / "run.json").read_text(encoding="utf-8"))
    outcomes = [scenario["outcome"] for scenario in record["scenarios"]]
    assert outcomes.count("passed") >= fewest, outcomes


@pytest.mark.skipif(not ALL, reason="`make foreign` runs all pairs of ways; the profiles above are three of them")
@pytest.mark.timeout(INSTALL_S + RUN_S + 30)
@pytest.mark.parametrize("names", ["resolve", "proxy", "direct"])
@pytest.mark.parametrize("connections", ["api", "commands", "static"])
def test_second_forwarder_delivers_in_each_pair_of_ways(
    command: str, tmp_path: Path, connections: str, names: str
) -> None:
    api = "api = true\n" if connections == "api" else ""
    ways = f'connections = "{connections}"\nnames = "{names}"'
    profile = tmp_path / "pair.toml"
    profile.write_text(
        f'name = "pair"\ncontract = 2\n[features]\n{api}http = true\nflows = true\n[ways]\n{ways}\n', encoding="utf-8"
    )
    more = BY_COMMANDS if connections == "commands" else []
    run = [str(Path(sys.executable).with_name("uplab")), "run", "--report-dir", str(tmp_path / "runs"), *more]
    run += ["--forwarder-command", command, "--forwarder-profile", str(profile), *PAIR]

    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, timeout=RUN_S, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    record = json.loads((tmp_path / "runs" / "latest" / "run.json").read_text(encoding="utf-8"))
    outcomes = {scenario["title"]: scenario["outcome"] for scenario in record["scenarios"]}
    assert outcomes == {
        "each uplink arrives once": "passed",
        "example body creates the connection": "passed" if connections == "api" and names != "direct" else NONE,
        "address is requested as it was written": "passed" if names != "direct" else NONE,
    }


def test_lock_pins_every_package_and_names_no_registry() -> None:
    lock = json.loads((FOLDER / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if not package.get("integrity", "").startswith("sha512-")] == []
