import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from uplab.scenarios.history import unwritten


@pytest.fixture(autouse=True)
def nothing_noted() -> Iterator[None]:
    unwritten.forget()
    yield
    unwritten.forget()


def test_first_file_that_could_not_be_written_is_told(tmp_path: Path) -> None:
    assert unwritten.said(tmp_path) is None
    with unwritten.trouble(Path("/dev/full")):
        Path("/dev/full").write_text("x")
    unwritten.noted(tmp_path, OSError(5, "Input/output error"))

    assert unwritten.said() == unwritten.said(tmp_path) == "/dev/full: No space left on device"


def test_other_errors_are_errors() -> None:
    with pytest.raises(ValueError, match="other"), unwritten.trouble(Path("x")):
        raise ValueError("other")
    assert unwritten.said() is None


@pytest.mark.parametrize(("blocks", "left", "full"), [(1000, 0, True), (1000, 2, False), (0, 0, False)])
def test_folder_without_room_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blocks: int, left: int, full: bool
) -> None:
    room = SimpleNamespace(f_blocks=blocks, f_bavail=left, f_frsize=4096)
    monkeypatch.setattr(os, "statvfs", lambda _: room)
    assert unwritten.said() is None
    assert unwritten.said(tmp_path) == (f"{tmp_path}: No space left on device" if full else None)


def test_folder_that_is_gone_is_none_without_room(tmp_path: Path) -> None:
    assert unwritten.said(tmp_path / "gone") is None
