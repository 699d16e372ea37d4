import orjson
import pytest

from tests.scenarios.history_lines import Story
from uplab.scenarios.checks.standing.connections import Connections


@pytest.mark.parametrize(
    ("configuration", "place"),
    [
        ({"destinationURL": "https://Posthere.io/a?b=c"}, ("posthere.io", "/a")),
        ({"destinationURL": "http://127.0.0.1:8080"}, ("127.0.0.1", "/")),
        ({"hostName": "thingsboard.cloud:1883", "username": "me"}, ("mqtt", "me")),
        ({"destinationURL": "http://[broken"}, None),
        ({}, None),
    ],
)
def test_place_of_a_connection(configuration: dict[str, str], place: tuple[str, str] | None) -> None:
    story, known = Story(), Connections()
    raw = orjson.dumps([{"id": "1", "configuration": configuration}])
    story.tells("api.answered", method="GET", path="/connections", status=200, raw=raw)
    for event in story.events:
        known.see(event)

    assert known.ever == ({place} if place else set())


def test_place_is_called_as_the_run_calls_it_and_another_s_is_none() -> None:
    story, known = Story(), Connections("3f9a")
    urls = [f"https://posthere.io/uplab-{mark}/a" for mark in ("3f9a", "3f9b")]
    bodies = [{"id": str(n), "configuration": {"destinationURL": url}} for n, url in enumerate(urls)]
    story.tells("api.answered", method="GET", path="/connections", status=200, raw=orjson.dumps(bodies))
    for event in story.events:
        known.see(event)

    assert known.ever == {("posthere.io", "/a")}


def test_refused_connection_delivers_nowhere() -> None:
    story, known = Story(), Connections()
    raw = orjson.dumps({"id": "1", "configuration": {"destinationURL": "https://posthere.io/a"}})
    story.tells("api.answered", method="POST", path="/connections", status=400, raw=raw)
    for event in story.events:
        known.see(event)

    assert known.ever == set()
