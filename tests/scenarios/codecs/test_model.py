from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.codecs.test_package import package
from uplab.scenarios.codecs.model import codec_model, is_codec
from uplab.scenarios.codecs.package import CodecError

EXAMPLES = [
    {"type": "uplink", "bytes": "01 02", "fPort": 5, "data": {"t": 1}},
    {"type": "downlink", "bytes": "01", "fPort": 2, "data": {"a": 1}},
    {"type": "uplink", "bytes": "03", "fPort": 0, "data": {}},
    {"type": "uplink", "input": {"bytes": [255], "fPort": 7}, "output": {"data": {"t": 2}}},
]
APPLICATION = {"producerId": "acme", "moduleId": "level", "version": 2}


def test_model_has_the_examples_that_a_device_can_send(tmp_path: Path) -> None:
    model = codec_model(str(package(tmp_path, driver={"application": APPLICATION}, examples=EXAMPLES)))

    assert (model.name, model.application) == (tmp_path.name, ("acme", "level", "2"))
    assert [(one.f_port, one.payload, one.says) for one in model.uplinks] == [
        (5, b"\x01\x02", {"t": 1}),
        (7, b"\xff", {"data": {"t": 2}}),
    ]


def test_application_of_a_file_is_given(tmp_path: Path) -> None:
    package(tmp_path, examples=EXAMPLES)

    assert codec_model(f"acme:x={tmp_path / 'index.js'}").application == ("acme", "x", "1")


@pytest.mark.parametrize(
    ("text", "examples", "words"),
    [
        ("{0}", EXAMPLES, "no driver.application"),
        ("acme={0}", EXAMPLES, "'acme' is no application"),
        ("a:b={0}", EXAMPLES[1:3], "none of its 2 examples is an uplink"),
        ("a:b={0}/nowhere.js", EXAMPLES, "No such file"),
    ],
)
def test_what_is_no_model_is_said(tmp_path: Path, text: str, examples: Any, words: str) -> None:
    package(tmp_path, examples=examples)

    with pytest.raises(CodecError, match=words):
        codec_model(text.format(tmp_path))


def test_model_of_ours_is_no_codec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsys_ers").write_text(json.dumps({}))
    monkeypatch.chdir(tmp_path)

    assert [is_codec(text) for text in ("elsys_ers", "elsys", "./x", "a:b=x", "codec.js", "a:b=codec.js")] == [
        False,
        False,
        True,
        False,
        True,
        True,
    ]
