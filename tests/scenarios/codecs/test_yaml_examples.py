"""Examples in YAML, as the device repository of The Things Network has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from uplab.scenarios.cli.main import app
from uplab.scenarios.codecs.package import CodecError, read_codec
from uplab.scenarios.codecs.yaml_examples import YamlTextError, examples_in, named_by, read_yaml

CODEC = """
function decodeUplink(input) {
  if (input.fPort !== 5) return { errors: ['unknown FPort'] }
  return { data: { t: input.bytes[0] / 10, on: input.bytes[1] === 1 } }
}
function encodeDownlink(input) { return { fPort: 6, bytes: [input.data.interval] } }
"""
EXAMPLES = """
uplinkDecoder:
  fileName: mine.js
  examples:
    - description: What it measures  # the numbers in both forms
      input: {fPort: 5, bytes: [0xD7, 1]}
      output:
        data: {t: 21.5, "on": true}
    - input:
        fPort: 7
        bytes: [0]
      output:
        errors:
          - unknown FPort
downlinkEncoder:
  fileName: mine.js
  examples:
    - input: {data: {interval: 30}}
      output: {fPort: 6, bytes: [30]}
"""


def folder_with(folder: Path, examples: str = EXAMPLES) -> Path:
    (folder / "mine.js").write_text(CODEC)
    (folder / "mine-codec.yaml").write_text(examples)
    (folder / "other.yaml").write_text("uplinkDecoder:\n  fileName: other.js\n  examples: [5]\n")
    return folder


@pytest.mark.parametrize("name", ["mine.js", "mine-codec.yaml"])
def test_codec_is_run_over_the_examples_of_its_yaml_file(tmp_path: Path, name: str) -> None:
    shown = CliRunner().invoke(app, ["codec", "check", str(folder_with(tmp_path) / name)])

    assert (shown.exit_code, shown.output) == (
        0,
        "3 examples (2 of decodeUplink, 1 of encodeDownlink), each in two time zones: 3 right, 0 wrong\n",
    )


def test_example_that_comes_out_otherwise_is_named(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, EXAMPLES.replace("21.5", "21.6"))

    shown = CliRunner().invoke(app, ["codec", "check", str(folder / "mine-codec.yaml")])

    assert shown.exit_code == 1
    assert "mine-codec.yaml, example 1, decodeUplink: data.t is 21.5, the example says 21.6" in shown.output


def test_file_in_a_folder_below_is_read(tmp_path: Path) -> None:
    (tmp_path / "payload").mkdir()
    (tmp_path / "payload" / "mine.js").write_text(CODEC)
    (tmp_path / "a.yaml").write_text(EXAMPLES.replace("mine.js", "payload/mine.js"))

    assert len(read_codec(tmp_path / "a.yaml").examples) == 3


@pytest.mark.parametrize("named", ["../mine.js", "/mine.js", "mine.py", "[mine.js]", "''"])
def test_file_elsewhere_is_none(tmp_path: Path, named: str) -> None:
    (tmp_path / "a.yaml").write_text(f"uplinkDecoder: {{fileName: {named}}}\n")

    with pytest.raises(CodecError, match="it names no file of a codec below its folder"):
        read_codec(tmp_path / "a.yaml")


VALUES: list[tuple[str, Any]] = [
    ("[on, no, 2026-05-04, 12:30:00, '1', 1_000]", ["on", "no", "2026-05-04", "12:30:00", "1", "1_000"]),
    ("[0x1F, 0o17, 010, -3, +4]", [31, 15, 10, -3, 4]),
    ("[1.5, 1e3, .5, 2., -0.25]", [1.5, 1000.0, 0.5, 2.0, -0.25]),
    ("[~, null, true, False]", [None, None, True, False]),
    ("{1: a, b: }", {1: "a", "b": None}),
]


@pytest.mark.parametrize(("text", "value"), VALUES, ids=[str(number) for number in range(len(VALUES))])
def test_values_are_those_of_the_core_schema(text: str, value: Any) -> None:
    assert read_yaml(text) == value


WRONG = [
    ("a: [1,\n", "line 2, column 1: no YAML"),
    ("a: &x 1\nb: *x\n", "line 2, column 4: no YAML: an alias, which no example needs"),
    ("a: !!python/object/apply:os.getcwd []", "line 1, column 4: no YAML: could not determine a constructor"),
    ("[" * 100_000, "line 1, column 65: no YAML: it is nested too deeply"),
    ("a: \x00", "no YAML: unacceptable character"),
    ("--- 1\n--- 2\n", "line 2, column 1: no YAML: but found another document"),
]


@pytest.mark.parametrize(("text", "words"), WRONG, ids=[str(number) for number in range(len(WRONG))])
def test_what_is_no_yaml_is_named_with_its_place(text: str, words: str) -> None:
    with pytest.raises(YamlTextError) as caught:
        read_yaml(text)

    assert str(caught.value).startswith(words)
    assert "\n" not in str(caught.value)


def test_file_that_is_none_has_no_examples() -> None:
    nothing: tuple[object, ...] = (None, [], {"uplinkDecoder": 5}, {})
    assert [examples_in(one, "mine.js") for one in nothing] == [[], [], [], []]
    assert named_by({"uplinkDecoder": {"fileName": 5}}) == ""
