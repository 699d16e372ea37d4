from __future__ import annotations

from typing import Any

import pytest

from simulator.chance import Chance
from simulator.device import Device
from simulator.documents import Account
from simulator.downlink import Queued, Rejected
from simulator.errors import SimulatorError
from simulator.gateway import Gateway, Reception
from simulator.lorawan import mac_commands
from simulator.lorawan.ids import DevEUI, JoinEUI, Key
from simulator.network import Command, NetworkServer, Publish, Transmit, Wake
from simulator.radio import Signal
from tests.simulator.make import NOON, Hops

DEV_EUI, JOIN_EUI = DevEUI("0018B20000000B20"), JoinEUI("0018B24441524632")
APP_KEY = Key(bytes(range(16)))
NEAR, FAR = Signal(-60.0, 12.0, -60.27), Signal(-99.0, 3.25, -100.68)


class Talk:
    """A network server with two gateways and one device, and the frames between them carried by hand."""

    def __init__(self, **options: Any) -> None:
        self.hops = Hops()
        gateways = [
            Gateway(lrr_id, (0.0, 0.0), latitude=48.9, longitude=2.1) for lrr_id in ("10000033", "10000034", "10000035")
        ]
        self.server = NetworkServer(chance=Chance(7), gateways=gateways, emit=self.hops, **options)
        self.server.register(DEV_EUI, JOIN_EUI, APP_KEY, Account(name="Door 3"))
        self.device = Device(dev_eui=DEV_EUI, join_eui=JOIN_EUI, app_key=APP_KEY, chance=Chance(7))

    def hear(
        self, phy: bytes, now: float = NOON, *, by: str = "10000033", signal: Signal = NEAR, late: bool = False
    ) -> list[Command]:
        return list(self.server.heard(Reception(by, phy, signal, 1, 5, now, late), now))

    def take(self, phy: bytes, now: float = NOON, *, late: bool = False) -> list[Command]:
        """One gateway hears it, the window closes."""
        self.hear(phy, now, late=late)
        return self.server.woken(now + 0.2)

    def join(self) -> list[Command]:
        commands = self.take(self.device.join_request().phy)
        for command in commands:
            if isinstance(command, Transmit):
                self.device.receive(command.phy, window=command.window)
        self.hops.all.clear()
        return commands

    def up(self, payload: bytes = b"\x01", *, confirmed: bool = False) -> bytes:
        return self.device.uplink(payload, f_port=5, confirmed=confirmed).phy

    def reasons(self) -> list[str]:
        return [facts["reason"] for facts in self.hops.of("network.refused")]


@pytest.fixture
def talk() -> Talk:
    talk = Talk()
    talk.join()
    return talk


def bodies(commands: list[Command], root: str = "DevEUI_uplink") -> list[dict[str, Any]]:
    published = [command.document for command in commands if isinstance(command, Publish)]
    return [document[root] for document in published if root in document]


def transmits(commands: list[Command]) -> list[Transmit]:
    return [command for command in commands if isinstance(command, Transmit)]


def test_a_join_is_described_announced_and_accepted() -> None:
    talk = Talk()

    request, notice, transmit = talk.take(talk.device.join_request().phy)

    assert isinstance(request, Publish)
    assert request.document["DevEUI_uplink"]["MType"] == 0
    assert request.document["DevEUI_uplink"]["airtime"] == 0.061696
    assert isinstance(notice, Publish)
    assert notice.document["DevEUI_notification"]["Type"] == "join"
    assert isinstance(transmit, Transmit)
    assert (transmit.dev_eui, transmit.window) == (DEV_EUI, "RX1")
    assert talk.hops.of("network.joined") == [{"dev_eui": DEV_EUI, "dev_addr": talk.server.dev_addr(DEV_EUI)}]


def test_a_refused_join_says_why_and_sends_nothing() -> None:
    talk = Talk()
    stranger = Device(dev_eui=DevEUI("02" * 8), join_eui=JOIN_EUI, app_key=APP_KEY, chance=Chance(7))
    impostor = Device(dev_eui=DEV_EUI, join_eui=JOIN_EUI, app_key=Key(bytes(16)), chance=Chance(7))
    phy = talk.device.join_request().phy
    talk.take(phy)

    for refused in (stranger.join_request().phy, impostor.join_request().phy, phy):
        assert talk.take(refused, NOON + 10) == []

    assert talk.reasons() == ["unknown_device", "mic", "dev_nonce"]


def test_gateways_that_hear_the_same_make_one_document(talk: Talk) -> None:
    phy = talk.up(b"\x01\x02")

    assert talk.hear(phy, by="10000034", signal=FAR) == [Wake(NOON + 0.2)]
    assert talk.hear(phy, by="10000033", signal=NEAR) == []
    assert talk.hear(phy, by="10000035", signal=FAR._replace(snr_db=3.0)) == []
    assert talk.server.woken(NOON + 0.19) == []
    [body] = bodies(talk.server.woken(NOON + 0.2))

    assert [one["Lrrid"] for one in body["Lrrs"]["Lrr"]] == ["10000033", "10000034", "10000035"]
    assert (body["DevLrrCnt"], body["Lrrid"], body["LrrRSSI"]) == (3, "10000033", -60.0)
    assert (body["payload_hex"], body["FCntUp"], body["mic_hex"]) == ("0102", 0, phy[-4:].hex())
    assert talk.server.woken(NOON + 9) == []


def test_a_copy_after_the_window_is_a_replay(talk: Talk) -> None:
    phy = talk.up()
    talk.take(phy)

    assert talk.take(phy, NOON + 1) == []
    assert talk.reasons() == ["replay"]


def test_windows_of_several_frames_close_one_by_one(talk: Talk) -> None:
    first, second = talk.up(), talk.up()
    talk.hear(first, NOON)
    talk.hear(second, NOON + 0.1)

    assert [body["FCntUp"] for body in bodies(talk.server.woken(NOON + 0.2))] == [0]
    assert [body["FCntUp"] for body in bodies(talk.server.woken(NOON + 0.35))] == [1]


def test_an_older_frame_is_a_replay(talk: Talk) -> None:
    first, second = talk.up(), talk.up()
    talk.take(second)

    assert talk.take(first, NOON + 1) == []
    assert talk.reasons() == ["replay"]


def test_a_gap_is_forgiven_up_to_its_limit(talk: Talk) -> None:
    talk.take(talk.up())
    talk.device.f_cnt_up = 16_384
    [body] = bodies(talk.take(talk.up()))
    talk.device.f_cnt_up = 16_384 + 16_385

    assert body["FCntUp"] == 16_384
    assert body["MeanPER"] == pytest.approx(0.999878)
    assert talk.take(talk.up()) == []
    assert talk.reasons() == ["f_cnt_gap"]


def test_the_counter_has_thirty_two_bits(talk: Talk) -> None:
    talk.server.wind(DEV_EUI, 0xFFFF)
    talk.device.f_cnt_up = 0xFFFF

    counters = [bodies(talk.take(talk.up(), NOON + second))[0]["FCntUp"] for second in range(3)]

    assert counters == [0xFFFF, 0x10000, 0x10001]


def test_winding_to_zero_is_a_fresh_session(talk: Talk) -> None:
    talk.server.wind(DEV_EUI, 0)

    assert bodies(talk.take(talk.up()))[0]["FCntUp"] == 0


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda phy: phy[:-1] + bytes([phy[-1] ^ 1]), "mic"),
        (lambda phy: phy[:1] + b"\xff\xff\xff\xff" + phy[5:], "unknown_device"),
        (lambda phy: phy[:8], "malformed"),
        (lambda phy: phy[:3], "malformed"),
        (lambda phy: b"\x60" + phy[1:], "malformed"),
        (lambda phy: phy[:5] + b"\x0f" + phy[6:8] + phy[-4:], "malformed"),
        (lambda _: b"", "malformed"),
    ],
)
def test_bad_frames_are_refused_with_the_reason(talk: Talk, spoil: Any, reason: str) -> None:
    phy = spoil(talk.up())

    assert talk.take(phy) == []
    assert talk.hops.all == [("network.refused", {"reason": reason, "phy_hex": phy.hex()})]


def test_every_document_is_a_hop(talk: Talk) -> None:
    [command] = talk.take(talk.up())

    assert isinstance(command, Publish)
    facts = {"root": "DevEUI_uplink", "dev_eui": DEV_EUI, "f_cnt": 0, "time": "2026-01-01T12:00:00.000+00:00"}
    assert talk.hops.all == [("network.document", {**facts, "document": command.document})]


def test_the_string_regime_is_in_every_document() -> None:
    talk = Talk(regime="strings")
    join = talk.join()
    uplink = talk.take(talk.up())

    assert bodies(join)[0]["airtime"] == "0.061696"
    assert bodies(uplink)[0]["FCntUp"] == "0"
    assert talk.hops.of("network.document")[0]["f_cnt"] == 0


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
    assert report["Time"] == "2026-01-01T12:00:01.047+00:00"
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
    call = {"dev_eui": DEV_EUI, "f_port": 9, "payload": b"hello", "now": NOON} | asked

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


def test_the_old_session_ends_with_the_first_uplink_of_the_new(talk: Talk) -> None:
    talk.take(talk.up())
    old = talk.up()
    talk.join()
    talk.take(talk.up(), NOON + 60)

    assert talk.take(old, NOON + 61) == []
    assert talk.reasons() == ["unknown_device"]


def test_a_status_request_becomes_a_notification(talk: Talk) -> None:
    talk.device.battery = 254
    talk.server.command(DEV_EUI, mac_commands.MacCommand(mac_commands.DEV_STATUS))
    _, transmit = talk.take(talk.up())
    assert isinstance(transmit, Transmit)
    talk.device.receive(transmit.phy, window="RX1", snr_db=9.75)

    commands = talk.take(talk.up(), NOON + 60)

    [notice] = bodies(commands, "DevEUI_notification")
    assert (notice["Type"], notice["Var1"], notice["Var2"], notice["FCntDn"]) == ("devstatusans", "254", "10", 1)
    assert bodies(commands)[0]["rawMacCommands"] == "06fe0a"


@pytest.mark.parametrize(
    ("tx_power", "power_dbm", "nb_trans"),
    [(4, 8.0, 2), (15, 14.0, 2), (9, 14.0, 1)],
)
def test_documents_tell_what_the_device_adapted(talk: Talk, tx_power: int, power_dbm: float, nb_trans: int) -> None:
    request = mac_commands.LinkAdrReq(5, tx_power, 0xFF, transmissions=2)
    talk.server.command(DEV_EUI, request.command())
    _, transmit = talk.take(talk.up())
    assert isinstance(transmit, Transmit)
    talk.device.receive(transmit.phy, window="RX1")

    [body] = bodies(talk.take(talk.up(), NOON + 60))

    assert (body["TxPower"], body["NbTrans"]) == (power_dbm, nb_trans)


def test_who_has_not_joined_can_be_told_nothing() -> None:
    talk = Talk()

    for call in (talk.server.dev_addr, lambda dev_eui: talk.server.wind(dev_eui, 5), talk.server.command):
        with pytest.raises(SimulatorError, match="has not joined"):
            call(DEV_EUI)


def test_state_does_not_grow_with_traffic(talk: Talk) -> None:
    for second in range(500):
        phy = talk.up()
        for lrr_id in ("10000033", "10000034"):
            talk.hear(phy, NOON + second, by=lrr_id)
        talk.server.woken(NOON + second + 0.2)

    assert talk.server._pending == {}
    assert len(talk.server._registry._sessions) == 1
