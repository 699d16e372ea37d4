from __future__ import annotations

import httpx
import pytest

from tests.scenarios.cli.lab_up import Up


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
