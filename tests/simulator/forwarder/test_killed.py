"""A forwarder that is killed under traffic loses nothing that it has accepted, and invents nothing."""

from pathlib import Path

from tests.simulator.forwarder.killed import kill_often


def test_nothing_accepted_is_lost_to_kill_9(tmp_path: Path) -> None:
    counts = kill_often(tmp_path, 3, 7)

    assert counts["accepted"] > 0
    assert (counts["lost"], counts["invented"]) == (0, 0)
