"""What the driver of the NKE Watteco TH does beyond the public vector."""

from __future__ import annotations

import pytest

from tests.simulator.forwarder.documents.drivers.asking import cfg, decoded, failure
from uplab.simulator.forwarder.documents.drivers import decode

NKE = ("watteco", "th")


def test_humidity_and_frost_are_decoded() -> None:
    assert decoded(NKE, 125, "110a04050000210ebb") == {"humidity": 37.71}
    assert decoded(NKE, 125, "110a0402000029fc18") == {"temperature": -10.0}


def test_causes_of_an_alarm_are_told_beside_the_value() -> None:
    fall = {"alarm": True, "mode": "threshold", "crossing": "fall"}

    assert decoded(NKE, 125, "118a0402000029075590b0b1") == {
        "temperature": 18.77,
        "causes": [{**fall, "criterion_index": 0}, {**fall, "criterion_index": 1}],
    }
    assert decoded(NKE, 125, "118a0402000029010ea0b008fc000001b10834000001b207d0000001")["causes"] == [
        {**fall, "criterion_index": index, "value": value, "gap": 0.0, "occurrences": 1}
        for index, value in enumerate((23.0, 21.0, 20.0))
    ]
    assert decoded(NKE, 125, "118a04020000290b35a0c80014")["causes"] == [
        {"alarm": True, "criterion_index": 0, "mode": "delta", "value": 0.2}
    ]


def test_causes_that_are_cut_short_do_not_cost_the_value() -> None:
    answer = decode(cfg(NKE), 125, bytes.fromhex("118a0402000029010ea0b008fc00"))

    assert answer.payload is not None
    assert answer.payload["temperature"] == 2.7
    assert answer.error is not None


def test_case_and_answer_to_a_configuration_are_read() -> None:
    assert decoded(NKE, 125, "110a000f00551001") == {"violation_detection": True}
    assert decoded(NKE, 125, "1107040200800000") == {
        "cmdID": "0x07",
        "clustID": "0x0402",
        "attID": "0x0000",
        "status": 0,
    }


@pytest.mark.parametrize(
    ("payload_hex", "message"),
    [
        ("100a0402", "the batch is cut off"),
        ("11100402", "unsupported command 0x10"),
        ("110104020000860990", "attribute 0000 of cluster 0402 was not read: status 0x86"),
        ("110a0050000641050104", "unsupported attribute 0006 of cluster 0050, type 0x41"),
    ],
)
def test_other_reports_are_refused(payload_hex: str, message: str) -> None:
    assert failure(NKE, 125, payload_hex) == message
