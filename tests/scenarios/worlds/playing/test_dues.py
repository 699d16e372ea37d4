"""What each document that was sent has to do, by oracle and document."""

from tests.scenarios.history_lines import DEV, document
from tests.scenarios.worlds.playing.fake_stage import fake_stage, put
from tests.scenarios.worlds.small_world import small_world
from uplab.scenarios.worlds.playing.dues import drops, goings

SEND = {"do": "send", "device": "a"}


def test_document_goes_to_each_of_its_connections() -> None:
    stage = fake_stage(small_world(SEND))
    put(stage, "u1", 0, document(DEV, 1))
    assert [(one.connection, str(one.places[0]), one.certain) for one in goings(stage)] == [
        ("x", "posthere /w1-x", True),
        ("y", "posthere /w1-y", True),
    ]
    assert list(drops(stage)) == []


def test_copies_are_one_going() -> None:
    stage = fake_stage(small_world({"do": "post", "device": "b", "copies": 2}))
    for _ in range(2):
        put(stage, "r1", 0, document(DEV, 1))
    assert [(one.connection, one.copies) for one in goings(stage)] == [("x", 2)]


def test_too_old_is_dropped() -> None:
    old = {"x": {"configuration": {"uplinkTimeValidity": "90s"}}, "y": {}}
    stage = fake_stage(small_world(SEND, connections=old))
    put(stage, "u1", 0, document(DEV, 1), age_ms=91_000)
    assert [one.connection for one in goings(stage)] == ["y"]
    assert [(one.connection, one.why) for one in drops(stage)] == [("x", "uplinkTimeValidity: it is too old")]


def test_what_was_refused_goes_nowhere() -> None:
    stage = fake_stage(small_world(SEND))
    assert list(goings(stage)) == []


def test_report_in_telemetry_has_no_name() -> None:
    stage = fake_stage(small_world(SEND, connections={"x": {"to": "mqtt"}, "y": {}}))
    put(stage, "r1", 0, {"DevEUI_location": {"DevEUI": DEV, "Time": "2026-01-01T00:00:01.000+00:00"}})
    assert [(one.connection, one.nameless) for one in goings(stage)] == [("x", True), ("y", False)]
