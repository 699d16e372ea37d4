"""Documents of the suites' own making are heard as their device's region has it, and no two devices alike."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from uplab.scenarios import LabDevice
from uplab.scenarios.suites.common.reports import ROOTS, uplink
from uplab.simulator.lorawan.region import REGIONS


def made(region: str, number: int = 0) -> dict[str, Any]:
    device = SimpleNamespace(dev_eui=f"20635F01060000{number:02X}", name="one", region=REGIONS[region])
    report: dict[str, Any] = uplink(cast("LabDevice", device))["DevEUI_uplink"]
    return report


@pytest.mark.parametrize("region", REGIONS)
def test_uplink_names_a_channel_and_a_data_rate_of_its_region(region: str) -> None:
    plan = REGIONS[region]
    channels = {(one.lc, one.sub_band, one.frequency_hz / 1e6): one for one in plan.channels}

    for number in range(40):
        report = made(region, number)
        channel = channels[report["Channel"], report["SubBand"], report["Frequency"]]
        rates = range(channel.min_data_rate, channel.max_data_rate + 1)
        assert report["SpFact"] in {plan.data_rates[rate].sf for rate in rates}
        assert report["TxPower"] <= plan.max_eirp_dbm
        heard = report["Lrrs"]["Lrr"]
        assert len(heard) == report["DevLrrCnt"]
        assert (report["Lrrid"], report["LrrRSSI"]) in [(one["Lrrid"], one["LrrRSSI"]) for one in heard]


def test_draw_follows_from_the_device_alone() -> None:
    first, again = made("US915"), made("US915")
    drawn = [made("US915", number) for number in range(12)]

    assert {**first, "Time": 0, "FCntUp": 0} == {**again, "Time": 0, "FCntUp": 0}
    for name in ("Channel", "Lrrid", "CustomerID", "DevAddr", "LrrRSSI", "LrrLAT"):
        assert len({report[name] for report in drawn}) > 2


def test_reports_of_one_device_name_one_customer() -> None:
    device = cast("LabDevice", SimpleNamespace(dev_eui="20635F0106000001", name="one", region=REGIONS["EU868"]))
    documents = [uplink(device), *(make(device) for make in ROOTS.values())]

    assert len({next(iter(one.values()))["CustomerID"] for one in documents}) == 1
