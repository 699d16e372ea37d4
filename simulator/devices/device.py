"""A device of class A or C: activation over the air, counters, receive windows (LoRaWAN 1.0.2). No clock, no socket."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, NamedTuple

from uplab.simulator.chance import Chance
from uplab.simulator.devices.measurement import Sensor
from uplab.simulator.devices.tuning import Tuning
from uplab.simulator.errors import SimulatorError
from uplab.simulator.lorawan import mac_commands
from uplab.simulator.lorawan.frame import (
    CONFIRMED_DOWN,
    CONFIRMED_UP,
    UNCONFIRMED_DOWN,
    UNCONFIRMED_UP,
    DataFrame,
    FrameError,
    MicError,
    SessionKeys,
    decode,
    encode,
    peek,
)
from uplab.simulator.lorawan.gps_time import unix_s_of
from uplab.simulator.lorawan.ids import DevAddr, DevEUI, JoinEUI, Key
from uplab.simulator.lorawan.join import (
    JoinAccept,
    JoinRequest,
    decode_join_accept,
    derive_session_keys,
    encode_join_request,
)
from uplab.simulator.lorawan.region import EU868, Region, Window
from uplab.simulator.radio.radio import Position

__all__ = ["Activation", "Device", "Received", "Transmission"]

_KEPT = 1000
_F_OPTS_BYTES = 15
_BATTERY_UNKNOWN = 255


class Activation(Enum):
    """Where a device stands with its network."""

    IDLE = "idle"
    JOINING = "joining"
    JOINED = "joined"


class Transmission(NamedTuple):
    """A frame that a device puts on the air; `channel` is an index into the region's channels."""

    phy: bytes
    channel: int
    data_rate: int
    power_dbm: float
    f_cnt: int | None


@dataclass(frozen=True, slots=True)
class Received:
    """An application's downlink that a device took, decrypted."""

    f_port: int
    payload: bytes
    f_cnt_down: int
    window: str
    confirmed: bool


class _Session:
    __slots__ = ("dev_addr", "f_cnt_down", "f_cnt_up", "keys", "rx1_dr_offset", "rx2_data_rate", "rx_delay_s")

    def __init__(self, accept: JoinAccept, keys: SessionKeys) -> None:
        self.dev_addr = accept.dev_addr
        self.keys = keys
        self.f_cnt_up = 0
        self.f_cnt_down: int | None = None
        self.rx1_dr_offset = accept.rx1_dr_offset
        self.rx2_data_rate = accept.rx2_data_rate
        self.rx_delay_s = accept.rx_delay_s


class Device:
    """One device: what it is, where it stands, and its side of every exchange.

    Without a data rate it takes the fastest of the region's first channel. It keeps to no duty cycle: a run has days
    pass in seconds. Of class C it listens all the time, between uplinks where RX2 is.
    """

    def __init__(
        self,
        *,
        dev_eui: DevEUI,
        join_eui: JoinEUI,
        app_key: Key,
        chance: Chance,
        model: str = "elsys_ers",
        position_m: Position = (0.0, 0.0),
        name: str = "",
        tags: Sequence[str] = (),
        region: Region = EU868,
        data_rate: int | None = None,
        tx_power: int = 1,
        adr: bool = True,
        device_class: Literal["A", "C"] = "A",
    ) -> None:
        self.dev_eui = dev_eui
        self.join_eui = join_eui
        self.app_key = app_key
        self.model = model
        self.position_m = position_m
        self.name = name
        self.tags = tuple(tags)
        self.region = region
        self.device_class = device_class
        self.tuning = Tuning(region, tx_power, data_rate)
        self.adr = adr
        self.battery = _BATTERY_UNKNOWN
        self.told_s: float | None = None
        """What the network's last answer to a question for the time said, in seconds since 1970."""
        self.link: mac_commands.LinkCheckAns | None = None
        self.activation = Activation.IDLE
        self._chance = chance
        self._hops: random.Random = chance.stream(f"device {dev_eui}")
        self._sensor: Sensor | None = None
        self._session: _Session | None = None
        self._dev_nonce = 0
        self._used_nonces: set[int] = set()
        self._last: Transmission | None = None
        self._acknowledge = False
        self._answers = b""
        self._received: deque[Received] = deque(maxlen=_KEPT)
        self.awaits_ack = False

    def __repr__(self) -> str:
        return f"Device({self.dev_eui}, {self.activation.value})"

    @property
    def received(self) -> list[Received]:
        """The downlinks it took, oldest first; the last thousand of them."""
        return list(self._received)

    @property
    def data_rate(self) -> int:
        """The data rate of its next uplink; ValueError when one is set that none of its channels carries."""
        return self.tuning.data_rate

    @data_rate.setter
    def data_rate(self, value: int) -> None:
        self.tuning.tune(value)

    @property
    def power_dbm(self) -> float:
        """What it radiates (EIRP)."""
        return self.tuning.power_dbm

    @property
    def transmissions(self) -> int:
        """How often it sends each uplink (NbTrans)."""
        return self.tuning.transmissions

    @property
    def rx1_delay_s(self) -> int:
        """So many seconds after an uplink it opens RX1."""
        return self._joined().rx_delay_s

    @property
    def dev_addr(self) -> DevAddr | None:
        """Its address in the present session."""
        return self._session.dev_addr if self._session else None

    @property
    def f_cnt_up(self) -> int:
        """The counter of its next uplink; it may be set, to come near the end of 16 bits without sending that much."""
        return self._joined().f_cnt_up

    @f_cnt_up.setter
    def f_cnt_up(self, value: int) -> None:
        self._joined().f_cnt_up = value

    def measure(self) -> Any:
        """Return the next readings of its model, of the type that `uplab.simulator.payloads` names for it."""
        if self._sensor is None:
            self._sensor = Sensor(self.model, self._chance.stream(f"sensor {self.dev_eui}"))
        return self._sensor.measure()

    def join_request(self) -> Transmission:
        """Begin to join, from any state; the session before it is over."""
        self.activation = Activation.JOINING
        self._session = None
        self._acknowledge = self.awaits_ack = False
        self._answers = b""
        self.tuning.forget()
        data_rate, channels = self.tuning.to_join(len(self._used_nonces))
        self._dev_nonce = self._fresh_nonce()
        request = JoinRequest(self.join_eui, self.dev_eui, self._dev_nonce)
        return self._transmit(encode_join_request(request, self.app_key), None, data_rate, channels)

    def uplink(self, payload: bytes = b"", *, f_port: int | None, confirmed: bool = False) -> Transmission:
        """Send a payload; SimulatorError when the device has not joined or the payload cannot be sent."""
        session = self._joined()
        if f_port is not None and not 0 < f_port < 225:
            raise SimulatorError(f"f_port: expected 1 to 224, got {f_port}")
        limit = self.tuning.payload_limit
        if len(payload) > limit:
            raise SimulatorError(
                f"payload: {len(payload)} bytes, DR{self.data_rate} of {self.region.name} carries at most {limit}"
            )
        f_opts = self._answers
        if f_opts:
            if len(payload) + len(f_opts) > limit:
                f_opts = b""  # they wait for an uplink that has room
            else:
                self._answers = b""
        f_cnt = session.f_cnt_up
        m_type = CONFIRMED_UP if confirmed else UNCONFIRMED_UP
        frame = DataFrame(m_type, session.dev_addr, f_cnt, f_port, payload, f_opts, self.adr, self._acknowledge)
        session.f_cnt_up = f_cnt + 1
        self._acknowledge = False
        self.awaits_ack = confirmed
        return self._transmit(encode(frame, session.keys), f_cnt)

    def ask(self, cid: int) -> None:
        """Ask the network with the next uplink that has room: how well it hears (LINK_CHECK), or the DEVICE_TIME."""
        self._say(mac_commands.MacCommand(cid))

    def forged(
        self,
        payload: bytes,
        *,
        f_port: int,
        f_cnt: int | None = None,
        keys: SessionKeys | None = None,
        dev_addr: DevAddr | None = None,
    ) -> Transmission:
        """Return an uplink with another counter, other keys or another address than its own; its own counter stays."""
        session = self._joined()
        counter = session.f_cnt_up if f_cnt is None else f_cnt
        frame = DataFrame(UNCONFIRMED_UP, dev_addr or session.dev_addr, counter, f_port, payload, b"", self.adr)
        return self._transmit(encode(frame, keys or session.keys), counter)

    def forged_join(self, *, app_key: Key | None = None, fresh: bool = False) -> Transmission:
        """Return a join request with the nonce of the last one, or a `fresh` one; its own session stays."""
        nonce = self._fresh_nonce() if fresh else self._dev_nonce
        request = JoinRequest(self.join_eui, self.dev_eui, nonce)
        data_rate, channels = self.tuning.to_join(len(self._used_nonces))
        return self._transmit(encode_join_request(request, app_key or self.app_key), None, data_rate, channels)

    def repeat(self) -> Transmission:
        """Send the last frame again, as it was, in another channel (LoRaWAN 1.0.2, 4.3.1.1 and chapter 18)."""
        if self._last is None:
            raise SimulatorError(f"{self.dev_eui} has sent nothing that it could repeat")
        return self._transmit(self._last.phy, self._last.f_cnt)

    def listens(self) -> dict[str, Window]:
        """Return where it listens after its last transmission, by window."""
        if self._last is None:
            return {}
        session, region = self._session, self.region
        channel = region.channels[self._last.channel]
        offset = session.rx1_dr_offset if session else 0
        rx2 = Window(region.rx2.channel, session.rx2_data_rate) if session else region.rx2
        return {"RX1": region.rx1(channel, self._last.data_rate, offset), "RX2": rx2}

    def receive(self, phy: bytes, *, window: str, snr_db: float = 0.0) -> Received | None:
        """Take a frame that was heard in a receive window.

        Returns the downlink when it is an application's, for this device. A join accept, an acknowledgement and MAC
        commands have their effect and return None; frames for others, forged and repeated ones have none.
        """
        match self.activation:
            case Activation.JOINING:
                self._accept(phy)
                return None
            case Activation.JOINED:
                return self._take(phy, window, snr_db)
            case _:
                return None

    def close_windows(self) -> None:
        """End the wait for an answer: a device that was not let in is idle again."""
        if self.activation is Activation.JOINING:
            self.activation = Activation.IDLE

    def _joined(self) -> _Session:
        if self._session is None:
            raise SimulatorError(f"{self.dev_eui} has not joined")
        return self._session

    def _fresh_nonce(self) -> int:
        # The standard draws blindly; a nonce by chance used before would be refused, and prove nothing about anybody.
        if len(self._used_nonces) > 0xF000:
            self._used_nonces.clear()
        nonce = self._hops.randrange(0x10000)
        while nonce in self._used_nonces:
            nonce = self._hops.randrange(0x10000)
        self._used_nonces.add(nonce)
        return nonce

    def _transmit(
        self, phy: bytes, f_cnt: int | None, data_rate: int | None = None, channels: Sequence[int] = ()
    ) -> Transmission:
        tuning = self.tuning
        hop_among = channels or tuning.hop_among
        channel = hop_among[int(self._hops.random() * len(hop_among))]
        self._last = Transmission(
            phy, channel, tuning.data_rate if data_rate is None else data_rate, tuning.power_dbm, f_cnt
        )
        return self._last

    def _accept(self, phy: bytes) -> None:
        try:
            accept = decode_join_accept(phy, self.app_key)
        except (FrameError, MicError):
            return
        keys = derive_session_keys(
            self.app_key, app_nonce=accept.app_nonce, net_id=accept.net_id, dev_nonce=self._dev_nonce
        )
        self._session = _Session(accept, keys)
        self.activation = Activation.JOINED
        self.tuning.bring(accept.cf_list)

    def _take(self, phy: bytes, window: str, snr_db: float) -> Received | None:
        session = self._joined()
        try:
            header = peek(phy)
            if header.dev_addr != session.dev_addr or header.m_type not in (UNCONFIRMED_DOWN, CONFIRMED_DOWN):
                return None
            frame = decode(phy, session.keys, last_f_cnt=session.f_cnt_down)
        except (FrameError, MicError):
            return None
        if frame.f_cnt == session.f_cnt_down:
            return None
        session.f_cnt_down = frame.f_cnt
        if frame.ack:
            self.awaits_ack = False
        confirmed = frame.m_type == CONFIRMED_DOWN
        self._acknowledge = confirmed
        self._obey(frame, snr_db)
        if not frame.f_port:
            return None
        received = Received(frame.f_port, frame.payload, frame.f_cnt, window, confirmed)
        self._received.append(received)
        return received

    def _obey(self, frame: DataFrame, snr_db: float) -> None:
        """Do what the MAC commands of a downlink say; what this device does not know stays unanswered."""
        try:
            commands = mac_commands.carried_by(frame)
        except FrameError:
            return
        adapting = [mac_commands.LinkAdrReq.of(one) for one in commands if one.cid == mac_commands.LINK_ADR]
        adapted = self.tuning.adapt(adapting).command() if adapting else None
        for command in commands:
            match command.cid:
                case mac_commands.LINK_ADR if adapted is not None:
                    self._say(adapted)
                case mac_commands.DEV_STATUS:
                    margin_db = min(max(round(snr_db), -32), 31)
                    self._say(mac_commands.DevStatusAns(self.battery, margin_db).command())
                case mac_commands.DUTY_CYCLE:
                    self._say(mac_commands.MacCommand(mac_commands.DUTY_CYCLE))
                case mac_commands.LINK_CHECK:
                    self.link = mac_commands.LinkCheckAns.of(command)
                case mac_commands.DEVICE_TIME:
                    self.told_s = unix_s_of(mac_commands.DeviceTimeAns.of(command).gps_s)
                case _:
                    pass

    def _say(self, command: mac_commands.MacCommand) -> None:
        """Put a command into the next uplink; the network asks again for what it does not hear of."""
        waiting = self._answers + mac_commands.encode((command,), downlink=False)
        if len(waiting) <= _F_OPTS_BYTES:
            self._answers = waiting
