from __future__ import annotations

import pytest

from uplab.simulator.devices.tuning import Tuning
from uplab.simulator.lorawan.region import AS923_1, AS923_1_NO_DWELL, EU868, US915, Region


@pytest.mark.parametrize(
    ("region", "data_rate", "asked_in"),
    [
        (EU868, 5, [5, 5, 5]),
        (EU868, 0, [0, 0, 0]),
        (US915, 3, [0, 4, 0]),
        (US915, 4, [4, 4, 4]),
        (AS923_1, 5, [5, 5, 5]),
        (AS923_1_NO_DWELL, 0, [2, 3, 4]),
    ],
)
def test_joins_are_asked_for_in_the_regions_data_rates(region: Region, data_rate: int, asked_in: list[int]) -> None:
    tuning = Tuning(region, 1, data_rate)

    asked = [tuning.to_join(tries) for tries in range(3)]

    assert [rate for rate, _ in asked] == asked_in
    for rate, channels in asked:
        assert all(
            region.channels[index].min_data_rate <= rate <= region.channels[index].max_data_rate for index in channels
        )
        assert max(channels) < region.default_channels
    assert tuning.data_rate == data_rate


def test_america_joins_in_narrow_and_wide_channels() -> None:
    tuning = Tuning(US915, 1, None)

    assert (len(tuning.to_join(0)[1]), len(tuning.to_join(1)[1])) == (64, 8)


def test_a_join_accept_brings_channels_which_the_next_join_forgets() -> None:
    tuning = Tuning(EU868, 1, None)
    tuning.bring(EU868.cf_list())
    assert tuning.hop_among == tuple(range(8))

    tuning.forget()
    assert tuning.hop_among == (0, 1, 2)


@pytest.mark.parametrize("data_rate", [0, 1])
def test_dwell_time_leaves_no_channel_for_slow_data_rates(data_rate: int) -> None:
    with pytest.raises(ValueError, match=rf"^data_rate: no channel of the device in AS923-1 carries DR{data_rate}$"):
        Tuning(AS923_1, 1, data_rate)
    assert Tuning(AS923_1_NO_DWELL, 1, data_rate).payload_limit == 51
