"""What authors see of a line is made of the vocabulary, and made anew when that changes."""

import subprocess
import sys

from tests.scenarios.checks.own.typed_hops import PLACE, source
from uplab.scenarios.checks.own.hops import BY_HOP
from uplab.scenarios.history.hops import HOPS


def test_module_is_what_the_vocabulary_says() -> None:
    fold = [sys.executable, "-m", "ruff", "format", "--config", str(PLACE.parents[3] / "pyproject.toml"), "-"]
    made = subprocess.run(fold, input=source(), capture_output=True, text=True, check=True).stdout

    assert PLACE.read_text() == made, "python -m tests.scenarios.checks.own.typed_hops, then ruff format"


def test_each_hop_has_a_class() -> None:
    assert list(BY_HOP) == list(HOPS)
