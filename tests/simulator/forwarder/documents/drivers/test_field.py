"""Payloads of the vendors' public examples, and documents of the field with the driver that is right for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from uplab.simulator.forwarder.documents.document import Form, outgoing, read_document
from uplab.simulator.forwarder.documents.drivers import decode, unknown_application
from uplab.simulator.payloads import MODELS

FIELD = Path(__file__).parents[4] / "vectors" / "field"
VECTORS: list[dict[str, Any]] = json.loads((FIELD / "payload-vectors.json").read_text("utf-8"))
ABEEWAY = {"app": {"pId": "abeeway", "mId": "asset-tracker", "ver": "2"}}


def driver_cfg(model: str) -> dict[str, Any]:
    if model not in MODELS:
        return ABEEWAY
    app = MODELS[model].driver_app
    return {"app": {"pId": app.producer_id, "mId": app.module_id, "ver": app.version}}


@pytest.mark.parametrize(
    "vector", VECTORS, ids=[f"{v['model'].split()[0]}-{v['payload_hex'][:12]}-{n}" for n, v in enumerate(VECTORS)]
)
def test_public_example_is_read(vector: dict[str, Any]) -> None:
    answer = decode(driver_cfg(vector["model"]), vector["f_port"], bytes.fromhex(vector["payload_hex"]))

    if vector.get("is_error"):
        assert answer.error is not None
        return
    assert answer.error is None
    assert answer.payload is not None
    assert {name: answer.payload.get(name) for name in vector["expected"]} == vector["expected"]


DRIVERS = {
    "driver-mod-unknown-app-known": ("abeeway:asset-tracker:3", "messageType"),
    "driver-watteco": ("watteco:th_v5:1", "temperature"),
    "strings-one-gateway-as-object": ("elsys:generic:1", "temperature"),
    "hex-spaces": ("elsys:generic:1", "temperature"),
}


@pytest.mark.parametrize("name", DRIVERS)
def test_driver_is_chosen_by_the_application_and_named_by_the_catalogue(name: str) -> None:
    made = outgoing(read_document((FIELD / f"{name}.json").read_bytes()), Form("https://here.example/uuid"), decode)

    assert made is not None
    content = made[0]["DevEUI_uplink"]
    assert (content["DriverCfg"]["id"], DRIVERS[name][1] in content["payload"]) == (DRIVERS[name][0], True)
    assert json.loads(made[1]) == made[0]


def test_document_that_was_decoded_before_keeps_its_digits_and_gets_our_url() -> None:
    raw = (FIELD / "us915-decoded-2025.json").read_bytes().replace(b"-91.0,", b"-91.000000,")

    made = outgoing(read_document(raw), Form("https://here.example/uuid"), decode)

    assert made is not None
    assert made[1].count(b"-91.000000,") == 2
    assert made[1].count(b"downlinkUrl") == 1
    assert made[0]["DevEUI_uplink"]["downlinkUrl"] == "https://here.example/uuid"
    assert json.loads(made[1]) == made[0]


@pytest.mark.parametrize(
    ("cfg", "name"),
    [
        ({"app": {"pId": "acme", "mId": "x", "ver": "9"}}, "acme:x:9"),
        ({"app": {"pId": "acme", "mId": "x"}, "mod": {"pId": "elsys", "mId": "ers", "ver": "1"}}, "acme:x:"),
        (ABEEWAY, ""),
        ({}, ""),
        (None, ""),
    ],
    ids=str,
)
def test_application_without_a_driver_is_named(cfg: object, name: str) -> None:
    assert unknown_application(cfg) == name
