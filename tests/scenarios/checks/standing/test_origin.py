import orjson
import pytest

from tests.scenarios.history_lines import BIN, DEV, Story, document
from uplab.scenarios.checks.standing.connections import Connections
from uplab.scenarios.checks.standing.origin import Origin
from uplab.scenarios.checks.standing.watch import Watch


@pytest.mark.parametrize(
    ("told", "complete", "invented"),
    [
        (document(DEV, 7), True, True),
        (document(DEV, 7), False, False),
        ({"DevEUI_downlink_Rejected": {"DevEUI": DEV, "Time": "2026-01-01T00:00:00+00:00"}}, True, False),
        ({"temperature": 21.5}, True, False),
        (b"no JSON", True, False),
    ],
)
def test_whole_document_of_nobody_is_invented(told: object, complete: bool, invented: bool) -> None:
    story, origin = Story(), Origin(Connections())
    story.sent(1)
    story.arrives(told, complete=complete)  # type: ignore[arg-type]
    for event in story.events:
        origin.see(event)

    assert [breach.device for breach in origin.breaches] == ([DEV] if invented else [])


@pytest.mark.parametrize(
    ("body", "configured", "posted", "right"),
    [
        (b'{"test": true}', {}, None, False),
        (b"", {}, None, False),
        (b'{"temperature": 21.5}', {"sendRawDecodedFormat": True}, None, True),
        (b"no JSON", {}, b"no JSON", True),  # what was posted so may go on so
    ],
)
def test_post_without_a_document_is_invented(
    body: bytes, configured: dict[str, bool], posted: bytes | None, right: bool
) -> None:
    watch, story = Watch(), Story()
    watch.begin("a")
    story.connected("1", DEV, destinationURL=f"https://posthere.io{BIN}", **configured)
    if posted is not None:
        story.tells("tunnel.sent", attempt=1, dev_eui=None, raw=posted)
    story.arrives(body)
    watch.see(story.events)

    assert [verdict.check for _, verdict in watch.take()] == ([] if right else ["none invented"])


@pytest.mark.parametrize(
    ("outcomes", "right"),
    [(["refused"], False), (["refused", "accepted"], True), (["accepted", "refused"], True), (["unclear"], True)],
)
def test_refused_document_does_not_arrive(outcomes: list[str], right: bool) -> None:
    story, origin = Story(), Origin(Connections())
    story.sent(1, outcome=None)
    for attempt, outcome in enumerate(outcomes, 2):
        story.tells("tunnel.sent", attempt=attempt, dev_eui=DEV, raw=orjson.dumps(document(DEV, 1)))
        story.tells("tunnel.answered", attempt=attempt, outcome=outcome)
    story.delivered(1)
    for event in story.events:
        origin.see(event)

    assert [breach.ids for breach in origin.breaches] == ([] if right else [("u1",)])


OURS, THEIRS = "023F9A0000000001", "023F9B0000000001"


@pytest.mark.parametrize(
    ("namespace", "device", "invented"),
    [("3f9a", THEIRS, False), ("3f9a", OURS, True), ("3f9a", DEV, True), ("", THEIRS, True)],
)
def test_document_of_another_runs_device_is_nobodys_fault(namespace: str, device: str, invented: bool) -> None:
    story, watch = Story(), Watch(namespace=namespace, documents=False, places=False)
    watch.begin("a")
    story.sent(1)
    story.arrives(document(device, 7))
    watch.see(story.events)

    assert [verdict.check for _, verdict in watch.take()] == (["none invented"] if invented else [])


@pytest.mark.parametrize(("namespace", "invented"), [("3f9a", False), ("", True)])
def test_base_stations_alarm_of_another_run_is_nobodys_fault(namespace: str, invented: bool) -> None:
    story, origin = Story(), Origin(Connections(), namespace)
    story.arrives({"BS_alarm": {"LrrID": "10000033", "Time": "2026-01-01T00:00:00+00:00"}})
    for event in story.events:
        origin.see(event)

    assert bool(origin.breaches) == invented
