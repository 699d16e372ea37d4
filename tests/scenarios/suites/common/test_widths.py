from uplab.scenarios.suites.common.widths import OFFSETS, READINGS, WIDTHS, _at
from uplab.simulator.chance import Chance
from uplab.simulator.devices.measurement import Sensor
from uplab.simulator.payloads import MODELS


def test_every_model_has_readings_that_it_can_send() -> None:
    from dataclasses import replace

    assert set(READINGS) == set(MODELS)
    for model, rows in READINGS.items():
        measured = Sensor(model, Chance(1).stream(model)).measure()
        assert all(MODELS[model].encode(replace(measured, **row)) for row in rows)


def test_boundaries_are_in_the_table() -> None:
    values = list(WIDTHS.values())
    assert {0, 1, 223, 224} <= {changes.get("FPort") for changes in values}
    assert {0, 65_535, 65_536, 2**32 - 1} <= {changes.get("FCntUp") for changes in values}
    assert {0, 1, 52, 222} <= {len(str(changes.get("payload_hex", "-"))) // 2 for changes in values}


def test_time_is_written_with_each_offset() -> None:
    assert [_at(1.0, offset)[-6:] for offset in OFFSETS] == list(OFFSETS)
