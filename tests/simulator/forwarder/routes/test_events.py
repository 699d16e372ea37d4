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
