"""Each row of the documents is a step that can be posted."""

from uplab.scenarios.worlds.plan import Post
from uplab.scenarios.worlds.space.documents import DOCUMENTS, ROOTS
from uplab.simulator.thingpark import documents


def test_rows_are_steps() -> None:
    assert all(Post(device="a", **row) for row in DOCUMENTS.values())


def test_roots_are_thingparks() -> None:
    assert {f"DevEUI_{name}" for name in ROOTS} | {"DevEUI_uplink", "BS_alarm"} == set(documents.ROOTS)
