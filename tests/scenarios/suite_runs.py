"""Runs `uplab` as a user does, in a process and a folder of its own, over small suites."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from uplab.scenarios.history.reader import read_history

__all__ = ["UPLAB", "Ended", "environment", "read_allure", "run_suite", "uplab", "write_suite"]

# Plugins of other tools that happen to be installed; they cost each process half a second.
_STRANGERS = "-p no:schemathesis -p no:hypothesispytest -p no:anyio -p no:faker -p no:pytest_httpserver"

UPLAB = str(Path(sys.executable).with_name("uplab"))


@dataclass(frozen=True, slots=True)
class Ended:
    """What a process left behind. `folder` is where a run keeps its reports."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def record(self) -> dict[str, Any]:
        """run.json."""
        record: dict[str, Any] = json.loads((self.folder / "run.json").read_bytes())
        return record

    @property
    def outcomes(self) -> dict[str, str]:
        """Title and outcome of each scenario."""
        return {scenario["title"]: scenario["outcome"] for scenario in self.record["scenarios"]}

    def scenario(self, title: str) -> dict[str, Any]:
        """One scenario of run.json."""
        (found,) = [scenario for scenario in self.record["scenarios"] if scenario["title"] == title]
        return dict(found)

    @property
    def said(self) -> list[str]:
        """The lines after the greeting that say something."""
        return [line for line in (self.out + self.err).splitlines() if line.strip()][1:]


def environment(**more: str) -> dict[str, str]:
    """The environment without what would change a run: uplab's own variables, and those of a CI that runs this test."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("UPLAB_", "GITHUB_", "PYTEST_", "ALLURE_"))}
    root = str(Path(__file__).parents[2])  # for the known-bad forwarders, which are not installed
    return {
        **kept,
        "PYTHONPATH": root,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTEST_ADDOPTS": _STRANGERS,
        "UPLAB_LOOK": "no",
        **more,
    }


def write_suite(folder: Path, **modules: str) -> Path:
    """Writes test modules; `a__test_b` stands for a/test_b.py."""
    for name, source in modules.items():
        path = folder / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(source))
    return folder


def uplab(folder: Path, *arguments: str, **variables: str) -> Ended:
    """Runs one command to its end, in this folder."""
    done = subprocess.run(
        [UPLAB, *arguments],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=240,  # a busy machine may need minutes for what takes seconds
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr, folder / "runs" / "latest")


def run_suite(folder: Path, *arguments: str, **variables: str) -> Ended:
    """`uplab run` over the suites in this folder; its reports go to `runs` beside it.

    Every line that the run has stored is read, and so held against the vocabulary of the history.
    """
    ended = uplab(folder, "run", str(folder), "--report-dir", str(folder / "runs"), *arguments, **variables)
    for path in sorted(ended.folder.glob("history/*.jsonl")):
        for _ in read_history(path):
            pass
    return ended


def read_allure(folder: Path) -> dict[str, dict[str, Any]]:
    """Allure's results by their titles."""
    results = [json.loads(path.read_bytes()) for path in folder.glob("*-result.json")]
    return {result["name"]: result for result in results}
