from __future__ import annotations

import pytest

from uplab.simulator.lorawan import mac_commands
from uplab.simulator.lorawan.frame import DataFrame, SessionKeys
from uplab.simulator.lorawan.ids import DevAddr, JoinEUI, Key
from uplab.simulator.lorawan.region import EU868
from uplab.simulator.network.documents import Account, Context
from uplab.simulator.network.mac_answers import take_commands
from uplab.simulator.network.session import KnownDevice, NetworkSession
from uplab.simulator.radio.gateway import Reception
from uplab.simulator.radio.radio import Signal

KEY = Key(bytes(16))
DEV_ADDR = DevAddr("04000001")
ENDED_S = 1_767_268_800.5  # 2026-01-01T12:00:00.5Z


@pytest.fixture
def session() -> NetworkSession:
    device = KnownDevice(JoinEUI("02" * 8), KEY, Context("02" * 8, "000000CB", Account(), {}))
    return NetworkSession(device, DEV_ADDR, SessionKeys(KEY, KEY), 14.0)


def taken(session: NetworkSession, f_opts: str, *, snr_db: float = 4.0, late: bool = False) -> list[object]:
    frame = DataFrame(2, DEV_ADDR, 3, f_opts=bytes.fromhex(f_opts))
    heard = [Reception("10000033", b"", Signal(-90.0, snr_db, -91.0), 0, 5, 0.0, late)] * 2
    return [*take_commands(session, frame, heard, EU868, ended_s=ENDED_S)]


def test_the_time_is_that_of_the_end_of_the_uplink(session: NetworkSession) -> None:
    assert taken(session, "0d") == []

    # 1,767,268,800.5 - 315,964,800 + 18 leap seconds = 1,451,304,018.5; half a second is 128 of 256.
    assert [(one.name, one.payload.hex()) for one in session.commands] == [("DeviceTime", "5224815680")]


@pytest.mark.parametrize(("snr_db", "margin"), [(4.0, 12), (-7.5, 0), (-9.0, 0)])
def test_a_link_is_told_by_its_margin(session: NetworkSession, snr_db: float, margin: int) -> None:
    taken(session, "02", snr_db=snr_db)

    assert [mac_commands.LinkCheckAns.of(one) for one in session.commands] == [mac_commands.LinkCheckAns(margin, 2)]


def test_what_came_late_is_told_no_time(session: NetworkSession) -> None:
    taken(session, "0d", late=True)

    assert session.commands == []


def test_a_status_is_told_and_what_cannot_be_read_left(session: NetworkSession) -> None:
    assert taken(session, "06c80c") == [mac_commands.DevStatusAns(200, 12)]
    assert taken(session, "06c8") == []


def test_power_and_repetitions_count_once_the_device_took_them(session: NetworkSession) -> None:
    session.asked_adr = mac_commands.LinkAdrReq(3, 4, 0xFF, transmissions=2)
    taken(session, "0306")
    assert (session.tx_power_dbm, session.nb_trans) == (14.0, 1)

    session.asked_adr = mac_commands.LinkAdrReq(3, 4, 0xFF, transmissions=2)
    taken(session, "0307")
    assert (session.tx_power_dbm, session.nb_trans) == (8.0, 2)
