from __future__ import annotations

import itertools

from tests.simulator.make import Site
from uplab.simulator.clock import parse_iso
from uplab.simulator.lorawan.airtime import airtime_ms
from uplab.simulator.troubles import acts
from uplab.simulator.troubles.scene import Scene


def scene_of(site: Site, size: int = 1) -> Scene:
    return Scene(site.air, site.joined(), lambda: (bytes(size), 5))


def counters(site: Site) -> list[int]:
    return [facts["f_cnt"] for facts in site.hops.of("device.sent") if facts["f_cnt"] is not None]


def test_counters_go_as_their_names_say() -> None:
    wanted = {
        acts.counter_repeated: [0, 1, 1, 2],
        acts.counter_jumped: [0, 301, 302],
        acts.counter_jumped_too_far: [0, 20_001, 1],
        acts.counter_restarted: [0, 1, 2, 0, 1, 3],
        acts.counter_past_16_bits: [0, 65_534, 65_535, 65_536, 65_537],
        acts.rejoin: [0, 1, 0, 1],
        acts.rapid_join: [0, 0, 1],
    }
    for act, numbers in wanted.items():
        site = Site()
        act(scene_of(site))
        assert counters(site) == numbers, act.__name__


def test_duty_cycle_is_broken_indeed() -> None:
    site = Site()
    acts.duty_cycle_broken(scene_of(site, 51))

    times = [parse_iso(facts["time"]) for facts in site.hops.of("device.sent")][1:]
    on_air_s = len(times) * airtime_ms(64, 7) / 1000
    assert on_air_s / (times[-1] - times[0] + airtime_ms(64, 7) / 1000) > 0.9  # of one in a hundred that is allowed


def test_burst_is_a_millisecond_apart() -> None:
    site = Site()
    acts.burst(scene_of(site))

    times = [round(parse_iso(facts["time"]) * 1000) for facts in site.hops.of("device.sent")]
    assert [after - before for before, after in itertools.pairwise(times)] == [1] * 7
