from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from uplab.scenarios.cli.main import app

CODEC = "function decodeUplink(input) { return { data: { n: input.bytes.length } } }"


def said(path: Path) -> tuple[int, str]:
    shown = CliRunner().invoke(app, ["codec", "check", str(path)])
    return shown.exit_code, shown.output


@pytest.mark.parametrize(
    ("n", "code", "first"),
    [
        (2, 0, "1 examples (1 of decodeUplink), each in two time zones: 1 right, 0 wrong"),
        (3, 1, "examples.json, example 1, decodeUplink: data.n is 2, the example says 3"),
    ],
)
def test_examples_that_are_right_or_wrong_are_counted(tmp_path: Path, n: int, code: int, first: str) -> None:
    (tmp_path / "mine.js").write_text(CODEC)
    example = {"type": "uplink", "input": {"bytes": "0102", "fPort": 5}, "output": {"data": {"n": n}}}
    (tmp_path / "examples.json").write_text(json.dumps([example]))

    ended, output = said(tmp_path / "mine.js")

    assert (ended, output.splitlines()[0]) == (code, first)


def test_codec_without_examples_proves_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine.js").write_text(CODEC)

    assert said(tmp_path / "mine.js") == (
        4,
        f"uplab: {tmp_path}/mine.js: there are no examples beside it, so nothing was checked\n",
    )
    assert said(tmp_path / "nowhere.js")[0] == 4
