"""The document that a step posts."""

from datetime import UTC, datetime

from uplab.scenarios.worlds.plan import Post
from uplab.scenarios.worlds.playing.posted import document_of
from uplab.simulator.thingpark.documents import root_of

EUI = "20635F0106000001"


def test_members_are_changed_and_taken_away() -> None:
    step = Post(device="a", change={"FPort": None, "note": "x"}, lower=True)
    [report] = document_of(step, EUI, {"name": "d"}, 3).values()
    assert "FPort" not in report
    assert (report["note"], report["DevEUI"], report["FCntUp"]) == ("x", EUI.lower(), 40_003)


def test_time_is_written_with_its_offset() -> None:
    [report] = document_of(Post(device="a", age_s=3600.0, offset="+05:45"), EUI, {}, 0).values()
    assert report["Time"].endswith("+05:45")
    age_s = (datetime.now(UTC) - datetime.fromisoformat(report["Time"])).total_seconds()
    assert age_s >= 3600


def test_every_root_can_be_recognised() -> None:
    for root in ("location", "notification", "alarm"):
        assert root_of(document_of(Post(device="a", root=root), EUI, {}, 1)) is not None
    assert list(document_of(Post(device="a", reverse=True), EUI, {}, 1)["DevEUI_uplink"])[-1] == "Time"
