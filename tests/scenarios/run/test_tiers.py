"""Which scenarios a run plays, and a full one, under which ids."""

from pathlib import Path

import pytest

from tests.scenarios.suite_runs import run_suite, uplab, write_suite

SUITE = """
    import pytest

    @pytest.mark.varies("generation")
    def test_varied(lab):
        lab.expect("p", True, lab.profile.choices.failure_generation)

    @pytest.mark.generation("strict-resend", "strict-close")
    @pytest.mark.parametrize("number", [1])
    def test_about(lab, number):
        lab.expect("p", True, lab.profile.choices.failure_generation)

    @pytest.mark.full
    def test_long(lab):
        lab.expect("p", True, "it took long")

    def test_plain(lab):
        lab.expect("p", True, lab.profile.choices.failure_generation)
"""


def played(folder: Path, *arguments: str) -> dict[str, str]:
    """Each scenario by its name, with what it saw."""
    ended = run_suite(folder, *arguments)
    found = {one["id"].partition("::test_")[2]: one for one in ended.record["scenarios"]}
    assert {one["outcome"] for one in found.values()} == {"passed"}, ended.out
    return {name: one["verdicts"][0]["happened"] for name, one in found.items()}


def test_every_run_plays_each_once_in_the_generation_that_it_is_about(tmp_path: Path) -> None:
    folder = write_suite(tmp_path, test_it=SUITE)

    assert played(folder) == {"varied": "blame", "about[1]": "strict-resend", "plain": "blame"}


def test_full_run_plays_all_variants(tmp_path: Path) -> None:
    folder = write_suite(tmp_path, test_it=SUITE)

    assert played(folder, "--full") == {
        "varied": "blame",
        "varied[strict-resend]": "strict-resend",
        "varied[strict-close]": "strict-close",
        "about[1]": "strict-resend",
        "about[strict-close-1]": "strict-close",
        "long": "it took long",
        "plain": "blame",
    }


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("test_long", ["long"]), ("test_varied[strict-close]", ["varied[strict-close]"]), ("test_varied", ["varied"])],
)
def test_scenario_that_is_named_is_played(tmp_path: Path, name: str, wanted: list[str]) -> None:
    write_suite(tmp_path, test_it=SUITE)

    ended = uplab(tmp_path, "run", f"{tmp_path}/test_it.py::{name}", "--report-dir", str(tmp_path / "runs"))

    assert [one["id"].partition("::test_")[2] for one in ended.record["scenarios"]] == wanted


def test_dimension_that_there_is_not_is_named(tmp_path: Path) -> None:
    folder = write_suite(
        tmp_path,
        test_it="""
            import pytest

            @pytest.mark.varies("colour")
            def test_it(lab): pass
        """,
    )

    ended = uplab(folder, "run", str(folder), "--report-dir", str(folder / "runs"))

    assert ended.code == 2
    assert "varies 'colour', which is none of generation, transport, regime, model" in ended.out + ended.err
