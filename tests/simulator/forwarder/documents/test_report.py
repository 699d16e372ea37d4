"""The forwarder's own lists of roots and times are judged with everybody else's in tests/thingpark."""

from __future__ import annotations

import pytest

from uplab.simulator.forwarder.documents import report

REALS = [(-91.0, -91.0), ("-91.000000", -91.0), ("1.1E-5", 1.1e-5), (5, 5.0), ("5", 5.0), (True, None), ("", None)]
REALS += [("NaN", None), ("1e999", None), ("abc", None), (None, None), ("0x10", None)]


@pytest.mark.parametrize(("written", "number"), REALS, ids=repr)
def test_real_number_is_read_in_each_of_its_forms(written: object, number: float | None) -> None:
    assert report.real(written) == number
