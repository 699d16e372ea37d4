"""Each reading can be encoded by its model."""

from dataclasses import replace

from uplab.scenarios.worlds.space.readings import READINGS
from uplab.simulator.chance import Chance
from uplab.simulator.devices.measurement import Sensor
from uplab.simulator.payloads import MODELS


def test_each_model_has_readings_that_it_can_encode() -> None:
    assert set(READINGS) == set(MODELS)
    for name, rows in READINGS.items():
        measured = Sensor(name, Chance(1).stream("readings")).measure()
        for row in rows:
            assert MODELS[name].encode(replace(measured, **row))
