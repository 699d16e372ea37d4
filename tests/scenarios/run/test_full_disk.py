"""A run under which the disk becomes full: it stops, says so in one line, and blames nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.suite_runs import Ended, run_suite, write_suite

# What is written from here on has little room: the system refuses longer files to this process, as a full disk would.
SUITE = """
    import resource

    def fill(size):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))

    def test_before(lab):
        lab.expect("one is one", True, "1")

    def test_under(lab):
        fill(20_000)
        for _ in range(400):
            lab.history.emit("api.asked", {"method": "GET", "path": "/" + "x" * 100, "raw": b""})
        lab.expect("all of it is seen", len(lab.history.events) >= 400, "fewer")
        lab.expect("a forwarder that met the same disk", False, "it failed")

    def test_after(lab):
        lab.expect("one is one", True, "1")
"""


@pytest.fixture(scope="module", params=[[], ["-n", "1"]], ids=["one process", "a worker"])
def ended(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """The run, of one process or of a controller with a worker."""
    folder = write_suite(tmp_path_factory.mktemp("full"), alpha__test_full=SUITE)
    return run_suite(folder, "-p", "no:cacheprovider", *request.param)


def test_run_ends_in_one_line(ended: Ended) -> None:
    assert ended.code == 7
    assert "Traceback" not in ended.out + ended.err
    assert "INTERNALERROR" not in ended.out + ended.err
    last = ended.said[-1]
    assert last.startswith("uplab: the run stopped, since nothing more could be written: ")
    assert last.endswith("File too large; make room, and run it again")


def test_what_was_under_way_is_unknown_and_nothing_comes_after(ended: Ended) -> None:
    if not (ended.folder / "run.json").exists():
        return  # there was no room for it: the line is all that is left
    assert ended.outcomes == {"before": "passed", "under": "unknown"}
    assert [one["outcome"] for one in ended.scenario("under")["verdicts"]] == ["passed"]


def test_report_that_has_no_room_leaves_no_half_file(tmp_path: Path) -> None:
    suite = """
        import resource

        def test_it(lab):
            lab.expect("one is one", True, "1")
            resource.setrlimit(resource.RLIMIT_FSIZE, (10, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    """
    ended = run_suite(write_suite(tmp_path, alpha__test_full=suite), "-p", "no:cacheprovider")

    assert ended.code == 7
    assert "Traceback" not in ended.out + ended.err
    assert [line for line in ended.said if "nothing more could be written" in line] == [ended.said[-1]]
    assert not list(ended.folder.parent.glob("*/*run.json*"))
