"""What is made of valid bundles by chance is read, or refused in a line; nothing is started or written outside."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.branches import Branches
from tests.scenarios.bundles.crafted import CRAFTED
from tests.scenarios.bundles.guard import Guard, HeldError
from tests.scenarios.bundles.hostile import READER, WRITER, fuzz
from tests.scenarios.bundles.valid_bundles import valid
from uplab.scenarios.bundles.recheck import recheck
from uplab.scenarios.bundles.stored import StoredError, open_stored
from uplab.scenarios.history.bounds import parse


def test_bundles_of_strangers_are_held(tmp_path: Path) -> None:
    counts = fuzz(tmp_path, 7, count=150)

    assert counts["made"] == 150
    assert counts["judged"] > 10, "what is never read proves nothing of the reader"
    assert counts["not judged"] > 20
    assert counts["met again"] > 5


def refusal(path: Path) -> str:
    """What is said of a bundle that cannot be judged; nothing of one that can."""
    try:
        list(recheck(open_stored(path)))
    except StoredError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("kind", CRAFTED)
def test_archive_that_was_made_with_care_is_read_or_refused_in_a_line(tmp_path: Path, kind: str) -> None:
    seeds, path = valid(tmp_path), tmp_path / "one.repro.zip"
    for number in range(6):
        path.write_bytes(CRAFTED[kind](random.Random(f"{kind} {number}"), seeds[number % len(seeds)]))
        # One line, and nothing in it moves a cursor or turns the text around.
        assert refusal(path).isprintable()


def test_name_that_reaches_far_into_the_file_is_quoted_in_part(tmp_path: Path) -> None:
    path = tmp_path / "one.repro.zip"
    raw = bytearray(CRAFTED["disk"](random.Random(1), {"run.json": b"[" + b"0," * 9_000 + b"0]", "z": bytes(60_000)}))
    raw[26:28] = b"\xff\x3f"  # the length of the name before the member itself
    path.write_bytes(raw)
    assert "File name in directory" in refusal(path)
    assert len(refusal(path)) < 300 + len(str(path))


def test_guard_hears_of_what_no_bundle_may_do(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    guard = Guard(tmp_path / "inside")
    with guard.watching():
        (tmp_path / "inside" / "file").write_text("may be")
        (tmp_path / "inside" / "file").read_text()
    for forbidden in (
        lambda: (tmp_path / "outside").write_text("may not be"),
        lambda: subprocess.run([sys.executable, "-c", ""], check=True),
        lambda: os.mkdir(tmp_path / "beside"),
    ):
        guard.done.clear()
        with pytest.raises(HeldError), guard.watching():
            forbidden()


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="later Pythons name the ways of a loop otherwise")
def test_branches_are_counted() -> None:
    branches = Branches(*READER, but=WRITER)
    before, known = branches.counts()
    with branches.watched():
        parse(b"[1]")
    after, _ = branches.counts()
    assert (before, known > 100) == (0, True)
    assert 0 < after < 10
    assert len(branches.missing()) == known - after
