"""What the driver of the Axioma W1 does beyond the public vector."""

from __future__ import annotations

from tests.simulator.forwarder.documents.drivers.asking import decoded, failure

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


def test_half_a_difference_is_refused() -> None:
    assert failure(AXIOMA, 100, "bfc7e7600028950100c0e8e660f79301001e") == "wrong payload length"
