from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.simulator.chance import Chance
from uplab.simulator.devices.device import Activation, Device, Received
from uplab.simulator.errors import SimulatorError
from uplab.simulator.lorawan import mac_commands
from uplab.simulator.lorawan.frame import DataFrame, SessionKeys, decode, encode
from uplab.simulator.lorawan.ids import DevAddr, DevEUI, JoinEUI, Key
from uplab.simulator.lorawan.join import JoinAccept, decode_join_request, derive_session_keys, encode_join_accept
from uplab.simulator.lorawan.region import EU868, US915, Region

APP_KEY = Key(bytes(range(16)))
DEV_ADDR = DevAddr("04000001")


def make_device(seed: int = 7, **options: Any) -> Device:
    return Device(
        dev_eui=DevEUI("0018B20000000B20"),
        join_eui=JoinEUI("0018B24441524632"),
        app_key=APP_KEY,
        chance=Chance(seed),
        **options,
    )


class Network:
    """The other end of one device, just enough to talk with it."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.f_cnt_down = 0
        self.keys = self.let_in()

    def let_in(self) -> SessionKeys:
        request = decode_join_request(self.device.join_request().phy, APP_KEY)
        accept = JoinAccept(app_nonce=5, net_id=2, dev_addr=DEV_ADDR, cf_list=EU868.cf_list())
        self.device.receive(encode_join_accept(accept, APP_KEY), window="RX1")
        return derive_session_keys(APP_KEY, app_nonce=5, net_id=2, dev_nonce=request.dev_nonce)

    def read(self, phy: bytes, last: int | None = None) -> DataFrame:
        return decode(phy, self.keys, last_f_cnt=last)

    def frame(self, payload: bytes = b"", *, f_cnt: int | None = None, m_type: int = 3, **fields: Any) -> bytes:
        if f_cnt is None:
            f_cnt, self.f_cnt_down = self.f_cnt_down, self.f_cnt_down + 1
        return encode(DataFrame(m_type, DEV_ADDR, f_cnt, payload=payload, **fields), self.keys)

    def tell(self, *commands: mac_commands.MacCommand, snr_db: float = 0.0) -> tuple[mac_commands.MacCommand, ...]:
        """Send MAC commands and return what the next uplink answers."""
        phy = self.frame(f_opts=mac_commands.encode(commands, downlink=True))
        self.device.receive(phy, window="RX1", snr_db=snr_db)
        return mac_commands.carried_by(self.read(self.device.uplink(b"", f_port=None).phy))


@pytest.fixture
def device() -> Device:
    return make_device()


@pytest.fixture
def network(device: Device) -> Network:
    return Network(device)


def test_a_new_device_is_idle_and_cannot_send(device: Device) -> None:
    assert device.activation is Activation.IDLE
    with pytest.raises(SimulatorError, match=r"^0018B20000000B20 has not joined$"):
        device.uplink(b"\x01", f_port=1)


def test_a_join_request_names_the_device(device: Device) -> None:
    transmission = device.join_request()

    request = decode_join_request(transmission.phy, APP_KEY)
    assert (request.dev_eui, request.join_eui) == (device.dev_eui, device.join_eui)
    assert device.activation is Activation.JOINING
    assert transmission.channel in (0, 1, 2)


def test_an_accepted_device_has_joined(device: Device, network: Network) -> None:
    assert device.activation is Activation.JOINED
    assert device.dev_addr == DEV_ADDR
    assert device.received == []


def test_an_unanswered_join_leaves_it_idle(device: Device) -> None:
    device.join_request()
    device.close_windows()

    assert device.activation is Activation.IDLE


@pytest.mark.parametrize("key", [Key(bytes(16)), None])
def test_an_accept_by_somebody_else_is_ignored(device: Device, key: Key | None) -> None:
    device.join_request()

    phy = encode_join_accept(JoinAccept(5, 2, DEV_ADDR), key) if key else b"\x20nonsense"
    device.receive(phy, window="RX1")

    assert device.activation is Activation.JOINING


def test_no_nonce_is_used_twice(device: Device) -> None:
    nonces = [decode_join_request(device.join_request().phy, APP_KEY).dev_nonce for _ in range(2000)]

    assert len(set(nonces)) == 2000
    assert nonces != sorted(nonces)


def test_uplinks_count_from_zero(device: Device, network: Network) -> None:
    frames = [network.read(device.uplink(bytes([number]), f_port=5).phy) for number in range(3)]

    assert [(frame.m_type, frame.f_cnt, frame.f_port, frame.payload) for frame in frames] == [
        (2, 0, 5, b"\x00"),
        (2, 1, 5, b"\x01"),
        (2, 2, 5, b"\x02"),
    ]
    assert all(frame.adr and not frame.ack for frame in frames)


def test_a_rejoin_counts_from_zero_again(device: Device, network: Network) -> None:
    device.uplink(b"\x01", f_port=5)
    network.keys = network.let_in()

    assert network.read(device.uplink(b"\x01", f_port=5).phy).f_cnt == 0


def test_the_counter_goes_on_past_sixteen_bits(device: Device, network: Network) -> None:
    device.f_cnt_up = 0xFFFF

    first, second = device.uplink(b"\x01", f_port=5), device.uplink(b"\x02", f_port=5)

    assert network.read(first.phy, last=0xFFFE).f_cnt == 0xFFFF
    assert network.read(second.phy, last=0xFFFF).f_cnt == 0x10000


def test_hopping_uses_every_channel_by_chance(device: Device, network: Network) -> None:
    channels = [device.uplink(b"\x01", f_port=5).channel for _ in range(400)]

    assert set(channels) == set(range(8))
    other = make_device(seed=8)
    Network(other)
    assert channels != [other.uplink(b"\x01", f_port=5).channel for _ in range(400)]


@pytest.mark.parametrize(
    ("payload", "f_port", "complaint"),
    [
        (bytes(243), 1, "payload: 243 bytes, DR5 of EU868 carries at most 242"),
        (b"", 0, "f_port: expected 1 to 224, got 0"),
        (b"", 225, "f_port: expected 1 to 224, got 225"),
    ],
)
def test_what_cannot_be_sent_is_named(network: Network, payload: bytes, f_port: int, complaint: str) -> None:
    with pytest.raises(SimulatorError, match=f"^{complaint}$"):
        network.device.uplink(payload, f_port=f_port)


def test_an_unconfirmed_downlink_is_taken_and_kept(device: Device, network: Network) -> None:
    received = device.receive(network.frame(b"hello", f_port=9), window="RX1")

    assert received == Received(f_port=9, payload=b"hello", f_cnt_down=0, window="RX1", confirmed=False)
    assert device.received == [received]
    assert not network.read(device.uplink(b"\x01", f_port=5).phy).ack


def test_a_confirmed_downlink_is_acknowledged_once(device: Device, network: Network) -> None:
    device.receive(network.frame(b"hello", f_port=9, m_type=5), window="RX2")

    assert device.received[0].confirmed
    assert network.read(device.uplink(b"\x01", f_port=5).phy).ack
    assert not network.read(device.uplink(b"\x01", f_port=5).phy).ack


def test_a_confirmed_uplink_waits_for_its_acknowledgement(device: Device, network: Network) -> None:
    first = device.uplink(b"\x01", f_port=5, confirmed=True)
    waiting = [device.awaits_ack]
    again = device.repeat()

    assert device.receive(network.frame(ack=True), window="RX1") is None

    waiting.append(device.awaits_ack)
    assert waiting == [True, False]
    assert (again.phy, again.f_cnt) == (first.phy, first.f_cnt)
    assert network.read(first.phy).m_type == 4


def test_only_what_was_sent_can_be_repeated(device: Device) -> None:
    with pytest.raises(SimulatorError, match="has sent nothing that it could repeat"):
        device.repeat()


@pytest.mark.parametrize("spoil", ["repeated", "forged", "foreign", "uplink", "broken"])
def test_other_frames_have_no_effect(device: Device, network: Network, spoil: str) -> None:
    good = network.frame(b"hello", f_port=9, m_type=5)
    if spoil == "repeated":
        device.receive(good, window="RX1")
        device.uplink(b"\x01", f_port=5)
    bad = {
        "repeated": good,
        "forged": good[:-1] + bytes([good[-1] ^ 1]),
        "foreign": encode(DataFrame(3, DevAddr("04000002"), 0, f_port=9), network.keys),
        "uplink": encode(DataFrame(2, DEV_ADDR, 0, f_port=9), network.keys),
        "broken": good[:7],
    }[spoil]
    before = len(device.received)

    assert device.receive(bad, window="RX1") is None

    assert len(device.received) == before
    assert not network.read(device.uplink(b"\x01", f_port=5).phy, last=0).ack


def test_an_idle_device_hears_nothing(device: Device) -> None:
    assert device.receive(b"\x60", window="RX1") is None


def test_it_listens_where_the_network_sends(device: Device, network: Network) -> None:
    transmission = device.uplink(b"\x01", f_port=5)

    windows = device.listens()

    assert windows["RX1"] == EU868.rx1(EU868.channels[transmission.channel], 5)
    assert windows["RX2"] == EU868.rx2
    assert make_device().listens() == {}


def test_data_rate_power_and_channels_are_adapted(device: Device, network: Network) -> None:
    request = mac_commands.LinkAdrReq(data_rate=3, tx_power=4, channel_mask=0b1, transmissions=2)

    [answer] = network.tell(request.command())

    assert mac_commands.LinkAdrAns.of(answer) == mac_commands.LinkAdrAns()
    assert (device.data_rate, device.power_dbm, device.transmissions) == (3, 8.0, 2)
    assert {device.uplink(b"\x01", f_port=5).channel for _ in range(30)} == {0}


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (mac_commands.LinkAdrReq(12, 1, 0xFF), mac_commands.LinkAdrAns(data_rate_ok=False, channel_mask_ok=False)),
        (mac_commands.LinkAdrReq(5, 9, 0xFF), mac_commands.LinkAdrAns(power_ok=False)),
        (mac_commands.LinkAdrReq(5, 1, 0), mac_commands.LinkAdrAns(channel_mask_ok=False)),
        (mac_commands.LinkAdrReq(5, 1, 0x100), mac_commands.LinkAdrAns(channel_mask_ok=False)),
        (mac_commands.LinkAdrReq(5, 1, 0, channel_mask_control=3), mac_commands.LinkAdrAns(channel_mask_ok=False)),
    ],
)
def test_a_wrong_adaptation_changes_nothing(
    device: Device, network: Network, request_: mac_commands.LinkAdrReq, answer: mac_commands.LinkAdrAns
) -> None:
    [command] = network.tell(request_.command())

    assert mac_commands.LinkAdrAns.of(command) == answer
    assert (device.data_rate, device.power_dbm, device.transmissions) == (5, 14.0, 1)


def test_a_block_of_adaptations_is_taken_whole_or_not_at_all() -> None:
    device = make_device(region=US915)
    network = Network(device)
    none_left = mac_commands.LinkAdrReq(2, 3, 0, channel_mask_control=7).command()
    first_eight = mac_commands.LinkAdrReq(2, 3, 0xFF, transmissions=2).command()

    answers = network.tell(none_left, first_eight)

    assert [mac_commands.LinkAdrAns.of(one) for one in answers] == [mac_commands.LinkAdrAns()] * 2
    assert (device.data_rate, device.power_dbm, device.transmissions) == (2, 24.0, 2)
    assert {device.uplink(b"\x01", f_port=5).channel for _ in range(60)} <= set(range(8))
    [refused] = network.tell(none_left)
    assert mac_commands.LinkAdrAns.of(refused) == mac_commands.LinkAdrAns(channel_mask_ok=False)


def test_who_asks_for_the_time_is_told(device: Device, network: Network) -> None:
    device.ask(mac_commands.DEVICE_TIME)
    device.ask(mac_commands.LINK_CHECK)
    asked = network.read(device.uplink(b"\x01", f_port=5).phy)

    network.tell(mac_commands.DeviceTimeAns(1_436_486_418.5).command(), mac_commands.LinkCheckAns(20, 3).command())

    assert [one.name for one in mac_commands.carried_by(asked)] == ["DeviceTime", "LinkCheck"]
    assert device.told_s == datetime(2025, 7, 14, tzinfo=UTC).timestamp() + 0.5
    assert device.link == mac_commands.LinkCheckAns(20, 3)
    assert network.read(device.uplink(b"\x01", f_port=5).phy).f_opts == b""


def test_rx1_opens_as_the_join_accept_says(device: Device) -> None:
    for rx_delay, seconds in ((0, 1), (5, 5)):
        device.join_request()
        accept = JoinAccept(app_nonce=5, net_id=2, dev_addr=DEV_ADDR, rx_delay=rx_delay)
        device.receive(encode_join_accept(accept, APP_KEY), window="RX1")

        assert device.rx1_delay_s == seconds


def test_forged_frames_leave_the_device_as_it_is(device: Device, network: Network) -> None:
    device.uplink(b"\x01", f_port=5)
    other = SessionKeys(Key(bytes(16)), Key(bytes(16)))

    repeated = device.forged(b"\x02", f_port=5, f_cnt=0)
    foreign = device.forged(b"\x02", f_port=5, keys=other)
    again = device.forged_join()

    assert (network.read(repeated.phy).f_cnt, network.read(repeated.phy).payload) == (0, b"\x02")
    assert decode(foreign.phy, other).payload == b"\x02"
    assert decode_join_request(again.phy, APP_KEY) == decode_join_request(device.forged_join().phy, APP_KEY)
    assert decode_join_request(device.forged_join(fresh=True).phy, APP_KEY) != decode_join_request(again.phy, APP_KEY)
    assert (device.activation, device.f_cnt_up) == (Activation.JOINED, 1)


def test_fifteen_keeps_data_rate_and_power(device: Device, network: Network) -> None:
    [command] = network.tell(mac_commands.LinkAdrReq(15, 15, 0, channel_mask_control=6).command())

    assert mac_commands.LinkAdrAns.of(command) == mac_commands.LinkAdrAns()
    assert (device.data_rate, device.power_dbm) == (5, 14.0)


def test_status_is_battery_and_margin(device: Device, network: Network) -> None:
    device.battery = 200

    [command] = network.tell(mac_commands.MacCommand(mac_commands.DEV_STATUS), snr_db=7.75)

    assert mac_commands.DevStatusAns.of(command) == mac_commands.DevStatusAns(battery=200, margin_db=8)


def test_a_duty_cycle_is_acknowledged_and_a_timing_left(device: Device, network: Network) -> None:
    answers = network.tell(mac_commands.duty_cycle_req(0), mac_commands.rx_timing_setup_req(1))

    assert answers == (mac_commands.MacCommand(mac_commands.DUTY_CYCLE),)


def test_commands_come_on_port_zero_too(device: Device, network: Network) -> None:
    status = mac_commands.encode((mac_commands.MacCommand(mac_commands.DEV_STATUS),), downlink=True)

    assert device.receive(network.frame(status, f_port=0), window="RX1") is None
    assert network.read(device.uplink(b"\x01", f_port=5).phy).f_opts.hex() == "06ff00"


def test_unreadable_commands_are_left(device: Device, network: Network) -> None:
    received = device.receive(network.frame(b"hello", f_port=9, f_opts=b"\xee"), window="RX1")

    assert received is not None
    assert network.read(device.uplink(b"\x01", f_port=5).phy).f_opts == b""


def test_answers_wait_for_room(device: Device, network: Network) -> None:
    status = mac_commands.encode((mac_commands.MacCommand(mac_commands.DEV_STATUS),), downlink=True)
    device.receive(network.frame(f_opts=status), window="RX1")

    assert network.read(device.uplink(bytes(242), f_port=5).phy).f_opts == b""
    assert network.read(device.uplink(bytes(239), f_port=5).phy).f_opts.hex() == "06ff00"


def test_answers_never_overflow_f_opts(device: Device, network: Network) -> None:
    status = mac_commands.encode([mac_commands.MacCommand(mac_commands.DEV_STATUS)] * 15, downlink=True)
    device.receive(network.frame(f_opts=status), window="RX1")

    assert len(network.read(device.uplink(b"", f_port=5).phy).f_opts) == 15


@given(st.binary(max_size=64))
def test_any_bytes_from_the_air_are_survived(phy: bytes) -> None:
    device = make_device()
    device.join_request()
    device.receive(phy, window="RX1")
    Network(device)
    assert device.receive(phy, window="RX1") is None


def test_a_channel_must_carry_the_data_rate() -> None:
    with pytest.raises(ValueError, match=r"^data_rate: no channel of the device in EU868 carries DR6$"):
        make_device(data_rate=6)


@pytest.mark.parametrize(("region", "data_rate"), [(EU868, 5), (US915, 3)])
def test_the_fastest_data_rate_is_the_default(region: Region, data_rate: int) -> None:
    assert make_device(region=region).data_rate == data_rate


def test_measurements_leave_the_channels_alone() -> None:
    plain, measuring = make_device(), make_device()
    measuring.measure()

    assert plain.join_request() == measuring.join_request()
    assert measuring.measure() != measuring.measure()
