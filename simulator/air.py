"""Devices, radio, gateways and network server joined: one call runs one transmission to its end in simulated time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from uplab.simulator import hops
from uplab.simulator.clock import Clock, RealClock, utc_iso
from uplab.simulator.devices.device import Activation, Device, Transmission
from uplab.simulator.emit import Emit, ignore
from uplab.simulator.errors import SimulatorError
from uplab.simulator.lorawan.airtime import airtime_ms
from uplab.simulator.network.documents import Account, Document, account_of
from uplab.simulator.network.server import Command, NetworkServer, Publish, Transmit, Wake
from uplab.simulator.radio.gateway import Gateway, Reception
from uplab.simulator.radio.radio import Position, Radio

__all__ = ["Air", "Conditions"]

MOST_GATEWAYS = 20

_CONFIRMED_TRIES = 8  # LoRaWAN 1.0.2, chapter 18
_ACK_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class Conditions:
    """What somebody wants of one transmission; None leaves it to chance and clock.

    `at_s` in seconds since 1970; so many `gateways` hear it, with this `rssi_dbm`; `late`: the one gateway that hears
    it is cut off from the network, and sends it once it is back.
    """

    at_s: float | None = None
    gateways: int | None = None
    rssi_dbm: float | None = None
    late: bool = False


class _Station:
    """A device as the air knows it: the gateways with what each link adds to the power, in dB, and its last uplink."""

    __slots__ = ("gains", "last_ms", "position_m")

    def __init__(self) -> None:
        self.position_m: Position | None = None
        self.gains: tuple[tuple[Gateway, float], ...] = ()
        self.last_ms = 0


class Air:
    """Carries frames between devices and gateways, and gives the network server its events in their order.

    Nothing waits: receptions, the de-duplication window and both receive windows happen within the call. One thread at
    a time may call it; downlinks may be queued at the network server meanwhile.
    """

    def __init__(
        self,
        *,
        network: NetworkServer,
        gateways: Sequence[Gateway],
        radio: Radio,
        clock: Clock | None = None,
        emit: Emit = ignore,
    ) -> None:
        self.network = network
        self.radio = radio
        self.gateways = {gateway.lrr_id: gateway for gateway in gateways}
        if len(self.gateways) != len(gateways):
            raise SimulatorError("gateways: two have the same lrr_id")
        self._clock = clock or RealClock()
        self._emit = emit
        self._stations: dict[str, _Station] = {}
        self._shapes: dict[tuple[int, int], tuple[float, int, int]] = {}
        for gateway in gateways:
            network.add_gateway(gateway)
        self._usual: frozenset[str] | None = None  # the gateways that hear where nobody wishes otherwise; None for all
        self._hearing: frozenset[str] | None = None  # those that hear now
        self._power_dbm: float | None = None  # with which everything arrives; None for what the radio says

    def send_under(
        self, device: Device, payload: bytes, conditions: Conditions, *, f_port: int | None, confirmed: bool = False
    ) -> list[Document]:
        """Have the device send as somebody wants it, and return the documents of it; SimulatorError if it cannot."""
        station = self._station(device)
        if conditions.at_s is not None and round(conditions.at_s * 1000) <= station.last_ms:
            raise SimulatorError(f"the device sent at {utc_iso(station.last_ms / 1000)} already: give a later time")
        with self.under(conditions, device):
            cut = [self.gateways[lrr_id] for lrr_id in self._hearing or ()] if conditions.late else []
            try:
                for gateway in cut:
                    self.disconnect(gateway)
                published = self.send(device, payload, f_port=f_port, confirmed=confirmed, at_s=conditions.at_s)
            finally:
                late = [document for gateway in cut for document in self.reconnect(gateway)]
        return published + late

    @contextmanager
    def under(self, conditions: Conditions, device: Device | None = None) -> Iterator[None]:
        """Have every transmission heard so, by so many gateways and with this power; `device` stands near them."""
        count = 1 if conditions.late else conditions.gateways
        if count is not None and device is not None:
            self._provide(device, count)
            self._hearing = frozenset([*self.gateways][:count])
        self._power_dbm = conditions.rssi_dbm
        try:
            yield
        finally:
            self._hearing, self._power_dbm = self._usual, None

    def now_s(self) -> float:
        """Return the time, in seconds since 1970."""
        return self._clock.epoch_s()

    def _provide(self, device: Device, count: int) -> None:
        """Have so many gateways at least; new ones stand where the first one does, and hear only when wanted."""
        if not 1 <= count <= MOST_GATEWAYS:
            raise SimulatorError(f"gateways: expected 1 to {MOST_GATEWAYS}, got {count}")
        first = next(iter(self.gateways.values()))
        if self._usual is None and len(self.gateways) < count:
            self._usual = frozenset(self.gateways)
        while len(self.gateways) < count:
            lrr_id = f"{0x0F000000 + len(self.gateways):08X}"
            more = Gateway(lrr_id, first.position_m, latitude=first.latitude, longitude=first.longitude)
            self.gateways[lrr_id] = more
            self.network.add_gateway(more)
            for station in self._stations.values():  # they know another one now
                station.position_m = None
        self._station(device)

    def register(self, device: Device, account: Account | None = None) -> None:
        """Provision the device at the network server, with the account of its model unless another is given."""
        network = self.network
        account = account or account_of(
            device.model,
            name=device.name,
            tags=device.tags,
            customer_id=network.customer_id,
            model_cfg=network.model_cfg,
            device_class=device.device_class,
        )
        network.register(device.dev_eui, device.join_eui, device.app_key, account)

    def join(self, device: Device) -> list[Document]:
        """Have the device join, once, and return the documents of that; none when it was refused or not heard."""
        transmission = device.join_request()
        station = self._station(device)
        published = self._transmit(
            device, station, transmission, self._next_s(station, self._clock.epoch_s()), b"", None
        )
        device.close_windows()
        return published

    def send(
        self,
        device: Device,
        payload: bytes = b"",
        *,
        f_port: int | None,
        confirmed: bool = False,
        at_s: float | None = None,
    ) -> list[Document]:
        """Have the device send a payload, now or at a time, and return the documents of it, the uplink's own first.

        It is repeated as often as the network wants (NbTrans), and a confirmed one until it is acknowledged, eight
        times at most. Reports on downlinks that were sent, or dropped, on this occasion follow. SimulatorError when the
        device has not joined or cannot send this.
        """
        transmission = device.uplink(payload, f_port=f_port, confirmed=confirmed)
        station = self._station(device)
        time_s = self._next_s(station, self._clock.epoch_s() if at_s is None else at_s)
        published = self._transmit(device, station, transmission, time_s, payload, f_port)
        tries = _CONFIRMED_TRIES if confirmed else device.transmissions
        for _ in range(tries - 1):
            if confirmed and not device.awaits_ack:
                break
            time_s = self._next_s(station, time_s + _ACK_TIMEOUT_S)
            published += self._transmit(device, station, device.repeat(), time_s, payload, f_port)
        return published

    def deliver(self, device: Device) -> list[Document]:
        """Send a class C device what waits for it, at once, and return the reports; nothing happens to a class A one.

        It waits too where no uplink of the device's session has come yet.
        """
        published: list[Document] = []
        while commands := self.network.at_once(str(device.dev_eui), self._clock.epoch_s()):
            published += self._run(commands, device)
        return published

    def replay(self, device: Device, phy: bytes) -> list[Document]:
        """Send these bytes, whatever they are, from where the device stands: what an attacker there would do."""
        channel = device.tuning.hop_among[0]
        forged = Transmission(phy, channel, device.data_rate, device.power_dbm, None)
        station = self._station(device)
        return self._run(self._receive(device, station, forged, self._next_s(station, self._clock.epoch_s())), device)

    def put(
        self,
        device: Device,
        transmission: Transmission,
        payload: bytes = b"",
        f_port: int | None = None,
        *,
        at_s: float | None = None,
    ) -> list[Document]:
        """Have a device send a frame once, as it is, now or at a time, and return the documents of it."""
        station = self._station(device)
        time_s = self._next_s(station, self._clock.epoch_s() if at_s is None else at_s)
        return self._transmit(device, station, transmission, time_s, payload, f_port)

    def wind(self, device: Device, f_cnt: int) -> None:
        """Go on with the counter `f_cnt` at both ends, as if the uplinks before it had been sent and heard."""
        device.f_cnt_up = f_cnt
        self.network.wind(device.dev_eui, f_cnt)

    def disconnect(self, gateway: Gateway) -> None:
        """Cut the gateway's way to the network: it keeps what it hears."""
        gateway.connected = False

    def reconnect(self, gateway: Gateway) -> list[Document]:
        """Mend it, and return the documents of what the gateway kept: their times are of then, and `Late` is 1."""
        gateway.connected = True
        published: list[Document] = []
        now_s = self._clock.epoch_s()
        for reception in gateway.release():
            published += self._run(self.network.heard([reception], now_s), None)
        return published

    def _next_s(self, station: _Station, at_s: float) -> float:
        """Return the time of a transmission: as asked, and a millisecond at least after the device's one before."""
        at_ms = round(at_s * 1000)
        if at_ms <= station.last_ms:
            at_ms = station.last_ms + 1
        station.last_ms = at_ms
        return at_ms / 1000

    def _transmit(
        self,
        device: Device,
        station: _Station,
        transmission: Transmission,
        time_s: float,
        payload: bytes,
        f_port: int | None,
    ) -> list[Document]:
        if self._emit is not ignore:
            said = hops.device_sent(
                dev_eui=str(device.dev_eui),
                f_cnt=transmission.f_cnt,
                f_port=f_port,
                payload_hex=payload.hex(),
                phy_hex=transmission.phy.hex(),
                time=utc_iso(time_s),
                m_type=transmission.phy[0] >> 5,
            )
            self._emit(*said)
        return self._run(self._receive(device, station, transmission, time_s), device)

    def _receive(
        self, device: Device, station: _Station, transmission: Transmission, time_s: float
    ) -> Sequence[Command]:
        """Let every gateway hear the frame that can, and return what the network wants then."""
        phy, channel, data_rate, power_dbm, _ = transmission
        if not self.network.hears(channel, data_rate):
            return ()
        shape = self._shapes.get((len(phy), data_rate)) or self._shape(len(phy), data_rate)
        airtime_s, spreading_factor, bandwidth_hz = shape
        receive = self.radio.receive
        arrived: list[Reception] = []
        for gateway, gain_db in station.gains:
            if self._hearing is not None and gateway.lrr_id not in self._hearing:
                continue
            arriving_dbm = power_dbm + gain_db if self._power_dbm is None else self._power_dbm
            signal = receive(arriving_dbm, spreading_factor, bandwidth_hz)
            if signal is None:
                continue
            reception = Reception(gateway.lrr_id, phy, signal, channel, data_rate, time_s)
            if self._emit is not ignore:
                self._tell_heard(device, reception)
            if gateway.connected:
                arrived.append(reception)
            else:
                gateway.keep(reception)
        return self.network.heard(arrived, time_s + airtime_s) if arrived else ()

    def _run(self, commands: Sequence[Command], device: Device | None) -> list[Document]:
        """Do what the network wants, and what it wants after that, until it wants nothing more."""
        published: list[Document] = []
        waiting = [*commands]
        for command in waiting:  # which grows meanwhile
            if isinstance(command, Publish):
                published.append(command.document)
            elif isinstance(command, Wake):
                waiting += self.network.woken(command.at_s)
            else:
                waiting += self._send_down(command, device)
        return published

    def _send_down(self, transmit: Transmit, device: Device | None) -> list[Command]:
        gateway = self.gateways[transmit.lrr_id]
        fault = gateway.faults.get(transmit.window)
        if fault is not None:
            return self.network.unsent(transmit, fault)
        if self._emit is not ignore:
            said = hops.gateway_sent(
                lrr_id=gateway.lrr_id, dev_eui=transmit.dev_eui, window=transmit.window, phy_hex=transmit.phy.hex()
            )
            self._emit(*said)
        if device is not None and device.dev_eui == transmit.dev_eui:
            self._hear_down(transmit, gateway, device)
        return self.network.sent(transmit)

    def _hear_down(self, transmit: Transmit, gateway: Gateway, device: Device) -> None:
        """Let the device hear a downlink, when it listens there and the signal is good enough."""
        if device.activation is Activation.IDLE or device.listens().get(transmit.window) != transmit.rx:
            return
        rate = device.region.data_rates[transmit.rx.data_rate]
        gain_db = self.radio.gain_db(gateway.position_m, device.position_m)
        signal = self.radio.receive(gateway.power_dbm + gain_db, rate.sf, rate.bandwidth_hz)
        if signal is None:
            return
        received = device.receive(transmit.phy, window=transmit.window, snr_db=signal.snr_db)
        if received is not None and self._emit is not ignore:
            said = hops.device_received(
                dev_eui=transmit.dev_eui,
                f_port=received.f_port,
                payload_hex=received.payload.hex(),
                f_cnt_down=received.f_cnt_down,
                window=received.window,
                confirmed=received.confirmed,
            )
            self._emit(*said)

    def _station(self, device: Device) -> _Station:
        station = self._stations.get(device.dev_eui)
        if station is None:
            station = self._stations[device.dev_eui] = _Station()
        if station.position_m != device.position_m:
            here = station.position_m = device.position_m
            gain_db = self.radio.gain_db
            station.gains = tuple((gateway, gain_db(here, gateway.position_m)) for gateway in self.gateways.values())
        return station

    def _shape(self, phy_bytes: int, data_rate: int) -> tuple[float, int, int]:
        """Return, and keep, time on air in seconds, spreading factor and bandwidth of a frame of this size."""
        rate = self.network.region.data_rates[data_rate]
        shape = (airtime_ms(phy_bytes, rate.sf, rate.bandwidth_hz) / 1000, rate.sf, rate.bandwidth_hz)
        self._shapes[phy_bytes, data_rate] = shape
        return shape

    def _tell_heard(self, device: Device, reception: Reception) -> None:
        rssi_dbm, snr_db, esp_dbm = reception.signal
        said = hops.gateway_heard(
            lrr_id=reception.lrr_id,
            dev_eui=str(device.dev_eui),
            rssi_dbm=rssi_dbm,
            snr_db=snr_db,
            esp_dbm=esp_dbm,
            phy_hex=reception.phy.hex(),
        )
        self._emit(*said)
