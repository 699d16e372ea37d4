import asyncio
import os
import sys
from pathlib import Path

import orjson
import pytest

from uplab.scenarios.load.workers import service


def test_what_is_said_is_one_line_of_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out"
    with path.open("wb") as file:
        monkeypatch.setattr(sys, "stdout", file)
        service._say({"a": "ü"})
        service._say({"b": 1})

    assert [orjson.loads(line) for line in path.read_bytes().splitlines()] == [{"a": "ü"}, {"b": 1}]


def test_who_does_not_listen_any_more_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb", buffering=0) as file:
        monkeypatch.setattr(sys, "stdout", file)
        service._say({"a": 1})


def test_a_pause_ends() -> None:
    asyncio.run(service.pause(0))
    assert service.cpu_s() > 0
