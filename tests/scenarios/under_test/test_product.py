"""Which build is tested."""

import hashlib
import sys
from pathlib import Path

import pytest

from uplab.scenarios.under_test.product import digest_of


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "mine.js"
    path.write_text("say('hello')")
    return path


def test_digest_is_that_of_the_script_and_not_of_its_interpreter(script: Path) -> None:
    expected = hashlib.sha256(script.read_bytes()).hexdigest()

    assert digest_of(f"node {script} --port 3") == f"sha256:{expected} of mine.js"
    assert digest_of(f"{sys.executable} {script}") == f"sha256:{expected} of mine.js"


def test_program_by_its_path_is_the_product(script: Path) -> None:
    script.chmod(0o755)
    expected = hashlib.sha256(script.read_bytes()).hexdigest()

    assert digest_of(str(script)) == f"sha256:{expected} of mine.js"


def test_each_file_counts(script: Path, tmp_path: Path) -> None:
    other = tmp_path / "settings.toml"
    other.write_text("a = 1")
    first = digest_of(f"node {script} {other}")
    other.write_text("a = 2")

    assert str(first).endswith(" of mine.js, settings.toml")
    assert digest_of(f"node {script} {other}") != first


@pytest.mark.parametrize(
    "command",
    [None, "", "python -m mine", "node 'open", "there-is-no-such-program x", f"python -c {'x' * 5000}", "node a\0b"],
)
def test_command_that_names_no_file_has_none(command: str | None) -> None:
    assert digest_of(command) is None
