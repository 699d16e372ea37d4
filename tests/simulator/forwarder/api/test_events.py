from urllib.parse import urljoin

from tests.simulator.forwarder.process import Forwarder


def test_newest_event_comes_first_and_pages_follow(forwarder: Forwarder) -> None:
    connection = forwarder.create("http://127.0.0.1:1/")
    forwarder.wait_for_state(connection, "OPENED")

    listed = forwarder.call("GET", f"/events?connectionId={connection}").json()
    pages = [
        forwarder.call("GET", f"/connections/{connection}/events?page={page}&perPage=2").json() for page in (1, 2, 3)
    ]

    assert [event["type"] for event in listed][-1] == "CONNECTION_CREATED"
    assert [event for page in pages for event in page] == listed
    assert [int(event["id"]) for event in listed] == sorted((int(event["id"]) for event in listed), reverse=True)


def test_events_of_a_deleted_connection_stay(forwarder: Forwarder) -> None:
    connection = forwarder.create("http://127.0.0.1:1/")
    forwarder.call("DELETE", f"/connections/{connection}").raise_for_status()

    assert forwarder.events(connection)[-1]["type"] == "CONNECTION_DELETED"


def test_pages_of_events_say_what_follows(forwarder: Forwarder) -> None:
    connection = forwarder.create("http://127.0.0.1:1/")
    forwarder.wait_for_state(connection, "OPENED")  # four events
    path, seen = f"/events?connectionId={connection}&perPage=3", 0

    first = forwarder.call("GET", path)
    assert (first.headers["X-Page"], first.headers["X-Per-Page"], first.headers["X-Next-Page"]) == ("1", "3", "2")
    following = urljoin(str(first.url), first.links["next"]["url"])
    second = forwarder.client.get(following)
    seen = len(first.json()) + len(second.json())
    assert (seen, second.headers["X-Prev-Page"], second.headers.get("X-Next-Page")) == (4, "1", None)
    assert {event["connectionId"] for event in second.json()} == {connection}
    exact = forwarder.call("GET", f"/connections/{connection}/events?perPage=4")
    assert "X-Next-Page" not in exact.headers


def test_events_of_no_connection_are_none(forwarder: Forwarder) -> None:
    answer = forwarder.call("GET", "/events?connectionId=9007199254740992")

    assert (answer.json(), answer.headers["X-Page"]) == ([], "1")
