"""Wishes for one uplink, and what is said of them, at a lab that is up."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.cli.lab_up import Up
from uplab.scenarios.cli.hand.by_hand import ByHandError, hex_bytes, read_wish
from uplab.simulator.air import Conditions

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"port": 0}, "the port is 1 to 223, not 0"),
    ({"port": "5"}, "the port is 1 to 223, not '5'"),
    ({"payload_hex": "0g"}, "the payload is made of pairs of hexadecimal digits, not '0g'"),
    ({"rssi": 5}, "the RSSI is -150 to 0 dBm, not 5"),
    ({"at": "yesterday"}, "a time is ISO 8601, such as 2026-05-04T03:02:01+00:00, not 'yesterday'"),
    ({"gateways": "three"}, "gateways takes a whole number, not 'three'"),
    ({"region": "EU433"}, "there is no region 'EU433'; there are EU868, US915, AS923-1, AS923-1-NO-DWELL"),
    ({"class": "B"}, "there is no class 'B'; there are A, C"),
    ({"data_rate": "SF7"}, "the data rate is a whole number, not 'SF7'"),
    ({"air": "burst", "port": 5, "late": True}, "burst makes its own uplinks: leave port, late away"),
]


@pytest.mark.parametrize(("given", "words"), WRONG, ids=[str(number) for number in range(len(WRONG))])
def test_wish_that_cannot_be_is_named(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ByHandError) as caught:
        read_wish(given)

    assert str(caught.value) == words


def test_wish_is_read() -> None:
    wish = read_wish(
        {"payload_hex": "01 00 e2", "port": 7, "confirmed": True, "gateways": 3, "rssi": -91, "late": False}
    )

    assert (wish.payload, wish.port, wish.confirmed) == (b"\x01\x00\xe2", 7, True)
    assert wish.conditions == Conditions(gateways=3, rssi_dbm=-91.0)
    assert read_wish({}).conditions is None
    assert hex_bytes("", "it") == b""


def test_uplink_as_wished_arrives_as_wished(up: Up) -> None:
    said = up.send("nke_th", "--payload-hex", "110a04020000290b89", "--gateways", "3", "--rssi", "-91", "--confirmed")

    assert said.code == 0, said.err
    assert said.out.splitlines()[-1].startswith("delivered to posthere /")
    shown = up.bin()[-1]["DevEUI_uplink"]
    assert (shown["payload_hex"], shown["MType"], shown["DevLrrCnt"], shown["Late"]) == ("110a04020000290b89", 4, 3, 0)
    assert -95 <= shown["LrrRSSI"] <= -87
    assert shown["payload"]["temperature"] == 29.53


def test_trouble_of_no_name_is_answered_with_all_names() -> None:
    with pytest.raises(ByHandError, match=r"^there is no air 'list'; there are counter-repeated, counter-jumped, "):
        read_wish({"air": "list"})


def test_trouble_on_the_air_says_what_became_of_each_frame(up: Up) -> None:
    said = up.send("nke_th", "--air", "counter-repeated", "--region", "US915")

    assert said.code == 0, said.out + said.err
    lines = said.out.splitlines()
    assert "counter-repeated: the device sends another payload under the counter of its last uplink" in lines
    assert "must be dropped: a counter is used once (LoRaWAN 1.0.2 section 4.3.1.5, public)" in lines
    frames = [line for line in lines if line.startswith("FCntUp ")]
    assert [line.split()[1] for line in frames] == ["0", "1", "1", "2"]
    assert "dropped (replay)" in frames[2]
    assert all("accepted (200), delivered to posthere /" in line for line in (frames[0], frames[1], frames[3]))
    assert lines[-1] == "as it must be"
    shown = [one["DevEUI_uplink"] for one in up.bin()][-3:]
    assert [one["FCntUp"] for one in shown] == [0, 1, 2]
    assert {902.0 < one["Frequency"] < 915.0 for one in shown} == {True}


def test_payload_that_its_data_rate_does_not_carry_is_refused_in_one_line(up: Up) -> None:
    wish = ("nke_th", "--region", "US915", "--data-rate", "0", "--payload-hex", "00" * 12)

    assert up.complain(*wish) == "payload: 12 bytes, DR0 of US915 carries at most 11"
    assert up.complain("nke_th", "--region", "AS923-1", "--data-rate", "0") == (
        "data_rate: no channel of the device in AS923-1 carries DR0"
    )


def test_device_of_class_c_takes_a_downlink_at_once(up: Up) -> None:
    said = up.send("nke_th", "--class", "C")
    dev_eui = said.out.split()[1] if said.out.startswith("bound") else said.out.split()[0]

    told = up.run("downlink", dev_eui, "--payload-hex", "3e01", "--port", "5")

    assert told.code == 0, told.err
    assert told.out.splitlines()[-1] == "the device received 3e01 on FPort 5"
    assert up.bin()[-1].keys() & {"DevEUI_uplink", "DevEUI_downlink_Sent"}


def test_late_uplink_says_so(up: Up) -> None:
    said = up.send("nke_th", "--late", "--port", "125")

    assert said.code == 0, said.err
    assert up.bin()[-1]["DevEUI_uplink"]["Late"] == 1


def test_downlink_is_received_after_the_next_uplink(up: Up) -> None:
    joined = up.run("join", "ellenex_pls2_l")
    dev_eui = joined.out.split()[0]
    up.send("ellenex_pls2_l", "--dev-eui", dev_eui)

    asked = up.run("downlink", dev_eui, "--payload-hex", "0700", "--port", "5")
    sent = up.send("ellenex_pls2_l", "--dev-eui", dev_eui)

    assert asked.out.splitlines()[0] == f"{dev_eui}: accepted (202), queued"
    assert sent.out.splitlines()[-1] == "the device received 0700 on FPort 5"
    again = up.run("rejoin", dev_eui)
    assert again.out.startswith(f"{dev_eui} (ellenex_pls2_l) joined once more: DevAddr ")


def test_raw_frame_that_nobody_knows_is_refused(up: Up) -> None:
    dev_eui = up.run("join", "axioma_w1").out.split()[0]

    said = up.run("send", "--phy", "400102030400000005aabbccddee", "--dev-eui", dev_eui)

    assert (said.code, said.err) == (1, "uplab: the network server made no document of it: unknown_device\n")
