"""The broker's page, without a socket."""

import orjson
import pytest

from tests.fakes.broker.test_state import board_at, published
from uplab.fakes.broker.protocol import BrokerPages, LiveView
from uplab.fakes.messages import Answer, Request


def get(pages: BrokerPages, path: str, method: str = "GET", **headers: str) -> Answer | LiveView:
    return pages.answer(Request(1, method, path, tuple(headers.items())))


def test_topics_and_messages_are_json() -> None:
    board = board_at()
    published(board, "ünïcode/☃", "grüße".encode())
    published(board, "bytes", b"\xff\x00")
    pages = BrokerPages(board)

    answer = get(pages, "/topics")
    assert isinstance(answer, Answer)
    told = orjson.loads(answer.body)
    assert [one["name"] for one in told["topics"]] == ["bytes", "ünïcode/☃"]
    assert told["topics"][0]["last"] | {"payload": "ff00", "text": False} == told["topics"][0]["last"]
    assert told["topics"][1]["last"]["payload"] == "grüße"
    messages = get(pages, "/messages")
    assert isinstance(messages, Answer)
    assert [one["number"] for one in orjson.loads(messages.body)] == [1, 2]


@pytest.mark.parametrize("path", ["/", "/assets/broker.js", "/assets/broker.css"])
def test_page_loads_nothing_from_elsewhere(path: str) -> None:
    answer = get(BrokerPages(board_at()), path)

    assert isinstance(answer, Answer)
    assert answer.status == 200
    assert b"://" not in answer.body
    assert "default-src 'self'" in dict(answer.headers)["Content-Security-Policy"]


def test_live_view_goes_on_where_the_page_left_off() -> None:
    pages = BrokerPages(board_at())

    assert get(pages, "/live?after=7") == LiveView(7)
    assert get(pages, "/live?after=7", **{"Last-Event-ID": "9"}) == LiveView(9)
    wrong = get(pages, "/live?after=x")
    assert isinstance(wrong, Answer)
    assert (wrong.status, wrong.body) == (400, b"after must be the number of a message, not 'x'\n")


@pytest.mark.parametrize(("path", "method", "status"), [("/nothing", "GET", 404), ("/", "POST", 405)])
def test_what_is_not_there(path: str, method: str, status: int) -> None:
    answer = get(BrokerPages(board_at()), path, method)

    assert isinstance(answer, Answer)
    assert answer.status == status
