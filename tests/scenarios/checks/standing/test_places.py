from dataclasses import replace

import pytest

from tests.scenarios.checks.standing.test_watch import CONTENT
from tests.scenarios.history_lines import BIN, DEV, OTHER, Story
from uplab.scenarios.checks.standing.connections import Connections
from uplab.scenarios.checks.standing.flows import Bindings
from uplab.scenarios.checks.standing.places import Places
from uplab.scenarios.checks.standing.watch import Watch
from uplab.scenarios.history.event import Event


def test_each_place_is_said_once() -> None:
    story, places = Story(), Places(known := Connections(), Bindings(known))
    for f_cnt in range(1, 4):
        story.sent(f_cnt)
        story.delivered(f_cnt, url="/elsewhere")
    for event in story.events:
        places.see(event)
    places.close()

    assert [breach.ids for breach in places.take()] == [("u1",)]
    assert places.take() == []


@pytest.mark.parametrize(
    ("headers", "right"),
    [
        ([["X-Site", "A"], ["Authorization", "Bearer one"]], True),
        ([["X-Site", "A"], ["Authorization", "one"]], True),
        ([["X-Site", "C"]], True),  # wrong, and no other's: what it should be is asked by others
        ([["X-Site", "B"]], False),
        ([["Authorization", "Bearer other"]], False),
        ([["X-Own", "1"]], False),
        ([["X-Thing", "B"]], True),  # a pattern may have become anything
    ],
)
def test_header_and_its_value_are_of_the_connection_itself(headers: list[list[str]], right: bool) -> None:
    story, watch = Story(), Watch()
    watch.begin("a")
    own = {"X-Site": "A", "Authorization": "one", "X-Thing": "{DevEUI}"}
    foreign = {"X-Site": "B", "Authorization": "Bearer other", "X-Own": "1", "X-Thing": "B"}
    story.connected("1", DEV, destinationURL=f"https://posthere.io{BIN}", headers=own)
    story.connected("2", OTHER, destinationURL=f"https://posthere.io{BIN}", headers=foreign)
    story.sent(1)
    story.delivered(1, headers=headers)
    watch.see(story.events)

    assert [verdict.check for _, verdict in watch.take() if verdict.check not in CONTENT] == (
        [] if right else ["own headers"]
    )


@pytest.mark.parametrize("sent", ["before", "after"])
def test_header_that_put_took_away_goes_with_what_was_under_way_only(sent: str) -> None:
    story, watch = Story(), Watch()
    watch.begin("a")
    url = f"https://posthere.io{BIN}"
    story.connected("1", DEV, destinationURL=url, headers={"X-Old": "1"})
    if sent == "before":
        story.sent(1)
    body = {"configuration": {"destinationURL": url, "headers": {}}}
    story.api("PUT", "/connections/1", body, answer={"id": "1", **body})
    if sent == "after":
        story.sent(1)
    story.delivered(1, headers=[["X-Old", "1"]])
    watch.see(story.events)

    assert [verdict.check for _, verdict in watch.take() if verdict.check not in CONTENT] == (
        [] if sent == "before" else ["own headers"]
    )


def later(event: Event, by_s: float) -> Event:
    return replace(event, monotonic_s=event.monotonic_s + by_s)


@pytest.mark.parametrize("after_s", [1.0, 60.0], ids=["on its way", "long after"])
@pytest.mark.parametrize("deleted", ["by the scenario", "with the scenario"])
def test_nothing_arrives_long_after_its_connection_was_deleted(deleted: str, after_s: float) -> None:
    story, watch = Story(), Watch()
    watch.begin("a")
    story.connected("1", DEV)
    story.sent(1)
    story.api("DELETE", "/connections/1", status=204, answer="")
    mark = story.history.mark
    watch.see(story.events)
    if deleted == "with the scenario":
        watch.begin("b")
    story.delivered(1)
    watch.see([later(event, after_s) for event in story.history.since(mark)])

    wrong = [(cause, verdict.check) for cause, verdict in watch.take() if verdict.check not in CONTENT]
    assert wrong == ([] if after_s < 5 else [("a", "right place")])
