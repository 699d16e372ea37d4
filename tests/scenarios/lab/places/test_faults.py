from types import SimpleNamespace
from typing import Any, cast

import pytest

from uplab.fakes.behaviour import Behaviour
from uplab.fakes.faults import Fault, Nth, Status
from uplab.scenarios.checks.verdict import CheckUnknown
from uplab.scenarios.history.history import History
from uplab.scenarios.history.identity import Ledger
from uplab.scenarios.lab.lab import Lab
from uplab.scenarios.lab.places.faults import planned
from uplab.scenarios.under_test.deadlines import Deadlines

REFUSED = Fault("refused", Nth(1), Status(503))
HUNG = Fault("hung", Nth(2), Status(504))


def lab() -> Any:
    loop = SimpleNamespace(call=lambda function: function())
    return SimpleNamespace(
        deadlines=Deadlines(delivery_s=0.01),
        history=History(Ledger()),
        loop=loop,
        posthere=SimpleNamespace(name="posthere", behaviour=Behaviour()),
        other=SimpleNamespace(name="other"),
        way=SimpleNamespace(shared=()),
        hand_over=lambda: None,
    )


def meet(one: Any, fault: Fault) -> None:
    one.history.emit("fault.delivered", {"fault": fault.id, "exchange": 1, "action": "503"})


def play(one: Any, planned_faults: list[Fault], met: list[Fault], *, failing: bool = False) -> None:
    """A scenario that plans faults and meets some of them."""
    with planned(cast(Lab, one)) as faults:
        faults.plan(*planned_faults)
        for fault in met:
            meet(one, fault)
        if failing:
            raise ZeroDivisionError


def test_fault_that_never_happened_leaves_the_scenario_unknown() -> None:
    with pytest.raises(CheckUnknown, match=r"never met.*: hung$"):
        play(lab(), [REFUSED, HUNG], [REFUSED])


def test_failure_of_the_scenario_is_not_hidden_by_a_missing_fault() -> None:
    with pytest.raises(ZeroDivisionError):
        play(lab(), [REFUSED], [], failing=True)


def test_faults_that_happened_are_enough() -> None:
    one = lab()
    with planned(cast(Lab, one)) as faults:
        faults.plan(REFUSED, HUNG)
        meet(one, REFUSED)
        meet(one, HUNG)
        assert len(faults.happened(count=2)) == 2


def test_fakes_are_well_again_afterwards() -> None:
    one = lab()
    with planned(cast(Lab, one)) as faults:
        faults.plan(REFUSED)
        faults.plan(HUNG, at=one.other)
        assert one.posthere.behaviour.faults == (REFUSED,)
        assert one.other.behaviour.faults == (HUNG,)
        meet(one, REFUSED)
        meet(one, HUNG)
    assert one.posthere.behaviour.faults == one.other.behaviour.faults == ()


def test_waiting_for_a_fault_ends_when_its_time_is_up() -> None:
    one = lab()
    with planned(cast(Lab, one)) as faults:
        assert faults.happened() == []
