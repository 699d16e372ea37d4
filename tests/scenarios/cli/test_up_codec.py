"""A codec of the user's own on its whole way: its device sends the examples, the forwarder decodes with it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.scenarios.cli.lab_up import Up, start
from tests.simulator.forwarder.codecs.making import package
from uplab.scenarios.documents.connector_document import example_body

# Two right, one of another port, which the codec refuses.
EXAMPLES: list[dict[str, Any]] = [
    {"type": "uplink", "bytes": "000f", "fPort": 7, "data": {"level": 1.5}},
    {"type": "uplink", "bytes": "0010", "fPort": 8, "data": {"level": 1.6}},
]
CODEC = "exports.decodeUplink = function (input) { if (input.fPort !== 7) throw 'no'; return { level: 1.5 } }"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = package(tmp_path_factory.mktemp("codec") / "level")
    (made / "index.js").write_text(CODEC)
    (made / "examples").mkdir()
    (made / "examples" / "uplink.examples.json").write_text(json.dumps(EXAMPLES))
    return made


@pytest.fixture(scope="module")
def up(folder: Path) -> Iterator[Up]:
    """A lab whose forwarder has the codec."""
    command = f"{sys.executable} -m uplab.simulator.forwarder --codecs {folder}"
    with start(folder, "--json", "--seed", "7", "--forwarder-command", command) as process:
        try:
            assert process.stdout is not None
            lab = Up(json.loads(process.stdout.readline()), folder)
            made = httpx.post(f"{lab.at['api']}/connections", json=example_body("http.md"), trust_env=False)
            assert made.status_code == 201, made.text
            yield lab
        finally:
            process.terminate()
            process.communicate(timeout=20)


def test_device_of_a_codec_sends_its_examples_and_what_came_of_them_is_said(up: Up, folder: Path) -> None:
    first = up.send(str(folder))
    again = up.send(str(folder), "example=1")
    other = up.send(str(folder))

    assert first.code == 0, first.out
    assert first.out.splitlines()[-1] == ("uplink.examples.json, example 1: it arrived with the payload of the example")
    assert again.out.splitlines()[-1] == first.out.splitlines()[-1]
    assert other.out.splitlines()[-1] == "uplink.examples.json, example 2: it arrived without a decoded payload"
    arrived = up.bin()
    assert [one["DevEUI_uplink"].get("payload") for one in arrived] == [{"level": 1.5}, {"level": 1.5}, None]
    assert {one["DevEUI_uplink"]["DevEUI"] for one in arrived} == {arrived[0]["DevEUI_uplink"]["DevEUI"]}
    assert arrived[0]["DevEUI_uplink"]["DriverCfg"]["app"] == {"pId": "Acme", "mId": "level", "ver": "2"}


def test_what_a_codec_cannot_send_is_said_in_one_line(up: Up, folder: Path) -> None:
    assert up.complain(str(folder), "example=9") == "example is 1 to 2, not 9"
    assert up.complain(str(folder), "level=3") == "level is no reading of level; there is example, from 1 to 2"
    assert up.complain("./nowhere.js").startswith("nowhere.js: No such file")
