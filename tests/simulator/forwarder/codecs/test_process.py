from __future__ import annotations

from collections.abc import Iterator

import pytest

from uplab.simulator.forwarder.codecs.package import Package
from uplab.simulator.forwarder.codecs.process import CodecError, CodecProcess

SOURCE = """
function decodeUplink(input) { return { zone: new Date(2026, 0, 1).getTimezoneOffset(), fPort: input.fPort } }
"""


def package(source: str) -> Package:
    return Package(("acme", "x", ""), "acme:x:1", "alliance", "main.js", {"main.js": source})


@pytest.fixture
def process() -> Iterator[CodecProcess]:
    one = CodecProcess(package(SOURCE), "Asia/Tokyo")
    yield one
    one.stop()


def test_process_starts_with_the_first_question_and_anew_after_its_end(process: CodecProcess) -> None:
    right = {"zone": -540, "fPort": 3}

    assert process.ask("decodeUplink", {"fPort": 3}, 0) == right
    assert process.ask("encodeDownlink", {}, 0) is None
    assert process._process is not None
    process._process.kill()
    process._process.wait()
    with pytest.raises(CodecError, match="its process has ended"):
        process.ask("decodeUplink", {"fPort": 3}, 0)
    assert process.ask("decodeUplink", {"fPort": 3}, 0) == right


def test_codec_that_cannot_be_loaded_leaves_no_process() -> None:
    process = CodecProcess(package("throw 'so'"), "UTC")

    with pytest.raises(CodecError, match="so"):
        process.start()
    assert process._process is None


def test_nothing_of_what_the_forwarder_was_told_reaches_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPLAB_AS_KEY", "secret")

    assert "UPLAB_AS_KEY" not in CodecProcess(package(SOURCE), "UTC")._environment


def test_codec_writes_dates_without_leading_zeros() -> None:
    source = "function decodeUplink() { return { at: new Date(Date.UTC(2024, 0, 2, 1, 2, 4)).toLocaleString() } }"
    process = CodecProcess(package(source), "UTC")
    try:
        assert process.ask("decodeUplink", {}, 0) == {"at": "1/2/2024, 1:02:04 AM"}
    finally:
        process.stop()
