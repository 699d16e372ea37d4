"""Each fault can be set at a fake."""

from uplab.fakes.faults import Fault, FirstN
from uplab.scenarios.worlds.space.faults import FAULTS


def test_rows_are_faults() -> None:
    kinds = {Fault(name, FirstN(1), action, only="/w1-x").kind for name, action in FAULTS.items()}
    assert kinds == {"request", "head"}
