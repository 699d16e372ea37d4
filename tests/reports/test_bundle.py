import zipfile
from pathlib import Path

import orjson
import pytest

from tests.reports.sample import make_run
from uplab.reports.bundle import write_bundles
from uplab.reports.run import ReportError, read_run
from uplab.scenarios.bundles.stored import open_stored


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_run(tmp_path / "run")


def test_every_failure_has_a_bundle_and_nothing_else_has(folder: Path) -> None:
    written = write_bundles(folder)

    failed = read_run(folder).of("failed")
    assert len(written) == len(failed) > 0
    assert sorted(path.name for path in (folder / "bundles").iterdir()) == sorted(path.name for path in written)


def test_bundle_is_a_stored_run_of_one_scenario(folder: Path, tmp_path: Path) -> None:
    bundle = write_bundles(folder)[0]
    with zipfile.ZipFile(bundle) as packed:
        packed.extractall(tmp_path / "unpacked")

    run, whole = read_run(tmp_path / "unpacked"), read_run(folder)

    [scenario] = run.scenarios
    assert scenario == whole.of("failed")[0]
    assert scenario.history is not None
    assert (tmp_path / "unpacked" / scenario.history).read_bytes() == (folder / scenario.history).read_bytes()


def test_scenario_without_a_history_has_a_bundle_whatever_its_name(folder: Path) -> None:
    record = orjson.loads((folder / "run.json").read_bytes())
    one = next(scenario for scenario in record["scenarios"] if scenario["outcome"] == "failed")
    names = ("a/b", "a b", "../../a b", "x" * 300)
    record["scenarios"] = [{**one, "id": f"http/test_a.py::test_b[{name}]", "history": None} for name in names]
    (folder / "run.json").write_bytes(orjson.dumps(record))

    written = write_bundles(folder)

    assert len({path.name for path in written}) == len(names)
    assert {path.parent for path in written} == {folder / "bundles"}
    assert all(path.is_file() for path in written)


def test_guide_says_what_happened_and_what_to_do(folder: Path) -> None:
    bundle = write_bundles(folder)[0]
    scenario = read_run(folder).of("failed")[0]
    with zipfile.ZipFile(bundle) as packed:
        guide = packed.read("README.txt").decode()

    assert guide.startswith(scenario.title)
    assert scenario.complaints[0].happened in guide
    assert f"uplab replay {bundle.name}" in guide


def test_long_log_is_cut_to_its_last_whole_lines(folder: Path) -> None:
    scenario = read_run(folder).of("failed")[0]
    log = folder / "logs" / f"forwarder-{scenario.worker}.log"
    log.parent.mkdir(exist_ok=True)
    log.write_bytes(b"".join(b"%07d line\n" % number for number in range(200_000)))

    with zipfile.ZipFile(write_bundles(folder)[0]) as packed:
        kept = packed.read(f"logs/{log.name}")

    assert kept.endswith(b"0199999 line\n")
    assert kept.splitlines()[0].endswith(b" line")
    assert 900_000 < len(kept) <= 1_000_000


def test_same_failure_makes_the_same_bytes(folder: Path) -> None:
    before = [path.read_bytes() for path in write_bundles(folder)]
    assert [path.read_bytes() for path in write_bundles(folder)] == before


def test_run_without_a_failure_makes_no_folder(folder: Path) -> None:
    record = orjson.loads((folder / "run.json").read_bytes())
    record["scenarios"] = [one for one in record["scenarios"] if one["outcome"] != "failed"]
    (folder / "run.json").write_bytes(orjson.dumps(record))

    assert write_bundles(folder) == ()
    assert not (folder / "bundles").exists()


def test_place_that_is_taken_is_named(folder: Path) -> None:
    (folder / "bundles").write_text("a file")
    with pytest.raises(ReportError, match="bundles cannot be written"):
        write_bundles(folder)


def test_what_shrinks_too_far_is_packed_as_it_is(folder: Path, tmp_path: Path) -> None:
    scenario = read_run(folder).of("failed")[0]
    history = folder / str(scenario.history)
    line = orjson.loads(history.read_bytes().splitlines()[0])
    last = orjson.loads(history.read_bytes().splitlines()[-1])["seq"]
    huge = orjson.dumps({**line, "seq": last + 1, "raw": "x" * 3_000_000}, option=orjson.OPT_APPEND_NEWLINE)
    history.write_bytes(history.read_bytes() + huge)

    made = write_bundles(folder)[0]

    assert open_stored(made).history({"history": scenario.history})
