"""Where the documents are silent, a token can be made in more ways than one."""

import hashlib
from typing import Any

from uplab.simulator.network.tunnel import Reading, sign_uplink

AS_ID, KEY = "as", "46ab678cd45df4a4e4b375Eacd096acc"

JOIN = {"DevEUI_uplink": {"CustomerID": "1", "DevEUI": "A", "FCntUp": 7}}
NOTE = {"DevEUI_notification": {"CustomerID": "1", "DevEUI": "A", "FPort": 5, "FCntUp": 7}}


def token_of(document: dict[str, Any], reading: Reading) -> str:
    pairs = sign_uplink(document, as_id=AS_ID, as_key=KEY, time="T", lrn_infos="I", reading=reading)
    return dict(pairs)["Token"]


def sha(elements: str, query: str) -> str:
    return hashlib.sha256(f"{elements}{query}&LrnInfos=I&AS_ID={AS_ID}&Time=T{KEY}".encode()).hexdigest()


def test_document_without_fport_has_two_readings() -> None:
    assert token_of(JOIN, Reading()) == sha("1A7", "LrnDevEui=A")
    assert token_of(JOIN, Reading(without_fport="zero")) == sha("1A07", "LrnDevEui=A")


def test_notification_has_two_readings() -> None:
    assert token_of(NOTE, Reading()) == sha("1A57", "LrnDevEui=A&LrnFPort=5")
    assert token_of(NOTE, Reading(notification="device")) == sha("1A", "LrnDevEui=A&LrnFPort=5")
