"""Changes that come quickly, at once, or while something else is going on."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.forwarder.making import HTTP_EXAMPLE, THINGSBOARD_EXAMPLE, changed
from tests.simulator.forwarder.process import Forwarder
from uplab.simulator.forwarder.delivery.state import TRANSITIONS, State

HTTP_BODY = changed(HTTP_EXAMPLE, destinationURL="http://127.0.0.1:1/")


@pytest.fixture
def silent() -> Iterator[dict[str, Any]]:
    """The body of a connection whose destination takes the link and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield changed(THINGSBOARD_EXAMPLE, hostName=f"127.0.0.1:{listener.getsockname()[1]}")


def passed(forwarder: Forwarder, connection: str) -> list[str]:
    """The states that a connection's events tell, which must make one way through the graph."""
    events = forwarder.events(connection, "STATE_CHANGED")
    steps = [(event["oldState"], event["newState"]) for event in events]
    assert [(old, new) for old, new in steps if State(new) not in TRANSITIONS[State(old)]] == []
    assert [(before, after) for before, after in pairwise(steps) if before[1] != after[0]] == []
    return [steps[0][0], *(new for _, new in steps)]


def test_quick_changes_of_active_make_one_way_through_the_graph(forwarder: Forwarder) -> None:
    connection = forwarder.create(body=HTTP_BODY)
    for number in range(10):
        body = {**HTTP_BODY, "active": bool(number % 2)}
        forwarder.call("PUT", f"/connections/{connection}", json=body).raise_for_status()

    forwarder.wait_for_state(connection, "OPENED")
    states = passed(forwarder, connection)
    assert (states[0], states[-1]) == ("CLOSED", "OPENED")


def test_way_to_deactivated_and_back_is_told_step_by_step(forwarder: Forwarder) -> None:
    connection = forwarder.create(body=HTTP_BODY)
    forwarder.wait_for_state(connection, "OPENED")
    for active, state in ((False, "DEACTIVATED"), (True, "OPENED")):
        forwarder.call("PUT", f"/connections/{connection}", json={**HTTP_BODY, "active": active}).raise_for_status()
        forwarder.wait_for_state(connection, state)

    opening = ["OPENING", "AUTHENTICATING", "OPENED"]
    assert passed(forwarder, connection) == ["CLOSED", *opening, "CLOSING", "CLOSED", "DEACTIVATED", *opening]


def test_destination_out_of_reach_closes_a_connection_that_logs_in(forwarder: Forwarder) -> None:
    connection = forwarder.create(body=changed(THINGSBOARD_EXAMPLE, hostName="127.0.0.1:1"))
    forwarder.wait_for_state(connection, "CLOSED")

    forwarder.wait_until("closed", lambda: len(passed(forwarder, connection)) == 4)
    assert passed(forwarder, connection) == ["CLOSED", "OPENING", "CLOSING", "CLOSED"]


def test_startup_time_is_that_of_the_latest_start(forwarder: Forwarder) -> None:
    connection = forwarder.create(body={**HTTP_BODY, "active": False})
    assert forwarder.show(connection)["startupTime"] is None

    times: list[str] = []
    for _ in range(2):
        forwarder.call("PUT", f"/connections/{connection}", json=HTTP_BODY).raise_for_status()
        forwarder.wait_until("opened", lambda: passed(forwarder, connection).count("OPENED") > len(times))
        times.append(forwarder.show(connection)["startupTime"])
    assert times[0] < times[1]


def test_connection_that_is_opening_is_changed_and_deleted_at_once(
    forwarder: Forwarder, silent: dict[str, Any]
) -> None:
    connection = forwarder.create(body=silent)
    assert forwarder.show(connection)["state"] == "OPENING"

    answer = forwarder.call("PUT", f"/connections/{connection}", json={**silent, "name": "new"}, timeout=3)
    assert (answer.status_code, answer.json()["name"], answer.json()["state"]) == (200, "new", "OPENING")
    assert forwarder.call("DELETE", f"/connections/{connection}", timeout=3).status_code == 204
    assert forwarder.events(connection)[-1]["type"] == "CONNECTION_DELETED"
    assert '"level":"error"' not in forwarder.log


def test_puts_at_once_leave_one_of_them_whole(forwarder: Forwarder) -> None:
    connection = forwarder.create(body=HTTP_BODY)

    def put(number: int) -> int:
        body = changed({**HTTP_EXAMPLE, "name": f"n{number}"}, destinationURL=f"http://127.0.0.1:1/{number}")
        return forwarder.call("PUT", f"/connections/{connection}", json=body).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(put, range(24))) == {200}
    shown = forwarder.show(connection)
    assert shown["configuration"]["destinationURL"] == f"http://127.0.0.1:1/{shown['name'][1:]}"


def test_only_one_of_several_deletes_finds_the_connection(forwarder: Forwarder) -> None:
    connection = forwarder.create(body=HTTP_BODY)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: forwarder.call("DELETE", f"/connections/{connection}").status_code, range(8)))
    assert sorted(answers) == [204] + [404] * 7


def test_limit_holds_when_many_connections_are_created_at_once(tmp_path: Path) -> None:
    with Forwarder(tmp_path, "--connection-limit", "5") as forwarder, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: forwarder.call("POST", "/connections", json=HTTP_BODY), range(20)))

        assert sorted(answer.status_code for answer in answers) == [201] * 5 + [403] * 15
        assert len(forwarder.call("GET", "/connections").json()) == 5
        assert {answer.json()["code"] for answer in answers if answer.status_code == 403} == {"com-4003"}


def test_without_a_limit_the_sixth_connection_is_like_the_others(forwarder: Forwarder) -> None:
    assert len({forwarder.create(body=HTTP_BODY) for _ in range(6)}) == 6
