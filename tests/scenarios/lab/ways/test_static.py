from typing import Any

import pytest

from uplab.scenarios.lab.ways.static import Static
from uplab.scenarios.under_test.ways.reach import NotApplicableError

WITNESS = {"name": "witness", "configuration": {"destinationURL": "http://witness/1"}}
ONE = {"name": "one", "configuration": {"destinationURL": "https://posthere.io/1"}}
TWO = {"name": "two", "configuration": {"destinationURL": "https://posthere.io/2"}}


class World:
    """What the forwarder was started with, each time, and whether it is put aside at a scenario's end."""

    def __init__(self) -> None:
        self.started: list[list[Any]] = []
        self.said: list[tuple[str, dict[str, Any]]] = []
        self.busy = False
        self.broken = False
        self.way = Static([WITNESS], self.start, lambda: self.busy, addressed=lambda body: body, emit=self.emit)
        self.way.begin()

    def start(self, connections: list[Any]) -> None:
        self.started.append(connections)
        if self.broken:
            raise AssertionError("it did not come up")

    def emit(self, hop: str, facts: dict[str, Any]) -> None:
        self.said.append((hop, facts))


def test_forwarder_is_started_with_all_that_is_wanted_at_the_first_thing_that_is_sent() -> None:
    world = World()
    ids = [world.way.create(body)["id"] for body in (ONE, TWO)]
    assert world.started == []

    for _ in range(3):
        world.way.hand_over()

    assert world.started == [[WITNESS, ONE, TWO]]
    assert ids == ["static 1", "static 2"]
    assert [facts["connection"] for _, facts in world.said] == ["static 0", "static 1", "static 2"]


def test_witness_alone_needs_no_other_start() -> None:
    world = World()

    assert world.way.create(WITNESS)["id"] == "static 0"
    world.way.hand_over()

    assert world.way.first == [WITNESS]
    assert world.started == []


def test_same_connections_need_no_other_start() -> None:
    world = World()
    for _ in range(2):
        world.way.begin()
        world.way.create(ONE)
        world.way.hand_over()
        world.way.take_away()

    assert world.started == [[WITNESS, ONE]]


def test_link_that_lasts_is_made_anew_for_each_scenario() -> None:
    world, board = World(), {"name": "tb", "configuration": {"hostName": "thingsboard.cloud:1883"}}
    for _ in range(2):
        world.way.begin()
        world.way.create(board)
        for _ in range(2):
            world.way.hand_over()
        world.way.take_away()

    assert world.started == [[WITNESS, board]] * 2


def test_forwarder_in_which_something_is_under_way_is_started_anew() -> None:
    world = World()
    for world.busy in (True, False):
        world.way.begin()
        world.way.create(ONE)
        world.way.hand_over()
        world.way.take_away()

    assert world.started == [[WITNESS, ONE]] * 2


def test_start_that_failed_is_tried_again() -> None:
    world = World()
    world.broken = True
    world.way.create(ONE)
    with pytest.raises(AssertionError):
        world.way.hand_over()
    world.broken = False

    world.way.hand_over()

    assert world.started == [[WITNESS, ONE]] * 2


def test_connection_after_the_first_thing_that_was_sent_is_not_applicable() -> None:
    world = World()
    world.way.hand_over()

    with pytest.raises(NotApplicableError, match="after it has sent something"):
        world.way.create(ONE)
    assert world.way.create(WITNESS)["id"] == "static 0"


def test_nothing_shows_replaces_ends_or_binds() -> None:
    way = World().way

    for attempt in (
        lambda: way.read("1"),
        lambda: way.replace("1", ONE),
        lambda: way.delete("1"),
        lambda: way.bind({"id": "1"}, []),
        lambda: way.unbind("1"),
    ):
        with pytest.raises(NotApplicableError, match="connections are static, and nothing"):
            attempt()
