"""What is kept of each run: once, whole lines, and not for ever."""

import os
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from tests.reports.past.conftest import Night
from uplab.reports.causes import causes
from uplab.reports.findings import find
from uplab.reports.past import entries
from uplab.reports.past.entries import FILE, KEPT, note, read_past


def test_a_run_is_noted_once_and_rendered_again_it_is_beside_the_same(night: Night) -> None:
    night("lost")
    now = night(None)
    before = find(now).past
    note(now, causes(now.scenarios))
    night("late")

    assert len(read_past(now.folder.parent)[0]) == 3
    assert find(now).past == before


def test_a_run_is_the_same_through_a_link(night: Night) -> None:
    night("lost")
    now = night("lost")
    link = now.folder.parent / "latest"
    link.symlink_to(now.folder.name)

    assert find(replace(now, folder=link)).past == find(now).past


def test_runs_that_end_at_once_are_all_noted(night: Night) -> None:
    nights = [night("lost", noted=False) for _ in range(8)]
    threads = [threading.Thread(target=note, args=(one, causes(one.scenarios))) for one in nights]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    entries, trouble = read_past(nights[0].folder.parent)
    assert sorted(one.name for one in entries) == sorted(one.folder.name for one in nights)
    assert trouble is None


def test_runs_that_end_at_once_are_all_noted_where_the_oldest_go(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "KEPT", 20)  # from 24 lines on the newest 20 stay
    first = night("lost", noted=False)
    nights = [replace(first, folder=first.folder.with_name(f"night-{number}")) for number in range(40)]
    threads = [threading.Thread(target=note, args=(one, causes(one.scenarios))) for one in nights]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    lines = (nights[0].folder.parent / FILE).read_bytes().splitlines()
    # They become 24, then 21 to 24 again and again. One written into a file that was put aside would be missing.
    assert len(lines) == 24
    assert read_past(nights[0].folder.parent)[1] is None


@pytest.mark.parametrize(
    "changed",
    [
        {"duration_s": "nan"},
        {"duration_s": 1e308},
        {"duration_s": True},
        {"exit_code": "1"},
        {"carried_ms": ["inf", 1]},
        {"causes": {"abc123": []}},
        {"causes": {"\x1b[2J": ["a"]}},
        {"causes": [["abc123", "a"]]},
        {"passed": [["a"]]},
    ],
)
def test_values_that_no_run_has_cost_their_line(night: Night, changed: dict[str, object]) -> None:
    folder = night("lost").folder.parent
    (line,) = (folder / FILE).read_bytes().splitlines()
    (folder / FILE).write_bytes(line + b"\n" + orjson.dumps(orjson.loads(line) | {"run": "other"} | changed) + b"\n")

    found, trouble = read_past(folder)

    assert len(found) == 1
    assert "1 line left out, the first is line 2: it is no run" in str(trouble)


def test_store_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / FILE)
    assert "is no regular file" in str(read_past(tmp_path)[1])


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'{"format": 2, "run": "x"}', "it has the format 2, and this uplab reads 1"),
        (b'{"format": 1, "run": "x"}', "it is no run"),
        (b"[]", "it is no run"),
        (b'{"format": 1, "ru', "it is no run"),
        (b"\xff\xfe", "it is no run"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_once_and_costs_no_other(night: Night, line: bytes, why: str) -> None:
    now = night("lost")
    path = now.folder.parent / FILE
    path.write_bytes(line + b"\n" + path.read_bytes() + line)
    later = night("lost")

    entries, trouble = read_past(now.folder.parent)

    assert [one.name for one in entries] == [now.folder.name, later.folder.name]
    assert trouble == f"{path}: 2 lines left out, the first is line 1: {why}"
    assert find(later).past.trouble == trouble


def test_the_oldest_go(night: Night) -> None:
    now = night("lost")
    path = now.folder.parent / FILE
    stored = orjson.loads(path.read_bytes())
    lines = [orjson.dumps(stored | {"run": f"old-{n}"}) for n in range(KEPT + KEPT // 5)]
    path.write_bytes(b"\n".join(lines) + b"\n")

    later = night("lost")

    entries, _ = read_past(path.parent)
    assert len(entries) == KEPT + 1
    assert entries[-1].name == later.folder.name


def test_a_folder_that_is_gone_is_no_trouble(night: Night) -> None:
    now = night("lost")
    shutil.rmtree(now.folder.parent)

    assert read_past(now.folder.parent) == ((), None)
