"""What the driver of the Axioma W1 does beyond the public vector."""

from __future__ import annotations

import pytest

from tests.simulator.forwarder.documents.drivers.asking import cfg, decoded, failure
from uplab.simulator.forwarder.documents.drivers import decode

AXIOMA = ("axioma", "w1")


def test_volumes_run_by_the_hour_to_the_last() -> None:
    vector = "bfc7e7600028950100c0e8e660f79301001e0004000f000b00200005001d0054002d000f000a000a00000003000300"

    volumes = decoded(AXIOMA, 100, vector)["volumes"]

    assert volumes[:2] == [
        {"time": "2021-07-08T12:00:00Z", "volume": 103415},
        {"time": "2021-07-08T13:00:00Z", "volume": 103445},
    ]
    assert volumes[-2:] == [
        {"time": "2021-07-09T03:00:00Z", "volume": 103711},
        {"time": "2021-07-09T03:51:27Z", "volume": 103720},
    ]


def test_status_tells_battery_and_leakage() -> None:
    payload = decoded(AXIOMA, 100, "bfc7e76034" + "28950100c0e8e660f7930100")

    assert payload["status"] == {"lowBattery": True, "permanentError": False, "temporaryError": "leakage"}


def test_alarm_and_configuration_are_read() -> None:
    assert decoded(AXIOMA, 103, "dd48ae6010") == {
        "payloadType": "Device alarms",
        "date": "2021-05-26T13:10:53Z",
        "alarmDescription": "EMPTY PIPE",
    }
    told = decoded(AXIOMA, 101, "04ff891331fd17041344ff891344934d931e206201")
    assert [value["dataType"] for value in told["values"]] == [
        "Current date and time, Unix time",
        "Status byte",
        "Total volume, L",
        "Current date and time, Unix time",
        "Volume at log date, L",
        "Historical total volume, L",
    ]
    assert (told["values"][-1]["size"], told["spacing"], told["lengthByte"]) == ("variable", 1, 32)
    assert told["spacingUnit"] == {"changeType": "positive difference", "unit": "hours", "recordSize": 2}


@pytest.mark.parametrize(("time_s", "believed"), [(1_625_802_687.0, True), (1_600_000_000.0, True), (1.0, False)])
def test_clock_far_from_the_networks_is_an_error(time_s: float, believed: bool) -> None:
    vector = bytes.fromhex("bfc7e7600028950100c0e8e660f7930100")

    answer = decode(cfg(AXIOMA), 100, vector, time_s)

    assert (answer.error is None) == believed
    assert decode(cfg(AXIOMA), 100, vector).error is None


def test_half_a_difference_is_refused() -> None:
    assert failure(AXIOMA, 100, "bfc7e7600028950100c0e8e660f79301001e") == "wrong payload length"
