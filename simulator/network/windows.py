"""A device's receive windows, seen from the network: what is sent in which, when, and what comes after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from uplab.simulator.lorawan import mac_commands
from uplab.simulator.lorawan.airtime import airtime_ms
from uplab.simulator.lorawan.frame import CONFIRMED_DOWN, CONFIRMED_UP, UNCONFIRMED_DOWN, DataFrame, encode
from uplab.simulator.lorawan.region import JOIN_ACCEPT_DELAY1_S, RECEIVE_DELAY1_S, RECEIVE_DELAY2_S, Region, Window
from uplab.simulator.network.downlink_queue import Downlink
from uplab.simulator.network.session import NetworkSession
from uplab.simulator.radio.gateway import Reception

__all__ = ["Opportunity", "Transmit", "Windows"]

_RX2_LATER_S = RECEIVE_DELAY2_S - RECEIVE_DELAY1_S
_F_OPTS_BYTES = 15
_MAC_BYTES = 8  # FHDR without options, and FPort: what a MACPayload has besides the application's bytes
_MIC_AND_MHDR_BYTES = 5
_LRC_SELECTED_RX2 = "C0"
_TOO_LONG_FOR_RX2 = "DB"  # "max dwell time": of the documented causes the one that means too long


class Transmit(NamedTuple):
    """Have a gateway send a frame at `at_s`, epoch seconds, and report with `sent` or `unsent`.

    What stands after `at_s` is for the report: `f_cnt_down` and `f_cnt_up` of the exchange, the application's downlink
    if there is one in the frame, and why windows were left out, by window.
    """

    lrr_id: str
    dev_eui: str
    window: str
    phy: bytes
    rx: Window
    at_s: float
    f_cnt_down: int = 0
    f_cnt_up: int = 0
    downlink: Downlink | None = None
    causes: Mapping[str, str] = {}


class Opportunity(NamedTuple):
    """What one uplink makes possible: downlinks that are dropped, with the cause, and a frame to send, if any."""

    dropped: Sequence[tuple[Downlink, str]]
    transmit: Transmit | None
    at_s: float


class Windows:
    """RX1 and RX2 as one network uses them; `rx2_data_rate` None is the region's own, `rx_delay` 0 one second."""

    def __init__(
        self,
        region: Region,
        *,
        rx1_dr_offset: int = 0,
        rx2_data_rate: int | None = None,
        rx_delay: int = RECEIVE_DELAY1_S,
    ) -> None:
        self.rx1_dr_offset = rx1_dr_offset
        self.rx_delay = rx_delay
        self.rx2 = Window(region.rx2.channel, region.rx2.data_rate if rx2_data_rate is None else rx2_data_rate)
        if self.rx2.data_rate not in region.data_rates:
            raise ValueError(f"rx2_data_rate: {region.name} has no DR{rx2_data_rate}")
        self._region = region

    def accept(self, phy: bytes, dev_eui: str, heard: Sequence[Reception]) -> Transmit | None:
        """Return how a join accept is sent, or None when it would come too late."""
        best = _prompt(heard)
        if best is None:
            return None
        at_s = self.end_s(best) + JOIN_ACCEPT_DELAY1_S
        rx1 = self._region.rx1(self._region.channels[best.channel], best.data_rate)  # offset 0 until the accept says so
        return Transmit(best.lrr_id, dev_eui, "RX1", phy, rx1, at_s)

    def answer(self, session: NetworkSession, frame: DataFrame, heard: Sequence[Reception]) -> Opportunity | None:
        """Use the windows after an uplink: for the device's queue, for MAC commands and to acknowledge."""
        best = _prompt(heard)
        if best is None:
            return None
        rx1 = self._region.rx1(self._region.channels[best.channel], best.data_rate, self.rx1_dr_offset)
        f_opts = _take_f_opts(session)
        room = {"RX1": self._limit(rx1) - len(f_opts), "RX2": self._limit(self.rx2) - len(f_opts)}
        at_s = self.end_s(best) + (self.rx_delay or RECEIVE_DELAY1_S)
        dropped, downlink, window, more = session.device.queue.take(room=room, now=at_s)
        ack = frame.m_type == CONFIRMED_UP
        if downlink is None and not ack and not f_opts:
            return Opportunity(dropped, None, at_s)
        f_cnt, phy = _next_frame(session, downlink, ack=ack, more=more, f_opts=f_opts)
        dev_eui = session.device.context.dev_eui
        transmit = Transmit(best.lrr_id, dev_eui, "RX1", phy, rx1, at_s, f_cnt, frame.f_cnt, downlink)
        if window == "RX2":
            transmit = self._second(transmit, _LRC_SELECTED_RX2)
        return Opportunity(dropped, transmit, at_s)

    def at_once(self, session: NetworkSession, now: float) -> Opportunity | None:
        """Send a class C device what waits for it, as it always listens where RX2 is (LoRaWAN 1.0.2, chapter 17).

        None where no uplink of this session has been heard: until then nobody knows that the device has joined.
        """
        if session.f_cnt_up is None or not session.lrr_id:
            return None
        f_opts = _take_f_opts(session)
        room = {"RX2": self._limit(self.rx2) - len(f_opts)}
        dropped, downlink, _, more = session.device.queue.take(room=room, now=now)
        if downlink is None and not f_opts:
            return Opportunity(dropped, None, now)
        f_cnt, phy = _next_frame(session, downlink, ack=False, more=more, f_opts=f_opts)
        dev_eui = session.device.context.dev_eui
        f_cnt_up = session.f_cnt_up
        transmit = Transmit(session.lrr_id, dev_eui, "RX2", phy, self.rx2, now, f_cnt, f_cnt_up, downlink)
        return Opportunity(dropped, transmit, now)

    def after_failure(self, transmit: Transmit, cause: str) -> tuple[Transmit, bool]:
        """Return the next try and True; or, when there is no window left, the failed one with all causes and False."""
        if transmit.window == "RX2":
            return transmit._replace(causes={**transmit.causes, "RX2": cause}), False
        second = self._second(transmit, cause)
        if len(second.phy) - _MIC_AND_MHDR_BYTES > self._limit(self.rx2) + _MAC_BYTES:
            return second._replace(causes={**second.causes, "RX2": _TOO_LONG_FOR_RX2}), False
        return second, True

    def _second(self, transmit: Transmit, cause: str) -> Transmit:
        return transmit._replace(
            window="RX2", rx=self.rx2, at_s=transmit.at_s + _RX2_LATER_S, causes={**transmit.causes, "RX1": cause}
        )

    def _limit(self, window: Window) -> int:
        return self._region.data_rates[window.data_rate].max_payload_bytes

    def end_s(self, reception: Reception) -> float:
        """Return when a frame ended that a gateway heard."""
        rate = self._region.data_rates[reception.data_rate]
        return reception.time_s + airtime_ms(len(reception.phy), rate.sf, rate.bandwidth_hz) / 1000


def _next_frame(
    session: NetworkSession, downlink: Downlink | None, *, ack: bool, more: bool, f_opts: bytes
) -> tuple[int, bytes]:
    """Return the session's next downlink frame with its counter, which is used up then."""
    f_cnt = session.f_cnt_down
    session.f_cnt_down = f_cnt + 1
    frame = DataFrame(
        m_type=CONFIRMED_DOWN if downlink and downlink.confirmed else UNCONFIRMED_DOWN,
        dev_addr=session.dev_addr,
        f_cnt=f_cnt,
        f_port=downlink.f_port if downlink else None,
        payload=downlink.payload if downlink else b"",
        ack=ack,
        f_pending=more,
        f_opts=f_opts,
    )
    return f_cnt, encode(frame, session.keys)


def _prompt(heard: Sequence[Reception]) -> Reception | None:
    """Return the best reception whose gateway can still answer: the windows pass while a frame is kept."""
    return next((reception for reception in heard if not reception.late), None)


def _take_f_opts(session: NetworkSession) -> bytes:
    """Take as many of the waiting MAC commands as FOpts holds."""
    f_opts = b""
    while session.commands:
        more = f_opts + mac_commands.encode(session.commands[:1], downlink=True)
        if len(more) > _F_OPTS_BYTES:
            break
        f_opts = more
        command = session.commands.pop(0)
        if command.cid == mac_commands.LINK_ADR:
            session.asked_adr = mac_commands.LinkAdrReq.of(command)
    return f_opts
