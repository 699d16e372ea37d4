from __future__ import annotations

import itertools

import pytest

from uplab.simulator.chance import Chance
from uplab.simulator.devices.measurement import Sensor
from uplab.simulator.errors import SimulatorError
from uplab.simulator.payloads import MODELS
from uplab.simulator.payloads.elsys_ers import Readings


def make_sensor(model: str = "elsys_ers", seed: int = 7) -> Sensor:
    return Sensor(model, Chance(seed).stream("sensor"))


@pytest.mark.parametrize("name", sorted(MODELS))
def test_every_model_measures_what_it_can_send_without_repeating(name: str) -> None:
    model, sensor = MODELS[name], make_sensor(name)

    payloads = {model.encode(sensor.measure()) for _ in range(4096)}

    assert len(payloads) == 4096


def test_a_room_sensor_does_not_repeat_in_a_full_round() -> None:
    sensor = make_sensor()

    seen = {(readings.light_lx, readings.motion) for readings in (sensor.measure() for _ in range(65_536))}

    assert len(seen) == 65_536


def test_a_room_warms_and_cools_slowly() -> None:
    sensor = make_sensor()
    temperatures = [sensor.measure().temperature_c for _ in range(500)]

    assert all(abs(after - before) <= 0.6 for before, after in itertools.pairwise(temperatures))
    assert len(set(temperatures)) > 10


def test_the_same_seed_measures_the_same() -> None:
    first, second = make_sensor(), make_sensor()

    assert [first.measure() for _ in range(20)] == [second.measure() for _ in range(20)]
    assert isinstance(first.measure(), Readings)


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(SimulatorError, match="model: no sensor for 'toaster', expected one of abeeway"):
        make_sensor("toaster")
