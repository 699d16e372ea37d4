from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.simulator.lorawan.frame import UNCONFIRMED_DOWN, UNCONFIRMED_UP, DataFrame, FrameError
from uplab.simulator.lorawan.ids import DevAddr
from uplab.simulator.lorawan.mac_commands import (
    COMMANDS,
    LINK_ADR,
    LINK_CHECK,
    DevStatusAns,
    LinkAdrAns,
    LinkAdrReq,
    LinkCheckAns,
    MacCommand,
    carried_by,
    duty_cycle_req,
    encode,
    new_channel_req,
    parse,
    rx_param_setup_req,
    rx_timing_setup_req,
)

ADDRESS = DevAddr("01020304")


@st.composite
def conversations(draw: st.DrawFn) -> tuple[list[MacCommand], bool]:
    downlink = draw(st.booleans())
    commands = []
    for cid in draw(st.lists(st.sampled_from(sorted(COMMANDS)), max_size=6)):
        size = COMMANDS[cid].downlink_bytes if downlink else COMMANDS[cid].uplink_bytes
        commands.append(MacCommand(cid, draw(st.binary(min_size=size, max_size=size))))
    return commands, downlink


def test_table_names_each_command_with_its_sizes() -> None:
    # LoRaWAN 1.0.2 chapter 5, and DeviceTime of 1.0.3
    assert {cid: tuple(size) for cid, size in COMMANDS.items()} == {
        0x02: ("LinkCheck", 0, 2),
        0x03: ("LinkADR", 1, 4),
        0x04: ("DutyCycle", 0, 1),
        0x05: ("RXParamSetup", 1, 4),
        0x06: ("DevStatus", 2, 0),
        0x07: ("NewChannel", 1, 5),
        0x08: ("RXTimingSetup", 0, 1),
        0x09: ("TxParamSetup", 0, 1),
        0x0A: ("DlChannel", 1, 4),
        0x0D: ("DeviceTime", 0, 5),
    }


@given(conversations())
def test_any_commands_survive_the_bytes(conversation: tuple[list[MacCommand], bool]) -> None:
    commands, downlink = conversation

    assert list(parse(encode(commands, downlink=downlink), downlink=downlink)) == commands


@given(st.binary(max_size=40), st.booleans())
def test_noise_is_parsed_whole_or_refused(noise: bytes, downlink: bool) -> None:
    try:
        commands = parse(noise, downlink=downlink)
    except FrameError:
        return
    assert encode(commands, downlink=downlink) == noise


def test_same_bytes_mean_different_things_up_and_down() -> None:
    assert parse(bytes.fromhex("020305"), downlink=False) == (MacCommand(LINK_CHECK), MacCommand(LINK_ADR, b"\x05"))
    assert parse(bytes.fromhex("020305"), downlink=True) == (MacCommand(LINK_CHECK, b"\x03\x05"),)


def test_command_cut_short_says_where() -> None:
    with pytest.raises(FrameError, match=r"^MAC command LinkADR at byte 1 is cut short$"):
        parse(bytes.fromhex("0203"), downlink=False)


@pytest.mark.parametrize("cid", ["00", "80", "ff"])
def test_unknown_command_says_where(cid: str) -> None:
    with pytest.raises(FrameError, match=rf"^MAC command {cid} at byte 2 is unknown$"):
        parse(bytes.fromhex("0202" + cid + "02"), downlink=False)


def test_command_of_a_wrong_size_is_not_sent() -> None:
    with pytest.raises(FrameError, match=r"^LinkADR: 1 bytes, expected 4$"):
        encode([MacCommand(LINK_ADR, b"\x07")], downlink=True)
    with pytest.raises(FrameError, match=r"^cid: 0x80 is no MAC command of LoRaWAN 1.0$"):
        encode([MacCommand(0x80)], downlink=True)


def test_frame_carries_commands_in_options_or_on_port_zero() -> None:
    in_options = DataFrame(UNCONFIRMED_UP, ADDRESS, 0, 1, b"\xff", f_opts=b"\x02\x03\x05")
    on_port_zero = DataFrame(UNCONFIRMED_UP, ADDRESS, 0, 0, b"\x02\x03\x05")
    neither = DataFrame(UNCONFIRMED_DOWN, ADDRESS, 0, 1, b"\x02")

    assert carried_by(in_options) == carried_by(on_port_zero) == (MacCommand(2), MacCommand(3, b"\x05"))
    assert carried_by(neither) == ()


def test_commands_have_names() -> None:
    assert [MacCommand(cid).name for cid in (0x02, 0x06, 0x80)] == ["LinkCheck", "DevStatus", "80"]


@pytest.mark.parametrize(
    ("command", "wire"),
    [
        (LinkCheckAns(margin_db=20, gateway_count=3).command(), "021403"),
        (LinkAdrReq(data_rate=5, tx_power=1, channel_mask=0x00FF).command(), "0351ff0001"),
        (LinkAdrReq(3, 2, 0x0007, channel_mask_control=6, transmissions=2).command(), "0332070062"),
        (duty_cycle_req(7), "0407"),
        (rx_param_setup_req(rx1_dr_offset=2, rx2_data_rate=3, frequency_hz=869_525_000), "0523d2ad84"),
        (MacCommand(0x06), "06"),
        (new_channel_req(index=3, frequency_hz=867_100_000, min_data_rate=0, max_data_rate=5), "0703184f8450"),
        (new_channel_req(index=3, frequency_hz=0, min_data_rate=0, max_data_rate=5), "070300000050"),
        (rx_timing_setup_req(5), "0805"),
    ],
)
def test_downlink_command_has_these_bytes(command: MacCommand, wire: str) -> None:
    assert encode([command], downlink=True).hex() == wire


@pytest.mark.parametrize(
    ("command", "wire"),
    [
        (LinkAdrAns().command(), "0307"),
        (LinkAdrAns(power_ok=False).command(), "0303"),
        (LinkAdrAns(data_rate_ok=False).command(), "0305"),
        (LinkAdrAns(channel_mask_ok=False).command(), "0306"),
        (DevStatusAns(battery=255, margin_db=-1).command(), "06ff3f"),
        (DevStatusAns(battery=0, margin_db=-32).command(), "060020"),
        (DevStatusAns(battery=254, margin_db=31).command(), "06fe1f"),
    ],
)
def test_uplink_command_has_these_bytes(command: MacCommand, wire: str) -> None:
    assert encode([command], downlink=False).hex() == wire


@given(st.integers(0, 254), st.integers(1, 255))
def test_link_check_is_read_back(margin_db: int, gateway_count: int) -> None:
    answer = LinkCheckAns(margin_db, gateway_count)

    assert LinkCheckAns.of(answer.command()) == answer


@given(st.integers(0, 15), st.integers(0, 15), st.integers(0, 0xFFFF), st.integers(0, 7), st.integers(0, 15))
def test_link_adr_is_read_back(data_rate: int, power: int, mask: int, control: int, transmissions: int) -> None:
    request = LinkAdrReq(data_rate, power, mask, control, transmissions)

    assert LinkAdrReq.of(request.command()) == request


@given(st.booleans(), st.booleans(), st.booleans())
def test_link_adr_answer_is_read_back(power_ok: bool, data_rate_ok: bool, channel_mask_ok: bool) -> None:
    answer = LinkAdrAns(power_ok, data_rate_ok, channel_mask_ok)

    assert LinkAdrAns.of(answer.command()) == answer


@given(st.integers(0, 255), st.integers(-32, 31))
def test_device_status_is_read_back(battery: int, margin_db: int) -> None:
    answer = DevStatusAns(battery, margin_db)

    assert DevStatusAns.of(answer.command()) == answer


@pytest.mark.parametrize("read", [LinkCheckAns.of, LinkAdrReq.of, DevStatusAns.of], ids=["check", "adr", "status"])
def test_another_command_is_not_read(read: Callable[[MacCommand], object]) -> None:
    with pytest.raises(FrameError, match=r"^LinkADR of 1 bytes, expected \w+ of \d$"):
        read(MacCommand(LINK_ADR, b"\x07"))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: LinkCheckAns(255, 1).command(), "margin_db: 255, expected 0 to 254"),
        (lambda: LinkCheckAns(0, 0).command(), "gateway_count: 0, expected 1 to 255"),
        (lambda: LinkAdrReq(16, 0, 0).command(), "data_rate: 16, expected 0 to 15"),
        (lambda: LinkAdrReq(0, 16, 0).command(), "tx_power: 16, expected 0 to 15"),
        (lambda: LinkAdrReq(0, 0, 0x10000).command(), "channel_mask: 65536, expected 0 to 65535"),
        (lambda: LinkAdrReq(0, 0, 0, 8).command(), "channel_mask_control: 8, expected 0 to 7"),
        (lambda: LinkAdrReq(0, 0, 0, 0, 16).command(), "transmissions: 16, expected 0 to 15"),
        (lambda: DevStatusAns(256, 0).command(), "battery: 256, expected 0 to 255"),
        (lambda: DevStatusAns(0, 32).command(), "margin_db: 32, expected -32 to 31"),
        (lambda: duty_cycle_req(16), "exponent: 16, expected 0 to 15"),
        (lambda: rx_timing_setup_req(0), "delay_s: 0, expected 1 to 15"),
        (
            lambda: rx_param_setup_req(rx1_dr_offset=8, rx2_data_rate=0, frequency_hz=869_525_000),
            "rx1_dr_offset: 8, expected 0 to 7",
        ),
        (
            lambda: rx_param_setup_req(rx1_dr_offset=0, rx2_data_rate=0, frequency_hz=869_525_050),
            "frequency_hz: 869525050 is no multiple of 100",
        ),
        (
            lambda: new_channel_req(index=256, frequency_hz=0, min_data_rate=0, max_data_rate=0),
            "index: 256, expected 0 to 255",
        ),
    ],
)
def test_refusal_names_the_value(make: Callable[[], MacCommand], reason: str) -> None:
    with pytest.raises(FrameError, match=f"^{reason}$"):
        make()
