from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from uplab.scenarios.codecs.package import CodecError, read_codec

CODEC = "function decodeUplink(input) { return {} }"


def package(folder: Path, *, driver: Any = None, examples: Any = (), **described: Any) -> Path:
    (folder / "package.json").write_text(json.dumps({"name": "mine", "driver": driver, **described}))
    (folder / "index.js").write_text(CODEC)
    (folder / "examples").mkdir(exist_ok=True)
    (folder / "examples" / "all.examples.json").write_text(json.dumps(examples))
    return folder


@pytest.mark.parametrize(
    ("driver", "form"),
    [({"type": "thingpark-x-js"}, "thingpark"), ({"type": "lora-alliance"}, "alliance"), (None, "alliance")],
)
def test_form_is_told_by_the_package(tmp_path: Path, driver: Any, form: str) -> None:
    codec = read_codec(package(tmp_path, driver=driver))

    assert (codec.form, codec.main, codec.files["index.js"]) == (form, "index.js", CODEC)


def test_form_of_the_device_catalogue_is_its_signature(tmp_path: Path) -> None:
    (tmp_path / "driver.yaml").write_text("# signature: ttn\nsignature: actility\n")
    (tmp_path / "index.js").write_text(CODEC)

    assert read_codec(tmp_path).form == "thingpark"


def test_examples_of_both_shapes_are_read(tmp_path: Path) -> None:
    plain = {"type": "uplink", "bytes": "01 02", "fPort": 5, "time": "2026-05-04T03:02:01Z", "data": {"t": 1}}
    nested = {"type": "downlink-encode", "input": {"data": {"a": 1}}, "output": {"bytes": "01", "fPort": 2}}
    encode = {"type": "downlink", "bytes": "01", "fPort": 2, "data": {"a": 1}}

    found = read_codec(package(tmp_path, examples=[plain, nested, encode])).examples

    assert [one.function for one in found] == ["decodeUplink", "encodeDownlink", "encodeDownlink"]
    assert (found[0].given["bytes"], found[0].right) == ([1, 2], {"t": 1})
    assert found[1].given == found[2].given == {"data": {"a": 1}}
    assert found[2].place == "all.examples.json, example 3"


WRONG: list[tuple[Any, str]] = [
    ({}, "all.examples.json: examples are a JSON array"),
    ([5], "all.examples.json, example 1: it is no JSON object"),
    ([{"type": "dream"}], "all.examples.json, example 1: 'dream' is no type of an example"),
    ([{"type": "uplink", "bytes": "0g"}], "all.examples.json, example 1: bytes are no hexadecimal digits: '0g'"),
    ([{"type": "uplink", "bytes": [300]}], "all.examples.json, example 1: bytes are [300]; they are hexadecimal"),
]


@pytest.mark.parametrize(("examples", "words"), WRONG, ids=[str(number) for number in range(len(WRONG))])
def test_example_that_cannot_be_read_is_named(tmp_path: Path, examples: Any, words: str) -> None:
    with pytest.raises(CodecError) as caught:
        read_codec(package(tmp_path, examples=examples))

    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [("nowhere.js", "No such file"), ("notes.txt", "a codec is a file of JavaScript"), (".", "there is no index.js")],
)
def test_what_is_no_codec_is_named(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "notes.txt").write_text("?")

    with pytest.raises(CodecError, match=words):
        read_codec(tmp_path / name)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 900 + "]" * 900, "it is nested too deeply"),
        ('[{"bytes": NaN}]', "no JSON: NaN is no number"),
        ("", "no JSON"),
    ],
)
def test_examples_of_a_stranger_are_refused_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    package(tmp_path)
    (tmp_path / "examples" / "all.examples.json").write_text(text)

    with pytest.raises(CodecError, match=words) as caught:
        read_codec(tmp_path)
    assert "\n" not in str(caught.value)


def test_main_is_no_file_of_another_folder(tmp_path: Path) -> None:
    package(tmp_path, main="../outside.js")
    (tmp_path / "index.js").unlink()
    (tmp_path.parent / "outside.js").write_text(CODEC)

    with pytest.raises(CodecError, match=r"\.\./outside\.js is no file of the package"):
        read_codec(tmp_path)
