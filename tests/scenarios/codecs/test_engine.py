from __future__ import annotations

import pytest

from uplab.scenarios.codecs.engine import CodecFailedError, Engine
from uplab.scenarios.codecs.package import Codec, CodecError

SOURCE = "exports.decodeUplink = function (input) { if (input.fPort === 1) throw 'so'; return input.bytes.length }"


def test_codec_answers_and_what_it_throws_is_said() -> None:
    with Engine(Codec({"index.js": SOURCE}, "index.js")) as engine:
        assert engine.functions == ["decodeUplink"]
        assert engine.call("decodeUplink", {"bytes": [1, 2]}) == 2
        with pytest.raises(CodecFailedError, match=r"^so$"):
            engine.call("decodeUplink", {"fPort": 1})
        with pytest.raises(CodecFailedError, match="the codec has no function encodeDownlink"):
            engine.call("encodeDownlink", {})


@pytest.mark.parametrize("source", ["function (", "throw new Error('at once')", "while (true) {}"])
def test_codec_that_cannot_be_loaded_is_said_in_one_line(source: str) -> None:
    with pytest.raises(CodecError, match=r"^index\.js: it cannot be loaded: [^\n]+$"):
        Engine(Codec({"index.js": source}, "index.js"))


def test_process_that_has_ended_is_said() -> None:
    engine = Engine(Codec({"index.js": SOURCE}, "index.js"))
    engine.close()

    with pytest.raises((CodecFailedError, ValueError)):
        engine.call("decodeUplink", {"bytes": []})


@pytest.mark.parametrize(
    "source",
    [
        "function Decoder(bytes, port) { return { sum: bytes[0] + port } }",
        "function Decode(fPort, bytes) { return { sum: bytes[0] + fPort } }",
    ],
)
def test_older_forms_give_the_object_alone(source: str) -> None:
    with Engine(Codec({"x.js": source}, "x.js")) as engine:
        assert engine.call("decodeUplink", {"bytes": [1], "fPort": 2}) == {"data": {"sum": 3}}


def test_dates_are_written_as_other_engines_write_them() -> None:
    source = "exports.decodeUplink = ({ time }) => { const at = new Date(time); return [at.toLocaleString(), "
    source += "at.toLocaleDateString(), at.toLocaleTimeString()] }"

    with Engine(Codec({"index.js": source}, "index.js")) as engine:
        early = engine.call("decodeUplink", {"time": "2024-01-02T01:02:04Z"})
        late = engine.call("decodeUplink", {"time": "2024-11-21T12:00:00Z"})

    assert early == ["1/2/2024, 1:02:04 AM", "1/2/2024", "1:02:04 AM"]
    assert late == ["11/21/2024, 12:00:00 PM", "11/21/2024", "12:00:00 PM"]
