"""Documents of the field on their whole way: through desk, tunnel and forwarder into the bin."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.scenarios.cli.lab_up import Up
from tests.scenarios.conftest import WaitUntil
from uplab.scenarios.captures.document import sendable

VECTORS = Path(__file__).parents[2] / "vectors"


def without_blanks(raw: str) -> str:
    return re.sub(r'("(?:[^"\\\\]|\\\\.)*")|\s+', lambda one: one[1] or "", raw)


# The example's header {DevEUI} cannot be resolved for an alarm that is about no device.
NOT_HERE = ("nan", "payload-vectors", "base-station-alarm")
FIELD = sorted(path for path in (VECTORS / "field").glob("*.json") if path.stem not in NOT_HERE)


@pytest.mark.parametrize("path", FIELD, ids=lambda path: path.stem)
def test_document_of_the_field_arrives_with_its_own_digits(up: Up, wait_until: WaitUntil, path: Path) -> None:
    raw = path.read_text()
    report = next(iter(json.loads(raw).values()))
    connection = httpx.get(f"{up.at['api']}/connections", trust_env=False).json()[0]["id"]
    if "DevEUI" in report:
        key = {"type": "key", "key": f"lora:{report['DevEUI'].lower()}"}
        to = [{"id": "actility-http-iot", "connectionId": connection}]
        flow = {"name": path.stem, "matchers": [key], "connectors": to}
        assert httpx.post(f"{up.at['api']}/flows", json=flow, trust_env=False).status_code == 201
    before = len(up.bodies())

    sent = httpx.post(f"{up.at['desk']}/document", content=raw.encode(), trust_env=False).json()

    assert (sent["outcome"], len(sent["routed_to"])) == ("accepted", 1), sent
    wait_until(lambda: len(up.bodies()) > before)
    kept = without_blanks(sendable(raw.encode()).raw.decode()).removesuffix("}}")
    arrived = up.bodies()[-1]
    for begin, end in ((arrived.find('"id":"'), '",'),):  # the driver's id, the first member of DriverCfg
        if begin > 0 and '"id":"' not in kept:
            arrived = arrived[:begin] + arrived[arrived.index(end, begin) + len(end) :]
    assert arrived.startswith(kept)
    assert "DevEUI_uplink" not in raw or '"downlinkUrl":"' in arrived


def test_alarm_of_a_base_station_goes_to_every_connection(up: Up, wait_until: WaitUntil) -> None:
    raw = (VECTORS / "field" / "base-station-alarm.json").read_bytes()
    body = {"connectorId": "actility-http-iot", "name": "alarms"}
    body |= {"configuration": {"destinationURL": "https://posthere.io/alarms"}}  # type: ignore[dict-item]
    made = httpx.post(f"{up.at['api']}/connections", json=body, trust_env=False).json()

    key = {"type": "key", "key": "lora:0018b200000099ff"}
    to = [{"id": "actility-http-iot", "connectionId": made["id"]}]
    flow = {"name": "alarms", "matchers": [key], "connectors": to}
    assert httpx.post(f"{up.at['api']}/flows", json=flow, trust_env=False).status_code == 201

    sent = httpx.post(f"{up.at['desk']}/document", content=raw, trust_env=False).json()

    def shown() -> Any:
        headers = {"Accept": "application/json"}
        return httpx.get(f"{up.at['posthere']}/alarms", headers=headers, trust_env=False).json()

    assert (sent["outcome"], sent["dev_eui"]) == ("accepted", "0F0E0D0C"), sent
    assert f"{made['id']} (alarms)" in sent["routed_to"]
    wait_until(lambda: len(shown()) == 1)
    assert json.loads(shown()[0]["body"]) == json.loads(raw)
    httpx.delete(f"{up.at['api']}/connections/{made['id']}", trust_env=False)


def test_document_that_cannot_be_sent_never_leaves(up: Up, wait_until: WaitUntil) -> None:
    before = len(up.bodies())

    said = up.complain("--document", str(VECTORS / "field" / "nan.json"))

    assert said.endswith("nan.json, line 1, column 267: DevEUI_uplink.LrrSNR is NaN, which is no JSON value")
    answer = httpx.post(
        f"{up.at['desk']}/document", content=(VECTORS / "field" / "nan.json").read_bytes(), trust_env=False
    )
    assert (answer.status_code, len(up.bodies())) == (400, before)
