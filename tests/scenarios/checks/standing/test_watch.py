from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.scenarios.history_lines import BIN, DEV, Story, document, point
from uplab.scenarios.checks.standing.watch import NAMES, Watch

A, B = "http/test_a.py::test_a", "http/test_b.py::test_b"
CONNECTION = {"destinationURL": f"https://posthere.io{BIN}"}
THING: dict[str, Any] = {**CONNECTION, "headers": {"X-Thing": "{DevEUI}"}}
FULL = {"FCntUp": 1, "FPort": 5, "RSSI": -46.0}


def shown(story: Story, id_: str = "1", **configuration: Any) -> None:
    """A connection is made, and the device bound to it."""
    story.connected(id_, DEV, **configuration or CONNECTION)


def begun(watch: Watch, story: Story, scenario: str = A, *breaks: str) -> None:
    watch.see(story.events)
    watch.begin(scenario, breaks)


CONTENT = {"unaltered", "right additions", "right headers", "right values"}
"""What judges the content of what arrives; the tests here tell of nothing but its way."""


def found(watch: Watch, story: Story) -> list[tuple[str | None, str]]:
    return [one for one in all_found(watch, story) if one[1] not in CONTENT]


def all_found(watch: Watch, story: Story) -> list[tuple[str | None, str]]:
    watch.see(story.events)
    return [(scenario, verdict.check) for scenario, verdict in watch.take()]


def in_session(story: Story, topic: str, told: Any) -> int:
    return story.publishes(told, topic=f"v1/gateway/{topic}", session=7)


def test_what_is_kept_breaks_nothing() -> None:
    watch, story = Watch(), Story()
    begun(watch, story)
    shown(story, **THING)
    story.sent(1)
    story.delivered(1, headers=[["X-Thing", DEV]])

    assert found(watch, story) == []


def test_copy_after_the_end_counts_against_the_scenario_of_its_uplink() -> None:
    watch, story = Watch(), Story()
    begun(watch, story)
    shown(story)
    story.sent(1)
    story.delivered(1)
    assert found(watch, story) == []

    begun(watch, story, B)
    story.delivered(1)

    assert found(watch, story) == [(A, "none twice")]
    assert found(watch, story) == [], "each is said once"


@pytest.mark.parametrize("written", [True, False], ids=["taken", "cut off"])
def test_repeat_is_right_after_an_unclear_answer(written: bool) -> None:
    watch, story = Watch(), Story()
    begun(watch, story)
    shown(story)
    story.sent(1)
    story.answered(story.arrives(document(DEV, 1)), written=written)
    story.delivered(1)

    assert found(watch, story) == ([(A, "none twice")] if written else [])


def test_repeat_is_right_of_what_was_in_flight_when_the_process_ended() -> None:
    watch, story = Watch(), Story()
    begun(watch, story)
    shown(story)
    story.sent(1)
    story.delivered(1)
    story.tells("forwarder.ended", how="killed")
    story.delivered(1)

    assert found(watch, story) == []


def test_repeat_is_right_where_two_connections_deliver_or_a_document_was_posted_twice() -> None:
    watch, story = Watch(), Story()
    begun(watch, story)
    shown(story)
    story.sent(1)
    story.tells("tunnel.sent", attempt=99, dev_eui=DEV, raw=orjson.dumps(document(DEV, 1)))
    story.delivered(1)
    story.delivered(1)
    assert found(watch, story) == []

    shown(story, "2")
    story.sent(2)
    story.delivered(2)
    story.delivered(2)
    assert found(watch, story) == []


def test_invented_document_counts_against_the_scenario_of_its_device_or_the_run() -> None:
    watch, story = Watch(), Story()
    begun(watch, story)
    shown(story)
    story.sent(1)
    story.delivered(17)
    story.delivered(1, dev_eui="20635F0106000009")

    assert found(watch, story) == [(A, "none invented"), (None, "none invented")]


def test_place_that_no_connection_names_is_wrong_unless_the_api_shows_it_later() -> None:
    watch, story = Watch(), Story()
    begun(watch, story)
    story.sent(1)
    story.delivered(1)
    story.delivered(1, url="/elsewhere")
    shown(story)  # made on a page

    assert found(watch, story) == [(A, "right place")]


def test_header_of_another_connection_is_found() -> None:
    watch, story = Watch(), Story()
    begun(watch, story)
    shown(story, **THING)
    shown(story, "2", destinationURL="https://posthere.io/other")
    story.sent(1)
    story.delivered(1, headers=[["x-thing", DEV]])
    story.delivered(1, url="/other", headers=[["x-thing", DEV], ["accept", "*/*"]])

    assert found(watch, story) == [(A, "own headers")]


@pytest.mark.parametrize("first", [True, False], ids=["before", "never"])
def test_device_is_connected_before_its_telemetry(first: bool) -> None:
    watch, story = Watch(), Story()
    begun(watch, story)
    shown(story, hostName="thingsboard.cloud:1883", username="me")
    story.tells("destination.connected", fake="thingsboard", session=7, username="me")
    story.sent(1)
    if first:
        in_session(story, "connect", {"device": DEV})
    in_session(story, "telemetry", {DEV: [point(1, **FULL)]})

    assert found(watch, story) == ([] if first else [(A, "connect first")])


@pytest.mark.parametrize(
    ("points", "right"),
    [
        ([point(1, **FULL)], True),
        ([point(1, **FULL), point(1, temperature=2)], True),
        ([{"ts": 17, "values": {"downlinkSent": {"FCntDn": 1}}}], True),  # a report has a Time of its own
        ([point(1, **FULL), {"ts": 17, "values": {"temperature": 2}}], False),
        ([{"ts": 17, "values": {"fcntup": 1}}], False),
        ([{"values": {"FCntUp": 1}}], False),
    ],
)
def test_uplink_has_one_ts(points: list[dict[str, Any]], right: bool) -> None:
    watch, story = Watch(), Story()
    begun(watch, story)
    shown(story, hostName="thingsboard.cloud:1883", username="me")
    story.tells("destination.connected", fake="thingsboard", session=7, username="me")
    story.sent(1)
    in_session(story, "connect", {"device": DEV})
    in_session(story, "telemetry", {DEV: points})

    assert found(watch, story) == ([] if right else [(A, "one ts")])


def test_scenario_may_mean_to_break_one() -> None:
    watch, story = Watch(), Story()
    begun(watch, story, A, "none twice")
    shown(story)
    story.sent(1)
    story.delivered(1)
    story.delivered(1)
    story.delivered(1, url="/elsewhere")

    assert found(watch, story) == [(A, "right place")]


def test_invariant_that_breaks_itself_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from uplab.scenarios.checks.standing.gateway import ConnectFirst

    def broken(*_: object) -> None:
        raise KeyError("session")

    monkeypatch.setattr(ConnectFirst, "see", broken)
    watch, story = Watch(), Story()
    begun(watch, story)
    story.sent(1)
    watch.see(story.events)

    [(scenario, verdict)] = watch.take()
    assert (scenario, verdict.check, verdict.outcome) == (A, "connect first", "error")
    assert watch.take() == []


def test_names_are_those_that_a_marker_may_say() -> None:
    assert NAMES == (
        "none twice",
        "none invented",
        "right place",
        "connect first",
        "one ts",
        "no secret",
        "own headers",
        "unaltered",
        "right additions",
        "right headers",
        "right topic",
        "right values",
    )


def test_numbers_are_held_against_what_is_promised_of_them() -> None:
    digits = {"n": 12_345_678_901_234_567_891}
    rounded = document(DEV, 1, CustomerData={"n": float(digits["n"])})

    def broken(*, exact: bool) -> list[str]:
        story, watch = Story(), Watch(places=False, exact=exact)
        watch.begin("one")
        story.sent(1)
        sent = document(DEV, 1, CustomerData=digits)
        story.tells("tunnel.sent", attempt=1, url="http://f/ingress", dev_eui=DEV, f_cnt=1, raw=orjson.dumps(sent))
        story.answered(story.arrives(rounded))
        watch.see(story.events)
        return [verdict.check for _, verdict in watch.take()]

    assert "unaltered" in broken(exact=True)
    assert "unaltered" not in broken(exact=False)
