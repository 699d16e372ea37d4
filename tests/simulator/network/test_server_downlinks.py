from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.make import NOON
from tests.simulator.talk import DEV_EUI, Talk, bodies, transmits
from uplab.simulator.network.downlink_queue import Queued, Rejected
from uplab.simulator.network.server import Transmit


@pytest.fixture
def talk() -> Talk:
    talk = Talk()
    talk.join()
    return talk


def test_a_confirmed_uplink_is_acknowledged_again_when_repeated(talk: Talk) -> None:
    phy = talk.up(confirmed=True)
    published, first = talk.take(phy)

    [again] = talk.take(phy, NOON + 2)

    assert bodies([published])[0]["MType"] == 4
    assert isinstance(first, Transmit)
    assert isinstance(again, Transmit)
    assert (first.f_cnt_down, again.f_cnt_down) == (0, 1)
    assert talk.server.sent(first) == []


def test_a_late_uplink_says_so_and_gets_no_answer(talk: Talk) -> None:
    talk.server.enqueue(DEV_EUI, 9, b"hello", now=NOON)

    commands = talk.take(talk.up(confirmed=True), late=True)

    assert bodies(commands)[0]["Late"] == 1
    assert transmits(commands) == []


def test_a_downlink_is_sent_and_reported(talk: Talk) -> None:
    assert talk.server.enqueue(DEV_EUI, 9, b"hello", correlation_id="4434704901C7450B", now=NOON) == Queued(1)

    published, transmit = talk.take(talk.up())

    assert bodies([published])[0]["FCntDn"] == 0
    assert isinstance(transmit, Transmit)
    received = talk.device.receive(transmit.phy, window="RX1")
    assert received is not None
    assert received.payload == b"hello"
    [report] = bodies(talk.server.sent(transmit), "DevEUI_downlink_Sent")
    assert report["Time"] == "2026-01-01T12:00:01.046+00:00"
    assert (report["DeliveryStatus"], report["TransmissionSlot"], report["CorrelationID"]) == (1, 1, "4434704901C7450B")
    assert (report["FCntDn"], report["FCntUp"], report["FPort"], report["Lrrid"]) == (1, 0, 9, "10000033")
    assert (report["Channel"], report["SubBand"], report["Frequency"], report["SpFact"]) == ("LC2", "G1", 868.3, 7)


def test_the_next_uplink_shows_the_counter_and_the_acknowledgement(talk: Talk) -> None:
    talk.server.enqueue(DEV_EUI, 9, b"hello", confirmed=True, now=NOON)
    _, transmit = talk.take(talk.up())
    assert isinstance(transmit, Transmit)
    talk.device.receive(transmit.phy, window="RX1")

    [body] = bodies(talk.take(talk.up(), NOON + 60))

    assert (body["FCntDn"], body["ACKbit"]) == (1, 1)


def test_rx2_is_reported_when_rx1_failed(talk: Talk) -> None:
    talk.server.enqueue(DEV_EUI, 9, b"hello", now=NOON)
    _, first = talk.take(talk.up())
    assert isinstance(first, Transmit)

    [second] = talk.server.unsent(first, "A3")
    assert isinstance(second, Transmit)
    [report] = bodies(talk.server.sent(second), "DevEUI_downlink_Sent")

    assert (report["DeliveryStatus"], report["TransmissionSlot"], report["DeliveryFailedCause1"]) == (1, 2, "A3")
    assert (report["Channel"], report["SubBand"], report["Frequency"], report["SpFact"]) == ("LC254", "G3", 869.525, 12)


def test_no_window_left_is_reported_as_not_sent(talk: Talk) -> None:
    talk.server.enqueue(DEV_EUI, 9, b"hello", now=NOON)
    _, first = talk.take(talk.up())
    assert isinstance(first, Transmit)
    [second] = talk.server.unsent(first, "A3")
    assert isinstance(second, Transmit)

    [report] = bodies(talk.server.unsent(second, "DA"), "DevEUI_downlink_Sent")

    assert report["DeliveryStatus"] == 0
    assert (report["DeliveryFailedCause1"], report["DeliveryFailedCause2"]) == ("A3", "DA")


def test_dropped_downlinks_are_reported_after_the_uplink(talk: Talk) -> None:
    talk.server.enqueue(DEV_EUI, 9, b"hello", valid_until_s=NOON + 30, correlation_id="00000000000000AA", now=NOON)

    uplink, rejected = talk.take(talk.up(), NOON + 60)

    assert bodies([uplink])
    [report] = bodies([rejected], "DevEUI_downlink_Rejected")
    assert (report["DeliveryStatus"], report["DownlinkRejectionCause"]) == (0, "validity time expired")
    assert report["CorrelationID"] == "00000000000000AA"


@pytest.mark.parametrize(
    ("asked", "cause"),
    [
        ({"dev_eui": "02" * 8}, f"device {'02' * 8} is unknown"),
        ({"f_port": 0}, "FPort: expected 1 to 224, got 0"),
        ({"f_port": 225}, "FPort: expected 1 to 224, got 225"),
        ({"payload": bytes(243)}, "payload too big: 243 bytes, at most 242"),
        ({"valid_until_s": NOON - 1}, "validity time expired"),
    ],
)
def test_what_cannot_be_queued_is_rejected(talk: Talk, asked: dict[str, Any], cause: str) -> None:
    call: dict[str, Any] = {"dev_eui": DEV_EUI, "f_port": 9, "payload": b"hello", "now": NOON} | asked

    assert talk.server.enqueue(**call) == Rejected(cause)
    [facts] = talk.hops.of("network.downlink")
    assert (facts["outcome"], facts["cause"]) == ("rejected", cause)


def test_a_queued_downlink_is_a_hop(talk: Talk) -> None:
    talk.server.enqueue(DEV_EUI.lower(), 9, b"hello", correlation_id="00000000000000AA", now=NOON)

    facts = {"dev_eui": DEV_EUI, "f_port": 9, "payload_hex": "68656c6c6f", "correlation_id": "00000000000000AA"}
    assert talk.hops.all == [("network.downlink", {**facts, "outcome": "queued", "cause": None})]


def test_flushing_empties_the_queue(talk: Talk) -> None:
    talk.server.enqueue(DEV_EUI, 9, b"hello", now=NOON)

    assert talk.server.flush(DEV_EUI) == Queued(0)
    assert transmits(talk.take(talk.up())) == []
    assert talk.server.flush("02" * 8) == Rejected(f"device {'02' * 8} is unknown")


def test_a_downlink_waits_through_a_rejoin(talk: Talk) -> None:
    talk.server.enqueue(DEV_EUI, 9, b"hello", now=NOON)
    talk.join()

    [transmit] = transmits(talk.take(talk.up(), NOON + 60))

    received = talk.device.receive(transmit.phy, window="RX1")
    assert received is not None
    assert received.payload == b"hello"
