from __future__ import annotations

from typing import Any

import pytest

from uplab.simulator.forwarder.documents.drivers.abeeway_parameters import CHOICES, NAMES, read_parameter
from uplab.simulator.forwarder.documents.drivers.driver import DriverError, Reader


@pytest.mark.parametrize(
    ("payload_hex", "parameter"),
    [
        ("010000012c", ("loralivePeriod", 300)),
        ("1affffffb0", ("bleRssiFilter", -80)),  # a negative number
        ("0600000007", ("oneshotGeolocMethod", "BXGPS")),
        ("0600000063", ("oneshotGeolocMethod", 99)),  # a value that has no name
        ("fe000202c4", ("firmwareVersion", "2.2.196")),
        ("f600000009", ("dynamicProfile", 9)),
    ],
)
def test_parameter_is_read(payload_hex: str, parameter: tuple[str, Any]) -> None:
    assert read_parameter(Reader(bytes.fromhex(payload_hex))) == parameter


def test_parameter_of_no_list_and_a_short_one_are_said() -> None:
    with pytest.raises(DriverError, match="unknown parameter 124"):
        read_parameter(Reader(bytes.fromhex("7c00000005")))
    with pytest.raises(DriverError, match="wrong payload length"):
        read_parameter(Reader(bytes.fromhex("01000005")))


def test_each_number_and_each_name_is_there_once() -> None:
    names = [*NAMES.values(), *(name for name, _ in CHOICES.values())]
    assert len(names) == len(set(names)) == len({*NAMES, *CHOICES})
