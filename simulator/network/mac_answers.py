"""What a network does with the MAC commands of an uplink: it believes answers, and answers what it is asked."""

from __future__ import annotations

from collections.abc import Sequence

from uplab.simulator.lorawan import mac_commands
from uplab.simulator.lorawan.frame import DataFrame, FrameError
from uplab.simulator.lorawan.gps_time import gps_s_of
from uplab.simulator.lorawan.region import Region
from uplab.simulator.network.session import NetworkSession
from uplab.simulator.radio.gateway import Reception
from uplab.simulator.radio.radio import snr_floor_db

__all__ = ["take_commands"]


def take_commands(
    session: NetworkSession, frame: DataFrame, heard: Sequence[Reception], region: Region, *, ended_s: float
) -> list[mac_commands.DevStatusAns]:
    """Take what a device says in MAC commands, and queue what it asks for; return how it says it is.

    `ended_s` is when the frame ended, in epoch seconds. Where the commands cannot be read the uplink is still good.
    """
    try:
        commands = mac_commands.carried_by(frame)
    except FrameError:
        return []
    told: list[mac_commands.DevStatusAns] = []
    for command in commands:
        match command.cid:
            case mac_commands.LINK_ADR:
                _adapted(session, mac_commands.LinkAdrAns.of(command), region)
            case mac_commands.DEV_STATUS:
                told.append(mac_commands.DevStatusAns.of(command))
            case mac_commands.LINK_CHECK:
                session.commands.append(_link(heard, region).command())
            case mac_commands.DEVICE_TIME if not heard[0].late:  # what was kept for a while is answered too late
                session.commands.append(mac_commands.DeviceTimeAns(gps_s_of(ended_s)).command())
            case _:
                pass
    return told


def _adapted(session: NetworkSession, answer: mac_commands.LinkAdrAns, region: Region) -> None:
    """Believe what a device took of a LinkADRReq: documents tell power and repetitions only once it did."""
    asked, session.asked_adr = session.asked_adr, None
    if asked is not None and answer == mac_commands.LinkAdrAns():
        session.nb_trans = max(1, asked.transmissions)
        if asked.tx_power <= region.max_tx_power:
            session.tx_power_dbm = float(region.tx_power_dbm(asked.tx_power))


def _link(heard: Sequence[Reception], region: Region) -> mac_commands.LinkCheckAns:
    """How far above the demodulation floor the best gateway heard it, and how many did (LoRaWAN 1.0.2, 5.1)."""
    best = heard[0]
    rate = region.data_rates[best.data_rate]
    margin_db = round(best.signal.snr_db - snr_floor_db(rate.sf, rate.bandwidth_hz))
    return mac_commands.LinkCheckAns(max(0, margin_db), len(heard))
