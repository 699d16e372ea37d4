from typing import Any

import pytest

from uplab.scenarios.lab.loop import LoopThread
from uplab.scenarios.lab.upstream import Upstream


def on_the_air(*earlier: str, seed: int = 7) -> list[Any]:
    """The frames of the scenario `this` and how they were heard, after those of earlier scenarios."""
    hops: list[tuple[str, dict[str, Any]]] = []
    loop = LoopThread()
    upstream = Upstream(
        loop,
        emit=lambda hop, facts: hops.append((hop, facts)),
        seed=seed,
        as_id="A.1.AS",
        as_key="0" * 32,
        host="127.0.0.1",
    )
    try:
        for scenario in (*earlier, "this"):
            upstream.begin(scenario)
            hops.clear()
            device = upstream.device("elsys_ers")
            loop.call(lambda device=device: upstream.air.join(device))  # type: ignore[misc]
            for _ in range(2):
                _, payload, f_port = upstream.measure(device, {})
                loop.call(lambda device=device, p=payload, f=f_port: upstream.air.send(device, p, f_port=f))  # type: ignore[misc]
    finally:
        upstream.stop()
        loop.stop()
    told = ("phy_hex", "rssi_dbm", "snr_db")
    return [(hop, *(facts[key] for key in told if key in facts)) for hop, facts in hops if "phy_hex" in facts]


@pytest.mark.parametrize("earlier", [("another",), ("another", "a third")], ids=["one-before", "two-before"])
def test_frames_of_a_scenario_are_the_same_whatever_ran_before(earlier: tuple[str, ...]) -> None:
    alone = on_the_air()
    assert len([hop for hop, *_ in alone if hop == "device.sent"]) >= 2
    assert on_the_air(*earlier) == alone


def test_second_time_in_the_same_lab_has_other_devices() -> None:
    assert on_the_air("this") != on_the_air()


def test_another_seed_gives_other_frames() -> None:
    assert on_the_air(seed=8) != on_the_air()
