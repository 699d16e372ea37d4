"""What the driver of the NKE Watteco TH does beyond the public vector."""

from __future__ import annotations

import pytest

from tests.simulator.forwarder.documents.drivers.asking import decoded, failure

NKE = ("nke", "th")


def test_humidity_and_frost_are_decoded() -> None:
    assert decoded(NKE, 125, "110a04050000210ebb") == {"humidity": 37.71}
    assert decoded(NKE, 125, "110a0402000029fc18") == {"temperature": -10.0}


@pytest.mark.parametrize(
    ("payload_hex", "message"),
    [
        ("100a0402", "batch reports are not supported"),
        ("11010402", "unsupported command 0x01"),
        ("110a0050000641050104", "unsupported attribute 0006 of cluster 0050, type 0x41"),
    ],
)
def test_other_reports_are_refused(payload_hex: str, message: str) -> None:
    assert failure(NKE, 125, payload_hex) == message
