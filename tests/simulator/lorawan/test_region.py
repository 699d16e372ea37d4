from __future__ import annotations

import dataclasses

import pytest

from uplab.simulator.lorawan.airtime import airtime_ms
from uplab.simulator.lorawan.frame import MAX_PHY_BYTES
from uplab.simulator.lorawan.region import AS923_1, AS923_1_NO_DWELL, EU868, REGIONS, US915, Channel, DataRate, Region

EVERY_REGION = pytest.mark.parametrize("region", REGIONS.values(), ids=REGIONS)


def test_europe_numbers_its_channels_as_thingpark_does() -> None:
    assert [(c.lc, c.sub_band, c.frequency_hz / 1e6) for c in EU868.channels] == [
        ("LC1", "G1", 868.1),
        ("LC2", "G1", 868.3),
        ("LC3", "G1", 868.5),
        ("LC4", "G0", 867.1),
        ("LC5", "G0", 867.3),
        ("LC6", "G0", 867.5),
        ("LC7", "G0", 867.7),
        ("LC8", "G0", 867.9),
    ]


def test_europe_answers_on_869_525_in_rx2() -> None:
    assert (EU868.rx2.channel.lc, EU868.rx2.channel.sub_band, EU868.rx2.channel.frequency_hz) == (
        "LC254",
        "G3",
        869_525_000,
    )
    assert EU868.rx2.data_rate == 0


def test_europe_joins_on_three_channels_and_brings_five() -> None:
    # The CFList that European networks send, as public join accepts show it.
    assert EU868.cf_list().hex() == "184f84e85684b85e84886684586e8400"


def test_america_has_no_further_channels_to_bring() -> None:
    assert US915.cf_list() == b""
    assert US915.default_channels == len(US915.channels)


def test_asia_brings_five_channels_to_its_two() -> None:
    frequencies = [channel.frequency_hz for channel in AS923_1.channels]

    assert frequencies == [923_200_000 + 200_000 * n for n in range(7)]
    assert AS923_1.default_channels == 2
    assert AS923_1.cf_list().hex() == "20ee8cf0f58cc0fd8c90058d600d8d00"


@pytest.mark.parametrize(
    ("lc", "frequency_hz"),
    [("LC0", 902_300_000), ("LC2", 902_700_000), ("LC5", 903_300_000), ("LC6", 903_500_000), ("LC71", 914_200_000)],
)
def test_america_names_its_channels_as_captures_do(lc: str, frequency_hz: int) -> None:
    # The first four stand in public captures of ThingPark documents.
    assert {channel.lc: channel.frequency_hz for channel in US915.channels}[lc] == frequency_hz


@pytest.mark.parametrize(
    ("region", "rates"), [(EU868, {0, 1, 2, 3, 4, 5}), (US915, {0, 4}), (AS923_1, {2, 3, 4, 5})], ids=str
)
def test_devices_ask_to_join_in_the_published_data_rates(region: Region, rates: set[int]) -> None:
    carried = {
        rate
        for channel in region.channels[: region.default_channels]
        for rate in range(channel.min_data_rate, channel.max_data_rate + 1)
    }

    assert set(region.join_data_rates) == rates
    assert rates <= carried


@EVERY_REGION
def test_every_join_request_keeps_the_dwell_time(region: Region) -> None:
    narrow = [region.data_rates[rate] for rate in region.join_data_rates]

    assert all(airtime_ms(23, rate.sf, rate.bandwidth_hz) <= (region.dwell_ms or 2000) for rate in narrow)


def test_data_rates_beyond_the_dwell_time_are_in_no_channel() -> None:
    shortest = {rate: airtime_ms(13, AS923_1.data_rates[rate].sf) for rate in range(6)}

    assert {rate for rate, ms in shortest.items() if ms <= 400} == {2, 3, 4, 5}
    assert {channel.min_data_rate for channel in AS923_1.channels} == {2}
    assert {channel.min_data_rate for channel in AS923_1_NO_DWELL.channels} == {0}


def test_america_has_72_uplink_channels() -> None:
    frequencies = [channel.frequency_hz for channel in US915.channels]

    assert len(set(frequencies)) == 72
    assert (frequencies[0], frequencies[63], frequencies[64], frequencies[71]) == (
        902_300_000,
        914_900_000,
        903_000_000,
        914_200_000,
    )


@pytest.mark.parametrize(
    ("uplink", "downlink_hz"),
    # 63 and 64 as the tests of the public library brocaar/lorawan have them.
    [(0, 923_300_000), (7, 927_500_000), (8, 923_300_000), (63, 927_500_000), (64, 923_300_000), (65, 923_900_000)],
)
def test_america_answers_on_the_channel_modulo_eight(uplink: int, downlink_hz: int) -> None:
    channel = US915.channels[uplink]

    assert US915.rx1(channel, channel.max_data_rate).channel.frequency_hz == downlink_hz


@pytest.mark.parametrize("region", [EU868, AS923_1], ids=lambda region: region.name)
def test_elsewhere_the_answer_comes_on_the_same_channel(region: Region) -> None:
    assert all(region.rx1(channel, 5).channel is channel for channel in region.channels)


@pytest.mark.parametrize(
    ("region", "data_rate", "offset", "expected"),
    [
        (EU868, 5, 0, 5),
        (EU868, 5, 2, 3),
        (EU868, 1, 5, 0),
        (US915, 0, 0, 10),
        (US915, 0, 3, 8),
        (US915, 4, 0, 13),
        (US915, 4, 3, 11),
        (AS923_1, 5, 7, 5),
        (AS923_1, 2, 6, 3),
        (AS923_1, 5, 5, 2),
        (AS923_1_NO_DWELL, 5, 5, 0),
    ],
)
def test_offset_lowers_the_answer(region: Region, data_rate: int, offset: int, expected: int) -> None:
    assert region.rx1(region.channels[0], data_rate, offset).data_rate == expected


@pytest.mark.parametrize(
    ("region", "answers"),
    [(AS923_1, (5, 4, 3, 2, 2, 2, 5, 5)), (AS923_1_NO_DWELL, (5, 4, 3, 2, 1, 0, 5, 5))],
    ids=["dwell", "no dwell"],
)
def test_asia_answers_as_a_public_library_does(region: Region, answers: tuple[int, ...]) -> None:
    # The rows of band_as923_test.go of brocaar/lorawan, with the dwell time and without.
    assert tuple(region.rx1(region.channels[0], 5, offset).data_rate for offset in range(8)) == answers
    assert [region.rx1(region.channels[0], 2, offset).data_rate for offset in (6, 7)] == [3, 4]


@EVERY_REGION
def test_each_answer_has_a_data_rate_of_the_region(region: Region) -> None:
    answers = {answer for offsets in region.rx1_data_rates.values() for answer in offsets}

    assert answers <= set(region.data_rates)
    assert region.rx2.data_rate in region.data_rates


@EVERY_REGION
def test_each_channel_is_named_once(region: Region) -> None:
    assert len({channel.lc for channel in region.channels}) == len(region.channels)
    assert all(rate in region.data_rates for c in region.channels for rate in (c.min_data_rate, c.max_data_rate))


@EVERY_REGION
def test_largest_payload_fits_a_frame(region: Region) -> None:
    assert all(rate.max_payload_bytes + 13 <= MAX_PHY_BYTES for rate in region.data_rates.values())


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        (EU868, {0: 51, 1: 51, 2: 51, 3: 115, 4: 242, 5: 242, 6: 242}),
        (US915, {0: 11, 1: 53, 2: 125, 3: 242, 4: 242, 8: 53, 9: 129, 10: 242, 11: 242, 12: 242, 13: 242}),
        (AS923_1, {0: 0, 1: 0, 2: 11, 3: 53, 4: 125, 5: 242, 6: 242}),
        (AS923_1_NO_DWELL, {0: 51, 1: 51, 2: 51, 3: 115, 4: 242, 5: 242, 6: 242}),
    ],
)
def test_payload_limits_are_the_published_ones(region: Region, expected: dict[int, int]) -> None:
    assert {index: rate.max_payload_bytes for index, rate in region.data_rates.items()} == expected


@pytest.mark.parametrize("region", [US915, AS923_1], ids=lambda region: region.name)
def test_largest_payload_keeps_the_dwell_time(region: Region) -> None:
    assert region.dwell_ms == 400
    narrow = [rate for rate in region.data_rates.values() if rate.bandwidth_hz == 125_000 and rate.max_payload_bytes]
    assert all(airtime_ms(rate.max_payload_bytes + 13, rate.sf) <= 400 for rate in narrow)


def test_data_rates_name_spreading_and_bandwidth() -> None:
    assert EU868.data_rates[0] == DataRate(12, 125_000, 51)
    assert EU868.data_rates[6] == DataRate(7, 250_000, 242)
    assert US915.data_rates[4] == DataRate(8, 500_000, 242)
    assert US915.data_rates[8] == DataRate(12, 500_000, 53)


@pytest.mark.parametrize(
    ("frequency_hz", "name", "duty_cycle"),
    [
        (868_100_000, "M", 0.01),
        (867_100_000, "L", 0.01),
        (868_800_000, "N", 0.001),
        (869_525_000, "P", 0.1),
        (869_800_000, "R", 0.01),
        (864_000_000, "K", 0.001),
    ],
)
def test_europe_shares_the_air_by_sub_band(frequency_hz: int, name: str, duty_cycle: float) -> None:
    band = EU868.duty_band(frequency_hz)

    assert band is not None
    assert (band.name, band.duty_cycle) == (name, duty_cycle)


def test_america_has_no_duty_cycle() -> None:
    assert US915.duty_band(902_300_000) is None


def test_between_the_sub_bands_is_none() -> None:
    assert EU868.duty_band(869_300_000) is None


@pytest.mark.parametrize(
    ("region", "tx_power", "dbm"), [(EU868, 0, 16), (EU868, 7, 2), (US915, 0, 30), (US915, 10, 10)]
)
def test_power_falls_two_db_a_step(region: Region, tx_power: int, dbm: int) -> None:
    assert region.tx_power_dbm(tx_power) == dbm


@pytest.mark.parametrize("tx_power", [-1, 8])
def test_unknown_power_is_refused(tx_power: int) -> None:
    with pytest.raises(ValueError, match=rf"^tx_power: {tx_power}, expected 0 to 7 in EU868$"):
        EU868.tx_power_dbm(tx_power)


def test_unknown_window_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^data_rate: EU868 has no uplink DR9$"):
        EU868.rx1(EU868.channels[0], 9)
    with pytest.raises(ValueError, match=r"^offset: 6, expected 0 to 5 in EU868$"):
        EU868.rx1(EU868.channels[0], 5, 6)


def test_channel_of_another_region_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^channel: US915 has no LC1 of 868100000 Hz$"):
        US915.rx1(Channel("LC1", "G1", 868_100_000, 0, 5), 0)


def test_an_operator_may_name_its_sub_bands() -> None:
    # SubBand is the operator's: a profile replaces the channels, nothing else depends on the letters
    named = dataclasses.replace(
        EU868, channels=tuple(dataclasses.replace(channel, sub_band="G2") for channel in EU868.channels)
    )

    assert {channel.sub_band for channel in named.channels} == {"G2"}
    assert named.cf_list() == EU868.cf_list()
