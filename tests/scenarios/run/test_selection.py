from pathlib import Path

import pytest

from tests.scenarios.suite_runs import run_suite, write_suite

KEPT = "def test_kept(): pass\n"
CLAUSES = """
import pytest

@pytest.mark.requirement("HTTP-02.a")
def test_clause(): pass

@pytest.mark.requirement("HTTP-02.b", "HTTP-06")
def test_other(): pass

@pytest.mark.requirement("HTTP-02")
def test_row(): pass
"""


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["--requirement", "HTTP-02"], {"clause", "other", "row"}),
        (["--only", "http-02"], {"clause", "other", "row"}),
        (["--only", "HTTP-02.a"], {"clause", "row"}),
        (["--only", "HTTP-06", "--requirement", "HTTP-02.b"], {"other"}),
        (["--only", "beta", "--only", "HTTP-06"], {"other", "kept"}),
    ],
)
def test_row_selects_its_clauses_and_a_clause_itself(tmp_path: Path, arguments: list[str], names: set[str]) -> None:
    write_suite(tmp_path, alpha__test_a=CLAUSES, beta__test_b=KEPT)

    assert set(run_suite(tmp_path, *arguments).outcomes) == names
