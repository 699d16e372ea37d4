from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.simulator.make import NOON
from tests.simulator.talk import APP_KEY, DEV_EUI, FAR, JOIN_EUI, NEAR, Talk, bodies
from uplab.simulator.chance import Chance
from uplab.simulator.devices.device import Device
from uplab.simulator.errors import SimulatorError
from uplab.simulator.lorawan import mac_commands
from uplab.simulator.lorawan.ids import DevEUI, Key
from uplab.simulator.network.server import Publish, Transmit, Wake
from uplab.simulator.radio.gateway import Reception


@pytest.fixture
def talk() -> Talk:
    talk = Talk()
    talk.join()
    return talk


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


def test_gateways_that_hear_at_one_time_are_told_together(talk: Talk) -> None:
    phy = talk.up(b"\x01\x02")
    together = [Reception(by, phy, signal, 1, 5, NOON) for by, signal in (("10000034", FAR), ("10000033", NEAR))]

    assert talk.server.heard(together, NOON) == (Wake(NOON + 0.2),)
    assert talk.hear(phy, by="10000035", signal=FAR._replace(snr_db=3.0)) == []
    [body] = bodies(talk.server.woken(NOON + 0.2))

    assert [one["Lrrid"] for one in body["Lrrs"]["Lrr"]] == ["10000033", "10000034", "10000035"]
    assert len(together) == 2


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


SPOILT: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "altered": (lambda phy: phy[:-1] + bytes([phy[-1] ^ 1]), "mic"),
    "foreign": (lambda phy: phy[:1] + b"\xff\xff\xff\xff" + phy[5:], "unknown_device"),
    "cut": (lambda phy: phy[:8], "malformed"),
    "cut in its address": (lambda phy: phy[:3], "malformed"),
    "a downlink": (lambda phy: b"\x60" + phy[1:], "malformed"),
    "short of options": (lambda phy: phy[:5] + b"\x0f" + phy[6:8] + phy[-4:], "malformed"),
    "empty": (lambda _: b"", "malformed"),
}


@pytest.mark.parametrize("spoilt", sorted(SPOILT))
def test_bad_frames_are_refused_with_the_reason(talk: Talk, spoilt: str) -> None:
    spoil, reason = SPOILT[spoilt]
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


def test_the_context_of_a_device_is_its_account(talk: Talk) -> None:
    assert talk.server.context(DEV_EUI.lower()).account.name == "Door 3"
    with pytest.raises(SimulatorError, match=f"^device {'02' * 8} is unknown$"):
        talk.server.context("02" * 8)


def test_state_does_not_grow_with_traffic(talk: Talk) -> None:
    for second in range(500):
        phy = talk.up()
        for lrr_id in ("10000033", "10000034"):
            talk.hear(phy, NOON + second, by=lrr_id)
        talk.server.woken(NOON + second + 0.2)

    assert talk.server._pending == {}
    assert len(talk.server._registry.sessions) == 1
