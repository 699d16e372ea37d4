"""A lab that is up in a process of its own, and what its user does."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import httpx
from typer.testing import CliRunner

from tests.scenarios.suite_runs import UPLAB, Ended, environment, uplab
from uplab.scenarios.cli.main import app

__all__ = ["BIN", "Up", "start"]

BIN = "/4b19-48f6-94cc"


@dataclass(frozen=True, slots=True)
class Up:
    """A lab that is up, and its user."""

    at: dict[str, str]
    folder: Path

    def send(self, *arguments: str) -> Ended:
        """`uplab send` in a process of its own."""
        return uplab(self.folder, "send", *arguments, XDG_RUNTIME_DIR=str(self.folder))

    def run(self, *arguments: str) -> Ended:
        """Another command of uplab in a process of its own."""
        return uplab(self.folder, *arguments, XDG_RUNTIME_DIR=str(self.folder))

    def complain(self, *arguments: str, code: int = 4) -> str:
        """The one line that `uplab send` has to say where it fails."""
        shown = CliRunner().invoke(app, ["send", *arguments, "--lab", self.at["desk"]])
        assert shown.exit_code == code, shown.output
        assert shown.stderr.count("\n") == 1
        return shown.stderr.removeprefix("uplab: ").strip()

    def bin(self) -> list[dict[str, Any]]:
        """The documents that the bin shows, the oldest first."""
        shown = httpx.get(f"{self.at['posthere']}{BIN}", headers={"Accept": "application/json"}, trust_env=False)
        return [json.loads(one["body"]) for one in reversed(shown.json())]

    def bodies(self) -> list[str]:
        """The same as the texts that came."""
        shown = httpx.get(f"{self.at['posthere']}{BIN}", headers={"Accept": "application/json"}, trust_env=False)
        return [one["body"] for one in reversed(shown.json())]


def start(folder: Path, *arguments: str, output: IO[str] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [UPLAB, "up", *arguments],
        cwd=folder,
        env=environment(XDG_RUNTIME_DIR=str(folder)),
        stdout=output or subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
