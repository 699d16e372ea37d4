from __future__ import annotations

from uplab.simulator.emit import Emit, ignore


def test_ignoring_is_an_emit_that_leaves_the_facts_alone() -> None:
    emit: Emit = ignore
    facts = {"dev_eui": "0018B20000000B20"}

    emit("device.sent", facts)

    assert facts == {"dev_eui": "0018B20000000B20"}
