"""What a device or the radio does in each trouble, frame by frame, and what must become of each frame."""

from __future__ import annotations

from uplab.simulator.air import Conditions
from uplab.simulator.devices.device import Transmission
from uplab.simulator.lorawan.airtime import airtime_ms
from uplab.simulator.lorawan.frame import SessionKeys
from uplab.simulator.lorawan.ids import DevAddr, Key
from uplab.simulator.radio.radio import noise_floor_dbm, snr_floor_db
from uplab.simulator.troubles.scene import NOT_HEARD, Scene

_WRONG_KEY = Key(bytes.fromhex("0badc0de" * 4))


def counter_repeated(scene: Scene) -> None:
    scene.good(2)
    f_cnt = scene.device.f_cnt_up - 1
    scene.bad("replay", lambda payload, port: scene.device.forged(payload, f_port=port, f_cnt=f_cnt))
    scene.good()


def counter_jumped(scene: Scene) -> None:
    scene.good()
    scene.device.f_cnt_up += 300
    scene.good(2)


def counter_jumped_too_far(scene: Scene) -> None:
    scene.good()
    f_cnt = scene.device.f_cnt_up + 20_000
    scene.bad("f_cnt_gap", lambda payload, port: scene.device.forged(payload, f_port=port, f_cnt=f_cnt))
    scene.good()


def counter_restarted(scene: Scene) -> None:
    scene.good(3)
    for f_cnt in (0, 1):
        scene.bad("replay", lambda payload, port, f=f_cnt: scene.device.forged(payload, f_port=port, f_cnt=f))  # type: ignore[misc]
    scene.good()


def rejoin(scene: Scene) -> None:
    scene.good(2)
    scene.join()
    scene.good(2)


def counter_past_16_bits(scene: Scene) -> None:
    scene.good()
    scene.air.wind(scene.device, 0xFFFE)
    scene.good(4)


def mic_damaged(scene: Scene) -> None:
    scene.good()

    def damaged(payload: bytes, port: int) -> Transmission:
        right = scene.device.uplink(payload, f_port=port)
        return right._replace(phy=right.phy[:-1] + bytes((right.phy[-1] ^ 1,)))

    scene.bad("mic", damaged)
    scene.good()


def payload_damaged(scene: Scene) -> None:
    scene.good()

    def damaged(payload: bytes, port: int) -> Transmission:
        right = scene.device.uplink(payload + b"\0", f_port=port)
        return right._replace(phy=right.phy[:9] + bytes((right.phy[9] ^ 0x80,)) + right.phy[10:])

    scene.bad("mic", damaged)
    scene.good()


def wrong_key(scene: Scene) -> None:
    keys = SessionKeys(_WRONG_KEY, _WRONG_KEY)
    scene.good()
    scene.bad("mic", lambda payload, port: scene.device.forged(payload, f_port=port, keys=keys))
    scene.good()


def wrong_address(scene: Scene) -> None:
    own = scene.device.dev_addr
    assert own is not None
    # Of a network that nobody has here: NwkID 127.
    foreign = DevAddr(f"FE{own[2:]}")
    scene.good()
    scene.bad("unknown_device", lambda payload, port: scene.device.forged(payload, f_port=port, dev_addr=foreign))
    scene.good()


def wrong_join_key(scene: Scene) -> None:
    scene.good()
    scene.ask_to_join(scene.device.forged_join(app_key=_WRONG_KEY, fresh=True))
    scene.good()


def nonce_repeated(scene: Scene) -> None:
    scene.good()
    scene.ask_to_join(scene.device.forged_join())
    scene.good()


def rapid_join(scene: Scene) -> None:
    scene.good()
    for _ in range(4):
        scene.join()
    scene.good(2)


def illegal_data_rate(scene: Scene) -> None:
    scene.good()
    scene.bad(NOT_HEARD, lambda payload, port: scene.device.uplink(payload, f_port=port)._replace(data_rate=15))
    scene.good()


def illegal_frequency(scene: Scene) -> None:
    none = len(scene.device.region.channels)
    scene.good()
    scene.bad(NOT_HEARD, lambda payload, port: scene.device.uplink(payload, f_port=port)._replace(channel=none))
    scene.good()


def weak_signal(scene: Scene) -> None:
    rate = scene.device.region.data_rates[scene.device.data_rate]
    floor_dbm = noise_floor_dbm(rate.bandwidth_hz) + snr_floor_db(rate.sf, rate.bandwidth_hz)
    with scene.air.under(Conditions(rssi_dbm=floor_dbm)):
        scene.good(8, fate="either")
    scene.good()


def out_of_reach(scene: Scene) -> None:
    scene.good()
    with scene.air.under(Conditions(rssi_dbm=-180.0)):
        scene.good(2, fate="dropped", why=NOT_HEARD)
    scene.good()


def duty_cycle_broken(scene: Scene) -> None:
    """One frame begins as the one before it ends, for ten frames."""
    scene.good()
    rate = scene.device.region.data_rates[scene.device.data_rate]
    at_s = scene.air.now_s()
    for _ in range(10):
        at_s += airtime_ms(51, rate.sf, rate.bandwidth_hz) / 1000
        scene.good(at_s=at_s)


def burst(scene: Scene) -> None:
    at_s = scene.air.now_s()
    for _ in range(8):
        scene.good(at_s=at_s)  # a millisecond apart: a device cannot send two at once


def random_loss(scene: Scene) -> None:
    radio = scene.air.radio
    before, radio.loss = radio.loss, 0.5
    try:
        scene.good(12, fate="either")
    finally:
        radio.loss = before
    scene.good()


def gateway_cut_off(scene: Scene) -> None:
    """Every gateway is cut off; the first one that comes back brings what it kept."""
    scene.good()
    gateways = list(scene.air.gateways.values())
    for gateway in gateways:
        scene.air.disconnect(gateway)
    try:
        scene.good(3)
    finally:
        for gateway in gateways:
            scene.documents += scene.air.reconnect(gateway)
    scene.good()


def duplicates(scene: Scene) -> None:
    """Five gateways hear each frame."""
    with scene.air.under(Conditions(gateways=5), scene.device):
        scene.good(3)


def repeated_frame(scene: Scene) -> None:
    scene.good()
    scene.again("replay")
    scene.again("replay")
    scene.good()


def duplicate_late(scene: Scene) -> None:
    """One of two gateways is cut off, and brings a frame that came through the other one long ago."""
    scene.good()
    first = next(iter(scene.air.gateways.values()))
    scene.air.disconnect(first)
    try:
        scene.good(2)
    finally:
        scene.documents += scene.air.reconnect(first)
    scene.good()


def reordering(scene: Scene) -> None:
    """A frame is heard by a gateway that is cut off, the next one by another: the earlier one comes last."""
    scene.good()
    first = next(iter(scene.air.gateways.values()))
    scene.air.disconnect(first)
    try:
        with scene.air.under(Conditions(gateways=1), scene.device):
            scene.good(fate="dropped", why="replay")
        scene.good(2)
    finally:
        scene.documents += scene.air.reconnect(first)
    scene.good()
