from __future__ import annotations

import dataclasses
import importlib
import pkgutil

import pytest

import uplab.simulator.payloads
from uplab.simulator.lorawan.region import EU868
from uplab.simulator.payloads import MODELS, Driver, Model

EVERY_MODEL = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
NOT_MODELS = {"abeeway", "fields", "own", "recorded"}


def test_each_module_of_a_model_is_in_the_table() -> None:
    modules = {module.name for module in pkgutil.iter_modules(uplab.simulator.payloads.__path__)}

    assert modules - NOT_MODELS == set(MODELS)


@EVERY_MODEL
def test_table_repeats_what_the_module_says(model: Model) -> None:
    module = importlib.import_module(f"uplab.simulator.payloads.{model.name}")

    assert (model.name, model.f_port) == (module.MODEL, module.F_PORT)
    assert (module.Readings, module.encode) == (model.readings, model.encode)


@EVERY_MODEL
def test_port_is_one_for_applications(model: Model) -> None:
    assert 1 <= model.f_port <= 223


@EVERY_MODEL
def test_readings_are_frozen_values(model: Model) -> None:
    parameters = getattr(model.readings, "__dataclass_params__")  # noqa: B009 (mypy knows no such attribute)

    assert dataclasses.is_dataclass(model.readings)
    assert parameters.frozen
    assert hasattr(model.readings, "__slots__")


@EVERY_MODEL
def test_drivers_are_named_whole(model: Model) -> None:
    for driver in (model.driver_mod, model.driver_app):
        assert all(dataclasses.astuple(driver))


def test_elsys_is_named_as_thingpark_documents_name_it() -> None:
    assert MODELS["elsys_ers"].driver_mod == Driver("elsys", "ers", "1")
    assert MODELS["elsys_ers"].driver_app == Driver("elsys", "generic", "1")


def test_largest_payload_fits_the_slowest_data_rate() -> None:
    axioma = MODELS["axioma_w1"]

    largest = axioma.encode(axioma.readings(0, 0, 0, 0, (0,) * 15))

    assert len(largest) == 47 <= EU868.data_rates[0].max_payload_bytes
