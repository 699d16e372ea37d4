from typing import Any

from uplab.fakes import hops

ARRIVED: dict[str, Any] = {
    "fake": "posthere",
    "exchange": 1,
    "method": "POST",
    "url": "/bin",
    "host": "posthere.io",
    "headers": [],
    "raw": b"{}",
    "size": 2,
    "complete": True,
    "delivery": True,
}


def test_hop_is_its_name_and_its_facts() -> None:
    said = {"fake": "thingsboard", "session": 3, "reason": "it was late"}

    assert hops.destination_closed(fake="thingsboard", session=3, reason="it was late") == ("destination.closed", said)


def test_what_was_no_http_says_so_and_nothing_else_does() -> None:
    assert hops.destination_arrived(**ARRIVED) == ("destination.arrived", ARRIVED)
    assert hops.destination_arrived(**ARRIVED, malformed="no HTTP")[1] == {**ARRIVED, "malformed": "no HTTP"}


def test_only_a_head_without_its_body_is_told_apart() -> None:
    answered: dict[str, Any] = {"exchange": 1, "fake": "posthere", "status": 200, "written": False}

    assert "headed" not in hops.destination_answered(**answered)[1]
    assert hops.destination_answered(**answered, headed=True)[1]["headed"] is True


def test_body_of_an_answer_is_told_where_there_is_one() -> None:
    answered: dict[str, Any] = {"exchange": 1, "fake": "posthere", "status": 503, "written": True}

    assert "raw" not in hops.destination_answered(**answered)[1]
    assert hops.destination_answered(**answered, raw=b"busy")[1]["raw"] == b"busy"
