from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.simulator.make import Site
from uplab.simulator.clock import parse_iso
from uplab.simulator.devices.device import Device
from uplab.simulator.errors import SimulatorError
from uplab.simulator.lorawan.region import AS923_1, EU868, US915, Region
from uplab.simulator.payloads import MODELS
from uplab.simulator.troubles.scene import NOT_HEARD, Played
from uplab.simulator.troubles.table import TROUBLES

EVERY = pytest.mark.parametrize("name", TROUBLES)


def play(site: Site, name: str, device: Device | None = None) -> Played:
    device = device or site.joined()
    model = MODELS[device.model]
    return TROUBLES[name].play(site.air, device, lambda: (model.encode(device.measure()), model.f_port))


def uplinks(played: Played) -> list[dict[str, Any]]:
    """The uplinks that the network made, without those of joins."""
    found = [document["DevEUI_uplink"] for document in played.documents if "DevEUI_uplink" in document]
    return [body for body in found if "FCntUp" in body]


def sent(site: Site) -> list[dict[str, Any]]:
    return [facts for facts in site.hops.of("device.sent") if facts["f_cnt"] is not None]


@pytest.mark.parametrize("region", [EU868, US915, AS923_1], ids=lambda region: str(region.name))
@EVERY
def test_every_frame_has_the_fate_of_its_row(region: Region, name: str) -> None:
    site = Site(region=region)
    played = play(site, name)

    frames = sent(site)
    made = Counter((body["FCntUp"], body["Time"]) for body in uplinks(played))
    assert len(frames) == len(played.frames)
    for frame, wanted in zip(frames, played.frames, strict=True):
        count = made[frame["f_cnt"], frame["time"]]
        assert count == {"accepted": 1, "dropped": 0, "either": count}[wanted.fate], (frame, wanted)
    assert set(made.values()) == {1}
    assert sum(made.values()) <= len(frames)


@EVERY
def test_what_is_dropped_is_dropped_for_the_reason_of_the_row(name: str) -> None:
    site = Site()
    played = play(site, name)

    refused = {facts["phy_hex"] for facts in site.hops.of("network.refused")}
    reasons = {facts["reason"] for facts in site.hops.of("network.refused")}
    wanted = {one.why for one in played.frames if one.fate == "dropped"} - {NOT_HEARD}
    joins = {
        "wrong-join-key": {"mic"},
        "nonce-repeated": {"dev_nonce"},
        "duplicate-late": {"replay"},
        "gateway-cut-off": {"replay"},
    }.get(name, set())
    assert reasons == wanted | joins
    heard = {facts["phy_hex"] for facts in site.hops.of("gateway.heard")}
    for frame, one in zip(sent(site), played.frames, strict=True):
        if one.why == NOT_HEARD:
            assert frame["phy_hex"] not in heard
        elif one.fate == "dropped":
            assert frame["phy_hex"] in refused


@EVERY
def test_every_row_says_what_it_does_and_who_says_so(name: str) -> None:
    row = TROUBLES[name]

    assert row.name == name
    assert row.does
    assert row.oracle.split(",")[0].split(":")[0].split(" ")[0] in ("accepted", "dropped", "what", "each")
    assert row.source
    assert row.label in ("public", "our reading")


@EVERY
def test_nothing_of_a_trouble_is_left_behind(name: str) -> None:
    site = Site()
    device = site.joined()
    play(site, name, device)
    other = site.joined()

    for one in (device, other):
        documents = site.air.send(one, b"\x01", f_port=5)
        [body] = [document["DevEUI_uplink"] for document in documents]
        assert (body["DevLrrCnt"], body["Late"], body["LrrSNR"] > 0) == (2, 0, True)


@EVERY
def test_the_same_seed_is_the_same_trouble(name: str) -> None:
    assert play(Site(seed=5), name).documents == play(Site(seed=5), name).documents


def test_chance_lets_some_through_and_some_not() -> None:
    for name in ("weak-signal", "random-loss"):
        counts = set()
        for seed in range(8):
            played = play(Site(seed=seed), name)
            counts.add(len(uplinks(played)) < len(played.frames))
        assert True in counts, name


def test_late_uplinks_keep_the_time_at_which_they_were_heard() -> None:
    site = Site()

    played = play(site, "gateway-cut-off")

    assert [body["Late"] for body in uplinks(played)] == [0, 1, 1, 1, 0]
    times = [parse_iso(body["Time"]) for body in uplinks(played)]
    assert times == sorted(times)


def test_five_gateways_are_one_document() -> None:
    played = play(Site(), "duplicates")

    assert [body["DevLrrCnt"] for body in uplinks(played)] == [5, 5, 5]


def test_who_has_not_joined_has_no_trouble() -> None:
    site = Site()

    with pytest.raises(SimulatorError, match="has not joined"):
        play(site, "burst", site.fleet.device())
