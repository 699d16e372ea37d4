import subprocess
import sys

from uplab.scenarios.run.option_table import TABLE, VALUED


def test_each_option_stands_once_with_a_variable_of_its_own() -> None:
    assert len(set(VALUED)) == len(TABLE)
    assert len({variable for _, variable, _, _ in TABLE}) == len(TABLE)
    assert all(name.startswith("--") and variable.startswith("UPLAB_") for name, variable, _, _ in TABLE)


def test_launcher_of_a_run_waits_for_nothing_that_the_run_imports_again() -> None:
    said = subprocess.run(
        [sys.executable, "-c", "import sys, uplab.scenarios.run.launch; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert {"pytest", "pydantic", "aiohttp", "uplab.scenarios.under_test.profile"}.isdisjoint(said)
