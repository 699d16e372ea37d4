"""The devices that a network server knows, and their sessions: who may join, and under which address."""

from __future__ import annotations

from typing import NamedTuple

from uplab.simulator.chance import Chance
from uplab.simulator.errors import SimulatorError
from uplab.simulator.lorawan.frame import FrameError, MicError
from uplab.simulator.lorawan.ids import DevAddr, DevEUI, JoinEUI, Key
from uplab.simulator.lorawan.join import (
    JoinAccept,
    decode_join_request,
    derive_session_keys,
    encode_join_accept,
    peek_join_request,
)
from uplab.simulator.lorawan.region import Region
from uplab.simulator.network.documents import Context
from uplab.simulator.network.session import KnownDevice, NetworkSession
from uplab.simulator.network.windows import Windows

__all__ = ["Joined", "Registry"]

_NWK_ADDR_BITS = 25
_BOOT_TX_POWER = 1


class Joined(NamedTuple):
    """A device was let in: its new session, and the join accept to send."""

    session: NetworkSession
    accept: bytes


class Registry:
    """Devices by DevEUI; `sessions` by DevAddr as it is sent, the four bytes that every uplink shows."""

    def __init__(self, *, chance: Chance, region: Region, windows: Windows, net_id: int) -> None:
        self._region = region
        self._windows = windows
        self._net_id = net_id
        self._devices: dict[str, KnownDevice] = {}
        self.sessions: dict[bytes, NetworkSession] = {}
        self._chance = chance

    def register(self, dev_eui: DevEUI, join_eui: JoinEUI, app_key: Key, context: Context) -> None:
        """Provision a device; SimulatorError when there is one of that DevEUI."""
        if dev_eui in self._devices:
            raise SimulatorError(f"dev_eui: {dev_eui} is registered already")
        self._devices[dev_eui] = KnownDevice(join_eui, app_key, context)

    def device(self, dev_eui: str) -> KnownDevice | None:
        """Return a device, its DevEUI in either case."""
        return self._devices.get(dev_eui.upper())

    def session(self, dev_eui: str) -> NetworkSession:
        """Return the newest session of a device; SimulatorError when it has none."""
        device = self.device(dev_eui)
        session = (device.fresh or device.session) if device else None
        if session is None:
            raise SimulatorError(f"{dev_eui} has not joined")
        return session

    def join(self, phy: bytes) -> Joined | str:
        """Let a device in, or return the reason for which it is not: unknown_device, mic, dev_nonce or malformed."""
        try:
            request = peek_join_request(phy)
            device = self._devices.get(request.dev_eui)
            if device is None or device.join_eui != request.join_eui:
                return "unknown_device"
            decode_join_request(phy, device.app_key)
        except MicError:
            return "mic"
        except FrameError:
            return "malformed"
        if request.dev_nonce in device.used_nonces:
            return "dev_nonce"
        device.used_nonces.add(request.dev_nonce)
        # By device and join, not in a row: its frames are the same whatever other devices did before.
        drawn = self._chance.derive(f"network join {request.dev_eui} {len(device.used_nonces)}", 7)
        return self._open(device, request.dev_nonce, int.from_bytes(drawn[:3], "big"), self._free_address(drawn[3:]))

    def settle(self, session: NetworkSession) -> None:
        """End the session before this one: the device has shown that it has the new one."""
        device = session.device
        if device.session is not None:
            del self.sessions[device.session.dev_addr.wire()]
        device.session, device.fresh = session, None

    def _open(self, device: KnownDevice, dev_nonce: int, app_nonce: int, dev_addr: DevAddr) -> Joined:
        accept = JoinAccept(
            app_nonce=app_nonce,
            net_id=self._net_id,
            dev_addr=dev_addr,
            rx1_dr_offset=self._windows.rx1_dr_offset,
            rx2_data_rate=self._windows.rx2.data_rate,
            rx_delay=self._windows.rx_delay,
            cf_list=self._region.cf_list(),
        )
        keys = derive_session_keys(
            device.app_key, app_nonce=accept.app_nonce, net_id=accept.net_id, dev_nonce=dev_nonce
        )
        if device.fresh is not None:
            del self.sessions[device.fresh.dev_addr.wire()]
        power_dbm = float(self._region.tx_power_dbm(_BOOT_TX_POWER))
        device.fresh = NetworkSession(device, accept.dev_addr, keys, power_dbm)
        self.sessions[accept.dev_addr.wire()] = device.fresh
        return Joined(device.fresh, encode_join_accept(accept, device.app_key))

    def _free_address(self, drawn: bytes) -> DevAddr:
        """Return an address of the network that no session has: type and NwkID are the low bits of the NetID."""
        number = int.from_bytes(drawn, "big")
        while True:
            number %= 1 << _NWK_ADDR_BITS
            address = DevAddr(f"{(self._net_id & 0x7F) << _NWK_ADDR_BITS | number:08X}")
            if address.wire() not in self.sessions:
                return address
            number += 1
