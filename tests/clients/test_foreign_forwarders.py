"""Forwarders that nobody here wrote, unmodified, each under test by the few lines in its folder.

One scenario of each is enough for the gate; `make foreign` runs all, and what fails must be just what is known to.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clients.environments import environment, required

FORWARDERS = Path(__file__).parents[2] / "scenarios" / "forwarders"
ALL = os.environ.get("UPLAB_FOREIGN") == "all"
ONE_S, ALL_S = 300, 3000


@dataclass(frozen=True)
class Foreign:
    """How one is started: its options, its environment, and the scenario that stands for all."""

    options: Callable[[Path, Path], list[str]]
    variables: Callable[[Path], dict[str, str]]
    scenario: str


def of_node_red(folder: Path, _: Path) -> list[str]:
    return ["--forwarder-command", shlex.join(["node", str(folder / "adaptor.js")])]


def of_gateway(folder: Path, installed: Path) -> list[str]:
    command = shlex.join([str(installed / "bin" / "python"), str(folder / "adaptor.py")])
    uplink = shlex.join([sys.executable, str(folder / "uplink.py")])
    return ["--forwarder-command", command, "--uplink-command", uplink]


FOREIGN = {
    "node-red": Foreign(
        of_node_red,
        lambda installed: {"NODE_RED": str(installed / "node_modules" / "node-red" / "red.js")},
        "http/test_did_it_work.py::test_bin_shows_exactly_the_uplinks_that_were_sent",
    ),
    "thingsboard-gateway": Foreign(
        of_gateway,
        lambda _: {},
        "thingsboard/test_did_it_work.py::test_each_uplink_is_delivered_once_in_order",
    ),
}


@pytest.mark.timeout(ALL_S + 60 if ALL else ONE_S + 60)
@pytest.mark.parametrize("name", FOREIGN)
def test_foreign_forwarder_gets_the_verdicts_that_are_known(name: str, tmp_path: Path) -> None:
    installed, foreign = environment(name), FOREIGN[name]
    if name == "node-red" and shutil.which("node") is None:
        assert not required(), "node is not installed, and UPLAB_REQUIRE_CLIENTS=1 forbids to skip"
        pytest.skip("node is not installed")
    folder = FORWARDERS / name.replace("-", "_")
    known = (folder / "known-failing.txt").read_text(encoding="utf-8").splitlines()
    (tmp_path / "known.txt").write_text("\n".join(one for one in known if ALL or one == foreign.scenario))
    chosen = ["--known-failing", str(tmp_path / "known.txt"), *([] if ALL else [foreign.scenario])]
    run = [str(Path(sys.executable).with_name("uplab")), "run", *foreign.options(folder, installed)]
    run += ["--forwarder-profile", str(folder / f"{name}.toml"), "--report-dir", str(tmp_path / "runs"), *chosen]

    done = subprocess.run(
        run,
        cwd=tmp_path,
        env={**os.environ, **foreign.variables(installed)},
        capture_output=True,
        text=True,
        timeout=ALL_S if ALL else ONE_S,
        check=False,
    )

    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    record = json.loads((tmp_path / "runs" / "latest" / "run.json").read_text(encoding="utf-8"))
    judged = [verdict for scenario in record["scenarios"] for verdict in scenario["verdicts"]]
    assert "passed" in {verdict["outcome"] for verdict in judged}


@pytest.mark.parametrize("name", FOREIGN)
def test_known_failing_names_scenarios_that_there_are(name: str) -> None:
    lines = (FORWARDERS / name.replace("-", "_") / "known-failing.txt").read_text(encoding="utf-8").splitlines()
    suites = FORWARDERS.parent / "suites"

    for line in (one for one in lines if one.strip() and not one.startswith("#")):
        file, _, scenario = line.partition("::")
        assert f"def {scenario.partition('[')[0]}(" in (suites / file).read_text(encoding="utf-8"), line
