"""The network server: joins, integrity, counters, de-duplication, documents. Events and time in, commands out.

It owns no clock and no socket. Its work for an uplink does not grow with the number of devices, and what it remembers
of each is bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

from uplab.simulator import hops
from uplab.simulator.chance import Chance
from uplab.simulator.clock import utc_iso
from uplab.simulator.emit import Emit, ignore
from uplab.simulator.errors import SimulatorError
from uplab.simulator.lorawan import mac_commands
from uplab.simulator.lorawan.airtime import airtime_ms
from uplab.simulator.lorawan.frame import (
    CONFIRMED_UP,
    JOIN_REQUEST,
    UNCONFIRMED_UP,
    DataFrame,
    FrameError,
    MicError,
    decode,
    peek,
)
from uplab.simulator.lorawan.ids import DevAddr, DevEUI, JoinEUI, Key
from uplab.simulator.lorawan.region import EU868, Region, Window
from uplab.simulator.network import documents
from uplab.simulator.network.documents import Account, Carrier, Context, Document
from uplab.simulator.network.downlink_queue import MAX_APPLICATION_BYTES, Downlink, Queued, Rejected
from uplab.simulator.network.mac_answers import take_commands
from uplab.simulator.network.registry import Registry
from uplab.simulator.network.session import NetworkSession, next_f_cnt
from uplab.simulator.network.windows import Opportunity, Transmit, Windows
from uplab.simulator.radio.gateway import Gateway, Reception

__all__ = ["Command", "NetworkServer", "Publish", "Transmit", "Wake"]

_DATA_UP = frozenset({UNCONFIRMED_UP, CONFIRMED_UP})
_signal_of = itemgetter(Reception._fields.index("signal"))


class Wake(NamedTuple):
    """Call `woken` at this time, in epoch seconds."""

    at_s: float


class Publish(NamedTuple):
    """Hand this document to the application's side."""

    document: Document


Command: TypeAlias = Wake | Publish | Transmit


class NetworkServer:
    """A network server for one region, with its gateways and devices.

    `regime` is how documents carry numbers: typed, or all as strings. `rx2_data_rate` None is the region's own,
    `rx_delay` the RxDelay of its join accepts, of which 0 means one second.
    `customer_id` and `model_cfg` are what the documents of its customer's devices say.
    """

    def __init__(
        self,
        *,
        chance: Chance,
        region: Region = EU868,
        gateways: Iterable[Gateway] = (),
        emit: Emit = ignore,
        regime: Literal["typed", "strings"] = "typed",
        deduplication_s: float = 0.2,
        rx1_dr_offset: int = 0,
        rx2_data_rate: int | None = None,
        rx_delay: int = 1,
        lrc_id: str = "000000CB",
        net_id: int = 0x000002,
        customer_id: str = "100002164",
    ) -> None:
        self.region = region
        self.regime = regime
        self.customer_id = customer_id
        self.model_cfg = f"1:TPX_{UUID(bytes=chance.derive('model configuration', 16), version=4)}"
        self._emit = emit
        self._deduplication_s = deduplication_s
        self._windows = Windows(region, rx1_dr_offset=rx1_dr_offset, rx2_data_rate=rx2_data_rate, rx_delay=rx_delay)
        self._registry = Registry(chance=chance, region=region, windows=self._windows, net_id=net_id)
        self._lrc_id = lrc_id
        self._places: dict[str, tuple[float, float]] = {}
        self._pending: dict[bytes, tuple[float, list[Reception]]] = {}  # by the whole frame, earliest deadline first
        self._carriers = {
            (index, data_rate): _carrier(region, Window(channel, data_rate))
            for index, channel in enumerate(region.channels)
            for data_rate in range(channel.min_data_rate, channel.max_data_rate + 1)
        }
        for gateway in gateways:
            self.add_gateway(gateway)

    # What its operator tells it.

    def add_gateway(self, gateway: Gateway) -> None:
        """Know where a gateway stands."""
        self._places[gateway.lrr_id] = (gateway.latitude, gateway.longitude)

    def register(self, dev_eui: DevEUI, join_eui: JoinEUI, app_key: Key, account: Account) -> None:
        """Provision a device; SimulatorError when there is one of that DevEUI."""
        self._registry.register(dev_eui, join_eui, app_key, Context(str(dev_eui), self._lrc_id, account, self._places))

    def dev_addr(self, dev_eui: str) -> DevAddr:
        """Return the address of the device's present session; SimulatorError when it has none."""
        return self._registry.session(dev_eui).dev_addr

    def context(self, dev_eui: str) -> Context:
        """Return what the device's documents have in common; SimulatorError when there is no such device."""
        device = self._registry.device(dev_eui)
        if device is None:
            raise SimulatorError(f"device {dev_eui} is unknown")
        return device.context

    def wind(self, dev_eui: str, f_cnt: int) -> None:
        """Expect the counter `f_cnt` next, as if the uplinks before it had come."""
        self._registry.session(dev_eui).f_cnt_up = f_cnt - 1 if f_cnt else None

    def command(self, dev_eui: str, *commands: mac_commands.MacCommand) -> None:
        """Send MAC commands with the next downlink, which the next uplink brings about."""
        self._registry.session(dev_eui).commands.extend(commands)

    # What applications ask for, from any thread.

    def enqueue(
        self,
        dev_eui: str,
        f_port: int,
        payload: bytes,
        *,
        confirmed: bool = False,
        flush: bool = False,
        valid_until_s: float | None = None,
        correlation_id: str | None = None,
        now: float,
    ) -> Queued | Rejected:
        """Queue a downlink for the next uplink of the device; all times are epoch seconds."""
        device = self._registry.device(dev_eui)
        outcome: Queued | Rejected
        if device is None:
            outcome = Rejected(f"device {dev_eui} is unknown")
        elif not 1 <= f_port <= 224:
            outcome = Rejected(f"FPort: expected 1 to 224, got {f_port}")
        elif len(payload) > MAX_APPLICATION_BYTES:
            outcome = Rejected(f"payload too big: {len(payload)} bytes, at most {MAX_APPLICATION_BYTES}")
        elif valid_until_s is not None and valid_until_s < now:
            outcome = Rejected("validity time expired")
        else:
            downlink = Downlink(f_port, payload, confirmed, valid_until_s, correlation_id)
            outcome = device.queue.put(downlink, flush=flush)
        self._tell_downlink(dev_eui, f_port, payload, correlation_id, outcome)
        return outcome

    def flush(self, dev_eui: str) -> Queued | Rejected:
        """Empty the device's downlink queue."""
        device = self._registry.device(dev_eui)
        outcome = Rejected(f"device {dev_eui} is unknown") if device is None else device.queue.flush()
        self._tell_downlink(dev_eui, None, b"", None, outcome)
        return outcome

    def at_once(self, dev_eui: str, now: float) -> list[Command]:
        """Send what waits for a class C device that has been heard; nothing of any other."""
        device = self._registry.device(dev_eui)
        session = (device.fresh or device.session) if device else None
        if session is None or session.device.context.account.device_class != "C":
            return []
        return self._use(session, self._windows.at_once(session, now))

    def hears(self, channel: int, data_rate: int) -> bool:
        """Whether the gateways listen to this data rate in this channel."""
        return (channel, data_rate) in self._carriers

    # What happens on the air.

    def heard(self, receptions: Sequence[Reception], now: float) -> Sequence[Command]:
        """Take one frame as these gateways heard it; others may hear it too within the de-duplication window."""
        phy = receptions[0].phy
        same = self._pending.get(phy)
        if same is not None:
            same[1].extend(receptions)
            return ()
        deadline = now + self._deduplication_s
        self._pending[phy] = (deadline, [*receptions])
        return (Wake(deadline),)

    def woken(self, now: float) -> list[Command]:
        """Close the de-duplication windows that have passed, and act on what was heard in each."""
        commands: list[Command] = []
        while self._pending:
            phy, (deadline, heard) = next(iter(self._pending.items()))
            if deadline > now:
                break
            del self._pending[phy]
            if len(heard) > 1:
                # By RSSI, then SNR. They rise and fall together, so it is the documents' order too: best SNR first.
                heard.sort(key=_signal_of, reverse=True)
            m_type = phy[0] >> 5 if phy else -1
            if m_type in _DATA_UP:
                commands += self._uplink(phy, heard)
            elif m_type == JOIN_REQUEST:
                commands += self._join(phy, heard)
            else:
                self._refuse("malformed", phy)
        return commands

    def sent(self, transmit: Transmit) -> list[Command]:
        """Take a gateway's word that the frame went out."""
        return self._report(transmit)

    def unsent(self, transmit: Transmit, cause: str) -> list[Command]:
        """Take a gateway's word that the frame did not go out, and why; the second window comes after the first."""
        following, possible = self._windows.after_failure(transmit, cause)
        return [following] if possible else self._report(following)

    def _uplink(self, phy: bytes, heard: list[Reception]) -> list[Command]:
        session = self._registry.sessions.get(phy[1:5])
        try:
            if session is None:
                peek(phy)  # tells a broken frame from somebody else's
                return self._refuse("unknown_device", phy)
            last = session.f_cnt_up
            f_cnt = next_f_cnt(int.from_bytes(phy[6:8], "little"), last)
            if isinstance(f_cnt, str):
                return self._refuse(f_cnt, phy)
            frame = decode(phy, session.keys, f_cnt_high=f_cnt >> 16)
        except MicError:
            return self._refuse("mic", phy)
        except FrameError:
            return self._refuse("malformed", phy)
        if f_cnt == last:
            self._refuse("replay", phy)
            # Who missed the acknowledgement sends the same again, and needs another one (LoRaWAN 1.0.2, chapter 18).
            return self._answer(session, frame, heard) if frame.m_type == CONFIRMED_UP and phy == session.phy else []
        if session.device.fresh is session:
            self._registry.settle(session)
        session.count(f_cnt, phy)
        session.lrr_id = "" if heard[0].late else heard[0].lrr_id
        told: list[mac_commands.DevStatusAns] = []
        if frame.f_opts or frame.f_port == 0:  # before the document is made, which tells what answers settled
            told = take_commands(session, frame, heard, self.region, ended_s=self._windows.end_s(heard[0]))
        commands: list[Command] = [self._describe(session, frame, heard)]
        commands += [self._notify(session, heard, "devstatusans", str(one.battery), str(one.margin_db)) for one in told]
        if frame.m_type == CONFIRMED_UP or session.device.queue.waiting or session.commands:
            commands += self._answer(session, frame, heard)
        return commands

    def _describe(self, session: NetworkSession, frame: DataFrame, heard: list[Reception]) -> Publish:
        best = heard[0]
        document = documents.uplink(
            session.device.context,
            frame,
            heard,
            self._carriers[best.channel, best.data_rate],
            time=utc_iso(best.time_s),
            mic_hex=best.phy[-4:].hex(),
            f_cnt_down=session.f_cnt_down,
            instant_per=session.instant_per,
            mean_per=session.mean_per,
            tx_power_dbm=session.tx_power_dbm,
            nb_trans=session.nb_trans,
        )
        return self._publish(document)

    def _answer(self, session: NetworkSession, frame: DataFrame, heard: list[Reception]) -> list[Command]:
        return self._use(session, self._windows.answer(session, frame, heard))

    def _use(self, session: NetworkSession, opportunity: Opportunity | None) -> list[Command]:
        if opportunity is None:
            return []
        commands: list[Command] = []
        for downlink, cause in opportunity.dropped:
            document = documents.downlink_rejected(
                session.device.context,
                time=utc_iso(opportunity.at_s),
                f_port=downlink.f_port,
                cause=cause,
                correlation_id=downlink.correlation_id,
            )
            commands.append(self._publish(document))
        if opportunity.transmit is not None:
            commands.append(opportunity.transmit)
        return commands

    def _report(self, transmit: Transmit) -> list[Command]:
        """Report a downlink of an application; acknowledgements and join accepts are the network's own business."""
        downlink, device = transmit.downlink, self._registry.device(transmit.dev_eui)
        if downlink is None or device is None:
            return []
        document = documents.downlink_sent(
            device.context,
            time=utc_iso(transmit.at_s),
            f_port=downlink.f_port,
            f_cnt_down=transmit.f_cnt_down + 1,  # documented as the counter of the next downlink, as in uplinks
            f_cnt_up=transmit.f_cnt_up,
            lrr_id=transmit.lrr_id,
            carrier=_carrier(self.region, transmit.rx),
            window=transmit.window,
            causes=transmit.causes,
            correlation_id=downlink.correlation_id,
        )
        return [self._publish(document)]

    def _join(self, phy: bytes, heard: list[Reception]) -> list[Command]:
        joined = self._registry.join(phy)
        if isinstance(joined, str):
            return self._refuse(joined, phy)
        session, accept = joined
        context = session.device.context
        if self._emit is not ignore:
            self._emit(*hops.network_joined(dev_eui=context.dev_eui, dev_addr=str(session.dev_addr)))
        commands: list[Command] = [
            self._describe_join(context, phy, heard),
            self._notify(session, heard, "join", "", ""),
        ]
        transmit = self._windows.accept(accept, context.dev_eui, heard)
        return [*commands, transmit] if transmit else commands

    def _describe_join(self, context: Context, phy: bytes, heard: list[Reception]) -> Publish:
        best = heard[0]
        rate = self.region.data_rates[best.data_rate]
        document = documents.join_uplink(
            context,
            time=utc_iso(best.time_s),
            phy=phy,
            heard=heard,
            carrier=self._carriers[best.channel, best.data_rate],
            airtime_s=airtime_ms(len(phy), rate.sf, rate.bandwidth_hz) / 1000,
        )
        return self._publish(document)

    def _notify(self, session: NetworkSession, heard: list[Reception], kind: str, var1: str, var2: str) -> Publish:
        document = documents.notification(
            session.device.context,
            time=utc_iso(heard[0].time_s),
            dev_addr=str(session.dev_addr),
            f_cnt_down=session.f_cnt_down,
            kind=kind,
            var1=var1,
            var2=var2,
        )
        return self._publish(document)

    def _publish(self, document: Document) -> Publish:
        published: Document = documents.as_strings(document) if self.regime == "strings" else document
        if self._emit is not ignore:
            [(root, body)] = document.items()
            said = hops.network_document(
                root=root, dev_eui=body["DevEUI"], f_cnt=body.get("FCntUp"), time=body["Time"], document=published
            )
            self._emit(*said)
        return Publish(published)

    def _refuse(self, reason: str, phy: bytes) -> list[Command]:
        if self._emit is not ignore:
            self._emit(*hops.network_refused(reason=reason, phy_hex=phy.hex()))
        return []

    def _tell_downlink(
        self, dev_eui: str, f_port: int | None, payload: bytes, correlation_id: str | None, outcome: Queued | Rejected
    ) -> None:
        if self._emit is ignore:
            return
        cause = outcome.cause if isinstance(outcome, Rejected) else None
        said = hops.network_downlink(
            dev_eui=dev_eui.upper(),
            f_port=f_port,
            payload_hex=payload.hex(),
            correlation_id=correlation_id,
            outcome="rejected" if cause else "queued",
            cause=cause,
        )
        self._emit(*said)


def _carrier(region: Region, window: Window) -> Carrier:
    channel = window.channel
    return Carrier(
        region.data_rates[window.data_rate].sf, channel.sub_band, channel.lc, channel.frequency_hz / 1_000_000
    )
