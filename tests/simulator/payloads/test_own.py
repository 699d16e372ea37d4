from __future__ import annotations

from typing import Any

import pytest

from uplab.simulator.payloads.own import DeviceModel, ModelError


def encode(open_: int, battery_v: float = 3.0) -> bytes:
    return bytes([open_, round(battery_v * 10)])


def door(**more: Any) -> DeviceModel:
    return DeviceModel(**{"name": "door", "encode": encode, "f_port": 7, "measure": lambda n: {"open_": n % 2}, **more})


def test_uplink_is_measured_or_given() -> None:
    assert door().uplink(3, {}) == ({"open_": 1}, b"\x01\x1e")
    assert door().uplink(3, {"open_": 0}) == ({"open_": 0}, b"\x00\x1e")


def test_reading_that_it_has_not_is_said() -> None:
    with pytest.raises(ValueError, match=r"opn_ is no reading of door; did you mean open_\?"):
        door().uplink(0, {"opn_": 1})


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (door(measure=lambda n: {"open_": n / 0}), "the model door broke in measure(0), test_own.py:"),
        (door(measure=lambda _: {"open_": 900}), "the model door broke in encode(open_=900), test_own.py:"),
        (door(measure=lambda _: 5), "the model door: measure gave back 5, and not readings by name"),
        (door(encode=lambda **_: "01"), "the model door: encode gave back '01', and not bytes"),
    ],
)
def test_mistake_of_its_author_is_one_line_with_the_place(model: DeviceModel, told: str) -> None:
    with pytest.raises(ModelError) as raised:
        model.uplink(0, {})

    assert str(raised.value).startswith(told)
    assert "\n" not in str(raised.value)
