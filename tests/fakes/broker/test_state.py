"""What the broker remembers for its page."""

from typing import Any

from uplab.fakes import hops
from uplab.fakes.broker import state
from uplab.fakes.broker.state import Board, Client


def published(board: Board, topic: str, raw: bytes = b"x", session: int = 1) -> None:
    board(
        *hops.destination_published(
            fake="broker",
            session=session,
            exchange=1,
            topic=topic,
            level=4,
            qos=1,
            retain=False,
            duplicate=False,
            packet_id=1,
            properties=[],
            members=None,
            raw=raw,
        )
    )


def board_at(now_s: float = 5.0) -> Board:
    return Board(now_s=lambda: now_s)


def test_topics_have_their_last_message_and_the_newest_is_last() -> None:
    board = board_at()
    for topic, raw in (("a", b"1"), ("b", b"2"), ("a", b"3")):
        published(board, topic, raw)

    assert [(topic.name, topic.count) for topic in board.topics.values()] == [("b", 1), ("a", 2)]
    last = board.topics["a"].last
    assert last is not None
    assert (last.payload, last.time_s, last.way) == (b"3", 5.0, "in")
    assert [message.payload for message in board.news(1)] == [b"2", b"3"]


def test_clients_come_and_go() -> None:
    board = board_at()
    who: dict[str, Any] = {"fake": "broker", "username": "u", "client_id": "c", "level": 4}
    board(*hops.destination_connected(session=1, code=0, **who))
    board(*hops.destination_connected(session=2, code=5, **who))

    assert board.clients == {1: Client(1, "c", "u", 4, 5.0)}
    board(*hops.destination_closed(fake="broker", session=1, reason="over"))
    assert board.clients == {}


def test_memory_is_bounded(monkeypatch: Any) -> None:
    monkeypatch.setattr(state, "TOPICS_LIMIT", 3)
    board = board_at()
    for number in range(10):
        published(board, f"t/{number}", b"x" * 10_000)

    assert list(board.topics) == ["t/7", "t/8", "t/9"]
    assert board.forgotten_topics == 7
    assert {len(message.payload) for message in board.messages} == {state.SHOWN_BYTES}
    assert board.messages[-1].size == 10_000


def test_clearing_forgets_messages_and_keeps_the_numbers() -> None:
    board = board_at()
    published(board, "a")
    board.clear()
    published(board, "b")

    assert [message.number for message in board.messages] == [2]
    assert list(board.topics) == ["b"]
