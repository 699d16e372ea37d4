"""What goes wrong on the air, by the names that people use: what happens, and what a network server makes of it.

Each row plays with a device that has joined, over the bytes: a frame before the trouble and one after it are good ones,
so that whatever is lost beside what must be is seen. The oracle is the row's own, from the standards, and no reading of
the network server's code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from uplab.simulator.air import Air
from uplab.simulator.devices.device import Activation, Device
from uplab.simulator.errors import SimulatorError
from uplab.simulator.troubles import acts
from uplab.simulator.troubles.scene import Measure, Played, Scene

__all__ = ["TROUBLES", "Trouble"]


@dataclass(frozen=True, slots=True)
class Trouble:
    """One row: what the device or the radio does, what a network server does then, and who says so.

    `label` is how much the source says: public, or our reading.
    """

    name: str
    does: str
    oracle: str
    source: str
    label: Literal["public", "our reading"]
    act: Callable[[Scene], None]

    def play(self, air: Air, device: Device, measure: Measure) -> Played:
        """Have it happen to a device that has joined; SimulatorError when it has not."""
        if device.activation is not Activation.JOINED:
            raise SimulatorError(f"{device.dev_eui} has not joined")
        scene = Scene(air, device, measure)
        self.act(scene)
        return Played(scene.documents, scene.frames)


_COUNTERS: Final = "LoRaWAN 1.0.2 section 4.3.1.5"
_MICS: Final = "LoRaWAN 1.0.2 section 4.4"
_JOINS: Final = "LoRaWAN 1.0.2 section 6.2.4"
_CHANNELS: Final = "LoRaWAN Regional Parameters 1.0.2"
_LATE: Final = "ThingPark's documents: Late is 1 where a gateway kept the uplink"

_TABLE: Final = (
    Trouble(
        "counter-repeated",
        "the device sends another payload under the counter of its last uplink",
        "dropped: a counter is used once",
        _COUNTERS,
        "public",
        acts.counter_repeated,
    ),
    Trouble(
        "counter-jumped",
        "the device's counter leaves 300 out",
        "accepted: no more than MAX_FCNT_GAP is missing",
        _COUNTERS,
        "public",
        acts.counter_jumped,
    ),
    Trouble(
        "counter-jumped-too-far",
        "one uplink's counter is 20,000 ahead",
        "dropped: more than MAX_FCNT_GAP of 16,384; LoRaWAN 1.0.4 knows that limit no more",
        _COUNTERS,
        "public",
        acts.counter_jumped_too_far,
    ),
    Trouble(
        "counter-restarted",
        "the device begins at 0 again, without a join",
        "dropped, until the counter is past the last one",
        _COUNTERS,
        "public",
        acts.counter_restarted,
    ),
    Trouble(
        "counter-past-16-bits",
        "the counter goes past 65,535, of which the air shows the lower half",
        "accepted, and counted on in 32 bits",
        _COUNTERS,
        "public",
        acts.counter_past_16_bits,
    ),
    Trouble(
        "rejoin",
        "the device joins once more, and counts from 0",
        "accepted: a session has counters of its own",
        _JOINS,
        "public",
        acts.rejoin,
    ),
    Trouble("mic-damaged", "one bit of the MIC is another one", "dropped", _MICS, "public", acts.mic_damaged),
    Trouble(
        "payload-damaged", "one bit of the payload is another one", "dropped", _MICS, "public", acts.payload_damaged
    ),
    Trouble("wrong-key", "the frame is made with other session keys", "dropped", _MICS, "public", acts.wrong_key),
    Trouble(
        "wrong-address",
        "the frame has a DevAddr that no device has",
        "dropped",
        "LoRaWAN 1.0.2 section 6.1.1",
        "public",
        acts.wrong_address,
    ),
    Trouble(
        "wrong-join-key",
        "a join request is made with another AppKey",
        "dropped, and the session goes on",
        _JOINS,
        "public",
        acts.wrong_join_key,
    ),
    Trouble(
        "nonce-repeated",
        "a join request has the DevNonce of the last one",
        "dropped, and the session goes on",
        _JOINS,
        "public",
        acts.nonce_repeated,
    ),
    Trouble(
        "rapid-join",
        "the device joins four times in a row, before it sends",
        "each is accepted; the last session counts",
        _JOINS,
        "public",
        acts.rapid_join,
    ),
    Trouble(
        "illegal-data-rate",
        "the device sends in a data rate that its channel does not have",
        "dropped: no gateway listens for it",
        _CHANNELS,
        "our reading",
        acts.illegal_data_rate,
    ),
    Trouble(
        "illegal-frequency",
        "the device sends outside the region's channels",
        "dropped: no gateway listens there",
        _CHANNELS,
        "our reading",
        acts.illegal_frequency,
    ),
    Trouble(
        "weak-signal",
        "uplinks arrive with the power at which a modem begins to fail",
        "what a gateway demodulates is accepted",
        "Semtech SX1276 data sheet, demodulation floors",
        "public",
        acts.weak_signal,
    ),
    Trouble(
        "out-of-reach",
        "two uplinks arrive far below the noise",
        "dropped: no gateway hears them",
        "Semtech SX1276 data sheet, demodulation floors",
        "public",
        acts.out_of_reach,
    ),
    Trouble(
        "duty-cycle-broken",
        "the device sends ten uplinks without a pause",
        "accepted: the law binds the device, no network server polices it",
        "ETSI EN 300 220",
        "our reading",
        acts.duty_cycle_broken,
    ),
    Trouble("burst", "eight uplinks, a millisecond apart", "accepted, in order", _COUNTERS, "our reading", acts.burst),
    Trouble(
        "random-loss",
        "every second reception fails, at each gateway by itself",
        "what one gateway at least hears is accepted",
        "LoRaWAN 1.0.2 section 4.3.1.5",
        "public",
        acts.random_loss,
    ),
    Trouble(
        "gateway-cut-off",
        "the gateways are cut off, keep three uplinks, and bring them once they are back",
        "accepted late, in order, with the time at which each was heard",
        _LATE,
        "public",
        acts.gateway_cut_off,
    ),
    Trouble(
        "duplicates",
        "five gateways hear each uplink",
        "accepted once, with all gateways in one document",
        "ThingPark's documents: DevLrrCnt and Lrrs",
        "public",
        acts.duplicates,
    ),
    Trouble(
        "frame-repeated",
        "the same frame is sent three times, byte for byte",
        "accepted once; the repetitions are dropped",
        "LoRaWAN 1.0.2 section 4.3.1.5 and chapter 18",
        "public",
        acts.repeated_frame,
    ),
    Trouble(
        "duplicate-late",
        "a gateway that was cut off brings what came through another one long ago",
        "accepted once; the late copy is dropped",
        _COUNTERS,
        "our reading",
        acts.duplicate_late,
    ),
    Trouble(
        "reordering",
        "an uplink that a cut-off gateway kept comes after a later one",
        "dropped: its counter is below the last one",
        _COUNTERS,
        "our reading",
        acts.reordering,
    ),
)

TROUBLES: Final[Mapping[str, Trouble]] = {one.name: one for one in _TABLE}
