"""System notifications of Abeeway's third generation that no public example has."""

from __future__ import annotations

from typing import Any

import pytest

from uplab.simulator.forwarder.documents.drivers.abeeway_at3_system import SYSTEM, named
from uplab.simulator.forwarder.documents.drivers.driver import DriverError, Reader

TOLD = dict(SYSTEM)


def read(name: str, payload_hex: str) -> dict[str, Any]:
    return TOLD[name](Reader(bytes.fromhex(payload_hex)))


def test_short_ones_are_read() -> None:
    assert read("BLE_STATUS", "01") == {"bleStatus": {"state": "BLE_CONNECTED"}}
    assert read("SHUTDOWN", "02") == {"shutdown": {"shutdownCause": "SHUTDOWN_CAUSE_LOW_BATTERY"}}
    assert read("FUOTA", "f9") == {"fuota": {"binary": "LR11XX", "source": "LORA", "raison": "SIGNATURE_ERROR"}}
    assert read("HEARTBEAT", "f638aabbccdd")["heartbeat"] == {
        "currentTemperature": -10,
        "resetCause": "AOS_ERROR_HW_WDOG",
        "globalCrc": "aabbccdd",
    }


def test_identities_end_with_their_last_character() -> None:
    euicc = b"89033023001211360000000009487632".ljust(33, b"\0")
    imeisv = b"3534910912345678".ljust(20, b"\0")

    status = read("STATUS", f"1503{euicc.hex()}{imeisv.hex()}")["status"]

    assert (status["pageId"], status["EUICCID"]) == (3, "89033023001211360000000009487632")
    assert status["IMEISV"] == "3534910912345678"


@pytest.mark.parametrize(
    ("name", "payload_hex", "words"),
    [
        ("STATUS", "1504", "page 4 of the status is unknown"),
        ("STATUS", "15f800", "reset cause 31 is unknown"),
        ("SHUTDOWN", "03", "shutdown cause 3 is unknown"),
        ("FUOTA", "0f", "reason 15 is unknown"),
        ("DATA_BUFFERING_STATUS", "0000", "wrong payload length"),
    ],
)
def test_what_is_unknown_is_named(name: str, payload_hex: str, words: str) -> None:
    with pytest.raises(DriverError, match=words):
        read(name, payload_hex)


def test_number_has_a_name_or_is_an_error() -> None:
    assert named(("a", "b"), 1, "letter") == "b"
    with pytest.raises(DriverError, match="letter 2 is unknown"):
        named(("a", "b"), 2, "letter")
