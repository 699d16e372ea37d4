"""A network server that takes what LoRaWAN does not let it take: what it should drop comes to a destination."""

from __future__ import annotations

from typing import Any

from tests.faulty.known_bad import Catalogue, Mark, swap
from uplab.simulator.air import Air
from uplab.simulator.lorawan.frame import MicError
from uplab.simulator.lorawan.session import B0_START, mic
from uplab.simulator.network import server
from uplab.simulator.network.registry import Registry
from uplab.simulator.network.server import NetworkServer
from uplab.simulator.network.session import NetworkSession

__all__ = ["BAD"]

BAD = Catalogue("fake")
TROUBLES = "air/test_troubles.py::test_what_goes_wrong_on_the_air_costs_no_other_uplink"


@BAD.bad(
    "network-takes-old-counters",
    "the network server takes an uplink whose counter is below the last one",
    requirement="AIR-01.a",
    models="frame counter checks that were switched off for a test",
    scenario=TROUBLES,
    check="on the air",
    hop="network",
)
def network_takes_old_counters(mark: Mark) -> None:
    """Takes the lower half for the whole."""

    def make(following: Any) -> Any:
        def any_counter(low16: int, last: int | None) -> Any:
            found = following(low16, last)
            if found == "replay":
                mark()
                return low16
            return found

        return any_counter

    def make_count(count: Any) -> Any:
        def backwards(self: NetworkSession, f_cnt: int, phy: bytes) -> None:
            if self.f_cnt_up is not None and f_cnt <= self.f_cnt_up:
                self.f_cnt_up, self.phy = f_cnt, phy
                return
            count(self, f_cnt, phy)

        return backwards

    swap(server, "next_f_cnt", make)
    swap(NetworkSession, "count", make_count)


@BAD.bad(
    "network-takes-any-mic",
    "the network server takes a frame whose MIC is wrong",
    requirement="AIR-01.b",
    models="an integrity check that is only logged",
    scenario=TROUBLES,
    check="on the air",
    hop="network",
)
def network_takes_any_mic(mark: Mark) -> None:
    """Makes the right MIC itself, where there is a wrong one."""

    def make(decode: Any) -> Any:
        def lenient(phy: bytes, keys: Any, *, f_cnt_high: int = 0) -> Any:
            try:
                return decode(phy, keys, f_cnt_high=f_cnt_high)
            except MicError:
                mark()
                f_cnt = f_cnt_high << 16 | phy[6] | phy[7] << 8
                start = B0_START[0] + phy[1:5] + f_cnt.to_bytes(4, "little")
                return decode(phy[:-4] + mic(keys, phy[:-4], start), keys, f_cnt_high=f_cnt_high)

        return lenient

    swap(server, "decode", make)


@BAD.bad(
    "network-forgets-nonces",
    "the network server lets a device in by a nonce that it used before",
    requirement="AIR-01.c",
    models="nonces that are kept in memory alone",
    scenario=TROUBLES,
    check="seen",
    hop="network",
)
def network_forgets_nonces(mark: Mark) -> None:
    """Remembers none."""

    def make(join: Any) -> Any:
        def forgetful(self: Registry, phy: bytes) -> Any:
            for device in self._devices.values():
                if device.used_nonces:
                    mark()
                device.used_nonces.clear()
            return join(self, phy)

        return forgetful

    swap(Registry, "join", make)


@BAD.bad(
    "gateways-hear-everything",
    "gateways hear what is sent in a data rate or a channel to which they do not listen",
    requirement="AIR-01.d",
    models="a simulator without channels",
    scenario=TROUBLES,
    check="on the air",
    hop="network",
)
def gateways_hear_everything(mark: Mark) -> None:
    """Takes it for one in the region's first channel."""

    def make(receive: Any) -> Any:
        def everything(self: Air, device: Any, station: Any, transmission: Any, time_s: float) -> Any:
            if not self.network.hears(transmission.channel, transmission.data_rate):
                mark()
                rate = self.network.region.channels[0].max_data_rate
                transmission = transmission._replace(channel=0, data_rate=rate)
            return receive(self, device, station, transmission, time_s)

        return everything

    swap(Air, "_receive", make)


@BAD.bad(
    "network-takes-late-copies",
    "the network server takes what a gateway kept, whatever came meanwhile",
    requirement="AIR-01.e",
    models="counters that are not looked at where Late is 1",
    scenario=TROUBLES,
    check="on the air",
    hop="network",
)
def network_takes_late_copies(mark: Mark) -> None:
    """Goes back to the counter before it."""

    def make(uplink: Any) -> Any:
        def late(self: NetworkServer, phy: bytes, heard: Any) -> Any:
            session = self._registry.sessions.get(phy[1:5])
            if session is not None and heard[0].late and session.f_cnt_up is not None:
                mark()
                session.f_cnt_up = (phy[6] | phy[7] << 8) - 1
            return uplink(self, phy, heard)

        return late

    swap(NetworkServer, "_uplink", make)
