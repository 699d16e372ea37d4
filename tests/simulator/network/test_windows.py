from __future__ import annotations

import pytest

from uplab.simulator.lorawan import mac_commands
from uplab.simulator.lorawan.frame import DataFrame, SessionKeys, decode
from uplab.simulator.lorawan.ids import DevAddr, JoinEUI, Key
from uplab.simulator.lorawan.region import EU868, Window
from uplab.simulator.network.documents import Account, Context
from uplab.simulator.network.downlink_queue import Downlink
from uplab.simulator.network.session import KnownDevice, NetworkSession
from uplab.simulator.network.windows import Opportunity, Transmit, Windows
from uplab.simulator.radio.gateway import Reception
from uplab.simulator.radio.radio import Signal

KEY = Key(bytes(16))
KEYS = SessionKeys(KEY, KEY)
DEV_ADDR = DevAddr("04000001")
UPLINK, CONFIRMED = DataFrame(2, DEV_ADDR, 39), DataFrame(4, DEV_ADDR, 39)
SIGNAL = Signal(-80.0, 7.0, -80.8)
AIRTIME_S = 1.482752  # 23 bytes at SF12


def heard(lrr_id: str = "10000033", *, data_rate: int = 0, late: bool = False) -> Reception:
    return Reception(lrr_id, bytes(23), SIGNAL, 1, data_rate, 1000.0, late)


@pytest.fixture
def session() -> NetworkSession:
    device = KnownDevice(JoinEUI("02" * 8), KEY, Context("02" * 8, "000000CB", Account(), {}))
    return NetworkSession(device, DEV_ADDR, KEYS, 14.0)


def transmit_of(opportunity: Opportunity | None) -> Transmit:
    assert opportunity is not None
    assert opportunity.transmit is not None
    return opportunity.transmit


def test_nothing_to_say_is_nothing_sent(session: NetworkSession) -> None:
    opportunity = Windows(EU868).answer(session, UPLINK, [heard()])

    assert opportunity is not None
    assert (opportunity.dropped, opportunity.transmit) == ([], None)
    assert session.f_cnt_down == 0


def test_a_confirmed_uplink_is_acknowledged(session: NetworkSession) -> None:
    transmit = transmit_of(Windows(EU868).answer(session, CONFIRMED, [heard()]))

    frame = decode(transmit.phy, KEYS)
    assert (frame.m_type, frame.ack, frame.f_cnt, frame.f_port, frame.f_pending) == (3, True, 0, None, False)
    assert (transmit.window, transmit.rx, transmit.downlink) == ("RX1", Window(EU868.channels[1], 0), None)
    assert session.f_cnt_down == 1


def test_a_waiting_downlink_goes_out_a_second_after_the_uplink_ended(session: NetworkSession) -> None:
    downlink = Downlink(9, b"hello", confirmed=True, correlation_id="4434704901C7450B")
    session.device.queue.put(downlink)
    session.device.queue.put(Downlink(9, b"next"))

    transmit = transmit_of(Windows(EU868).answer(session, UPLINK, [heard(), heard("10000034")]))

    frame = decode(transmit.phy, KEYS)
    assert (frame.m_type, frame.f_port, frame.payload, frame.ack, frame.f_pending) == (5, 9, b"hello", False, True)
    assert (transmit.lrr_id, transmit.f_cnt_down, transmit.f_cnt_up) == ("10000033", 0, 39)
    assert transmit.at_s == pytest.approx(1001 + AIRTIME_S)
    assert transmit.downlink == downlink
    assert transmit.causes == {}


@pytest.mark.parametrize(("rx_delay", "seconds"), [(0, 1), (1, 1), (5, 5)])
def test_rx1_is_as_late_as_the_join_accept_says(session: NetworkSession, rx_delay: int, seconds: int) -> None:
    transmit = transmit_of(Windows(EU868, rx_delay=rx_delay).answer(session, CONFIRMED, [heard()]))

    assert transmit.at_s == pytest.approx(1000 + seconds + AIRTIME_S)


def test_what_only_fits_rx2_goes_there_and_says_so(session: NetworkSession) -> None:
    session.device.queue.put(Downlink(9, bytes(60)))

    transmit = transmit_of(Windows(EU868, rx2_data_rate=3).answer(session, UPLINK, [heard()]))

    assert (transmit.window, transmit.causes) == ("RX2", {"RX1": "C0"})
    assert transmit.rx == Window(EU868.rx2.channel, 3)
    assert transmit.at_s == pytest.approx(1002 + AIRTIME_S)


def test_dropped_downlinks_are_handed_out(session: NetworkSession) -> None:
    long, late = Downlink(9, bytes(60)), Downlink(9, b"", valid_until_s=1001.0)
    for downlink in (long, late, Downlink(9, b"good")):
        session.device.queue.put(downlink)

    opportunity = Windows(EU868).answer(session, UPLINK, [heard()])

    assert opportunity is not None
    assert opportunity.dropped == [
        (long, "payload too long for the data rate: 60 bytes, at most 51"),
        (late, "validity time expired"),
    ]
    assert decode(transmit_of(opportunity).phy, KEYS).payload == b"good"


def test_the_rx1_offset_slows_the_answer(session: NetworkSession) -> None:
    transmit = transmit_of(Windows(EU868, rx1_dr_offset=2).answer(session, CONFIRMED, [heard(data_rate=5)]))

    assert transmit.rx.data_rate == 3


def test_a_gateway_that_kept_the_frame_cannot_answer(session: NetworkSession) -> None:
    session.device.queue.put(Downlink(9, b"hello"))
    windows = Windows(EU868)

    assert windows.answer(session, CONFIRMED, [heard(late=True)]) is None
    assert windows.accept(b"accept", "02" * 8, [heard(late=True)]) is None
    assert len(session.device.queue.waiting) == 1
    assert transmit_of(windows.answer(session, CONFIRMED, [heard(late=True), heard("10000034")])).lrr_id == "10000034"


def test_commands_ride_along_as_far_as_they_fit(session: NetworkSession) -> None:
    asked = mac_commands.LinkAdrReq(3, 2, 0xFF)
    session.commands = [asked.command()] * 4

    first = decode(transmit_of(Windows(EU868).answer(session, UPLINK, [heard()])).phy, KEYS)

    assert len(first.f_opts) == 15
    assert len(session.commands) == 1
    assert session.asked_adr == asked


def test_commands_take_their_room_from_the_payload(session: NetworkSession) -> None:
    session.commands = [mac_commands.MacCommand(mac_commands.DEV_STATUS)]
    session.device.queue.put(Downlink(9, bytes(51)))

    opportunity = Windows(EU868).answer(session, UPLINK, [heard()])

    assert opportunity is not None
    assert [cause for _, cause in opportunity.dropped] == ["payload too long for the data rate: 51 bytes, at most 50"]
    assert decode(transmit_of(opportunity).phy, KEYS).f_opts == b"\x06"


def test_a_join_accept_comes_after_five_seconds() -> None:
    transmit = Windows(EU868, rx1_dr_offset=2).accept(b"accept", "02" * 8, [heard(data_rate=5)])

    assert transmit is not None
    assert transmit.at_s == pytest.approx(1005 + 0.061696)
    assert transmit.rx == Window(EU868.channels[1], 5)  # the offset counts only for who has been told


def test_after_rx1_comes_rx2(session: NetworkSession) -> None:
    windows = Windows(EU868)
    first = transmit_of(windows.answer(session, CONFIRMED, [heard()]))

    second, possible = windows.after_failure(first, "A3")

    assert possible
    assert (second.window, second.phy, second.rx, second.at_s) == ("RX2", first.phy, EU868.rx2, first.at_s + 1)
    assert second.causes == {"RX1": "A3"}
    assert windows.after_failure(second, "DA") == (second._replace(causes={"RX1": "A3", "RX2": "DA"}), False)


def test_a_frame_too_long_for_rx2_is_not_tried_there(session: NetworkSession) -> None:
    windows = Windows(EU868)
    session.device.queue.put(Downlink(9, bytes(52)))
    first = transmit_of(windows.answer(session, UPLINK, [heard(data_rate=5)]))

    failed, possible = windows.after_failure(first, "D0")

    assert not possible
    assert (failed.window, failed.causes) == ("RX2", {"RX1": "D0", "RX2": "DB"})


def test_a_frame_that_just_fits_rx2_is_tried_there(session: NetworkSession) -> None:
    windows = Windows(EU868)
    session.device.queue.put(Downlink(9, bytes(51)))
    first = transmit_of(windows.answer(session, UPLINK, [heard(data_rate=5)]))

    assert windows.after_failure(first, "D0")[1]


def test_rx2_needs_a_data_rate_of_the_region() -> None:
    with pytest.raises(ValueError, match=r"^rx2_data_rate: EU868 has no DR12$"):
        Windows(EU868, rx2_data_rate=12)
