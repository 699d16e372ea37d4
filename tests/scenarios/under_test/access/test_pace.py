from __future__ import annotations

import httpx
import pytest

from uplab.scenarios.under_test.access.pace import Limits, Pace, TooManyError, Turns, expect_no_limit

ASKED = httpx.Request("GET", "https://forwarder.example/iot-flow/v1/connections")


def test_turns_are_so_far_apart_however_many_ask_at_once() -> None:
    turns = Turns(4)

    assert [turns.wait_s(10.0) for _ in range(4)] == [0.0, 0.25, 0.5, 0.75]
    assert turns.wait_s(20.0) == 0.0, "a turn that nobody took is not kept"


def test_without_a_limit_nobody_waits() -> None:
    turns = Turns(None)

    assert [turns.wait_s(10.0) for _ in range(3)] == [0.0, 0.0, 0.0]


def paced(pace: Pace, *statuses: int, after: str | None = "0", request: httpx.Request = ASKED) -> tuple[int, int]:
    """The status that came of it, and how often it was asked."""
    left, asked = list(statuses), 0

    def send(_request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return httpx.Response(left.pop(0), headers={"Retry-After": after} if after else {})

    return pace.paced(request, send).status_code, asked


def test_who_is_asked_to_wait_asks_again() -> None:
    assert paced(Pace(Limits(), patient=True), 429, 429, 201) == (201, 3)


def test_wait_without_an_end_ends() -> None:
    assert paced(Pace(Limits(), patient=True), 429, after="3600") == (429, 1)


def test_forwarder_that_was_started_here_is_asked_once() -> None:
    assert paced(Pace(Limits()), 429, 201) == (429, 1)


def test_uplink_is_sent_once_whatever_its_query() -> None:
    pace = Pace(Limits(), ingress="https://forwarder.example/ingress", patient=True)

    sent = httpx.Request("POST", "https://forwarder.example/ingress?LrnDevEui=0123")

    assert paced(pace, 429, 201, request=sent) == (429, 1)


def test_limit_that_is_met_proves_nothing() -> None:
    expect_no_limit(201, "the API", "requests_per_s")
    with pytest.raises(TooManyError, match=r"the API asks for less \(429\): declare limits\.requests_per_s"):
        expect_no_limit(429, "the API", "requests_per_s")
