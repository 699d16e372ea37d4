from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from tests.scenarios.cli.lab_up import Up
from uplab.scenarios.cli.hand.desk import LabDesk
from uplab.scenarios.lab.lab import Lab


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/join", {"device": "toaster"}, "there is no model toaster"),
        ("/phy", {"dev_eui": "00", "phy_hex": "40"}, "no device 00 in this lab"),
        ("/phy", {"dev_eui": "00", "phy_hex": "4"}, "the PHYPayload is made of pairs of hexadecimal digits, not '4'"),
        ("/downlink", {"dev_eui": "00"}, "no device 00 in this lab"),
        ("/send", {"model": "elsys_ers", "port": 300}, "the port is 1 to 223, not 300"),
        ("/nowhere", {}, "nothing at /nowhere; there are /send, /document, /join, /phy, /downlink, /bind, /faults and"),
        ("/bind", {"dev_eui": "00"}, "no device 00 in this lab"),
        (
            "/faults",
            {"fake": "toaster"},
            "there is no fake 'toaster'; there are posthere, widgelix, thingsboard, broker",
        ),
        (
            "/faults",
            {"fake": "posthere", "faults": [{"action": {"type": "Explode"}}]},
            "type: 'Explode' is no part of a",
        ),
        ("/faults", {"fake": "posthere", "faults": [], "seconds": -1}, "seconds takes a number above 0, up to 3600"),
        ("/save", {}, "nothing to save yet: make a connection, and send something from a device"),
    ],
)
def test_desk_says_in_one_line_what_it_cannot_do(up: Up, path: str, body: object, words: str) -> None:
    answer = httpx.post(f"{up.at['desk']}{path}", json=body, trust_env=False)

    assert answer.status_code == 400
    assert answer.json()["message"].startswith(words)


MANY = 1_000


class Listing:
    """An API with many connections, each with a flow of a device of its own; notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def request(self, _method: str, path: str) -> httpx.Response:
        self.asked.append(path)
        flow = [{"matchers": [{"key": f"lora:{n:016x}"}], "connectors": [{"connectionId": n}]} for n in range(MANY)]
        return httpx.Response(200, json=flow if path == "/flows" else [{"id": n, "name": "c"} for n in range(MANY)])


@pytest.mark.parametrize(("everywhere", "led"), [(False, 1), (True, MANY)], ids=["a device", "a base station"])
def test_desk_reads_the_flows_once_however_many_connections_there_are(everywhere: bool, led: int) -> None:
    api = Listing()
    lab: Any = SimpleNamespace(
        api=api,
        history=SimpleNamespace(mark=0, since=lambda _: []),
        post=lambda *_: SimpleNamespace(
            dev_eui="" if everywhere else f"{7:016X}",
            **dict.fromkeys(("f_cnt", "time", "outcome", "status", "reason", "document")),
        ),
        profile=SimpleNamespace(features=SimpleNamespace(flows=True)),
    )
    document = (
        b'{"BS_alarm": {"LrrID": "10000001"}}'
        if everywhere
        else b'{"DevEUI_uplink": {"Time": "2026-01-01T00:00:00.000Z", "DevEUI": "0000000000000007", "FPort": 1}}'
    )

    answer = LabDesk(cast(Lab, lab)).send_document(document)

    assert len(answer["routed_to"]) == led
    assert api.asked == ["/connections", "/flows"]
