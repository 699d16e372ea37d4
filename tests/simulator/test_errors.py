from __future__ import annotations

import pytest

from uplab.simulator.errors import SimulatorError


def test_the_harness_blames_itself_by_type() -> None:
    with pytest.raises(SimulatorError, match=r"^no such gateway$"):
        raise SimulatorError("no such gateway")
