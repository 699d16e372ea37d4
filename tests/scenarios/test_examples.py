"""What users copy: the example workflow installs what was locked, and names actions by what cannot be moved."""

import re
from pathlib import Path

WORKFLOW = Path(__file__).parents[2] / "scenarios" / "examples" / "github-workflow.yml"


def test_actions_are_named_by_their_commits() -> None:
    used = re.findall(r"uses: (\S+)@(\S+)", WORKFLOW.read_text())
    assert used
    assert [f"{name}@{at}" for name, at in used if not re.fullmatch(r"[0-9a-f]{40}", at)] == []


def test_packages_are_installed_from_the_lock_with_hashes() -> None:
    installed = re.findall(r"pip install (.*)", WORKFLOW.read_text())
    assert installed == ["--require-hashes -r uplab/requirements.lock", "--no-deps --no-build-isolation ./uplab"]
