"""A connection at work with a sink that the test plays, in one loop and on a real file."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest

from tests.simulator.forwarder.making import DEV_EUI, HTTP_EXAMPLE, TIME, uplink
from uplab.simulator.forwarder.clock import Clock
from uplab.simulator.forwarder.connections.connection import parse_connection
from uplab.simulator.forwarder.delivery.backlog import Backlog, Uplink
from uplab.simulator.forwarder.delivery.command import Policy
from uplab.simulator.forwarder.delivery.decisions import Delivery
from uplab.simulator.forwarder.delivery.queue import Put, Queue
from uplab.simulator.forwarder.delivery.runner import Equipment, Runner, Setup
from uplab.simulator.forwarder.delivery.state import State
from uplab.simulator.forwarder.destinations.failures import Manner
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing
from uplab.simulator.forwarder.destinations.table import CONNECTORS
from uplab.simulator.forwarder.patterns.pattern import UnresolvedError
from uplab.simulator.forwarder.platform import Platform
from uplab.simulator.forwarder.store.metrics import Metrics
from uplab.simulator.forwarder.store.store import Store

OK = Answer("delivered", 200)


class PlayedSink:
    """Does what the test says and remembers what was asked of it."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.opening: list[Answer | Exception] = []
        self.delivering: list[Answer | Exception | asyncio.Future[Answer]] = []
        self.asked = asyncio.Condition()
        self.closing: list[Answer | Exception] = []

    async def open(self) -> Answer:
        return await self._do("open", self.opening)

    async def deliver(self, outgoing: Outgoing) -> Answer:
        return await self._do(f"deliver {outgoing.f_cnt}", self.delivering)

    async def close(self) -> None:
        await self._do("close", self.closing)

    async def _do(self, call: str, answers: list[Any]) -> Answer:
        self.calls.append(call)
        async with self.asked:
            self.asked.notify_all()
        given = answers.pop(0) if answers else OK
        if isinstance(given, Exception):
            raise given
        answer: Answer = await given if isinstance(given, asyncio.Future) else given
        return answer

    async def wait_for(self, *calls: str) -> None:
        """Wait until exactly these calls were made."""
        async with self.asked, asyncio.timeout(5):
            await self.asked.wait_for(lambda: len(self.calls) >= len(calls))
        assert self.calls == list(calls)


class Bench:
    """A runner with what it needs around it."""

    def __init__(self, store: Store, policy: Policy) -> None:
        self.store = store
        self.queue = Queue(store)
        self.metrics = Metrics()
        self.sink = PlayedSink()
        self.policy = policy
        self.unsendable: set[int] = set()
        self.unmakeable: set[int] = set()
        clock = Clock(time.time(), time.monotonic(), 1.0)
        self.runner = Runner(
            8,
            "uuid",
            self.setup(),
            Delivery(policy, Random(7), Backlog()),
            Equipment(clock, self.queue, self.metrics),
        )

    def setup(self, *, active: bool = True, sink: PlayedSink | None = None) -> Setup:
        """A configuration to work with."""
        connection = parse_connection({**HTTP_EXAMPLE, "active": active}, CONNECTORS, Platform())
        return Setup(connection, self.policy, lambda: sink or self.sink, self.outgoing)

    def outgoing(self, message: Uplink) -> Outgoing | None:
        if message.seq in self.unsendable:
            raise UnresolvedError("finds nothing")
        if message.seq in self.unmakeable:
            raise KeyError("a driver's mistake")
        note = "has no time of its own" if message.seq == 5 else ""
        return None if message.seq == 0 else Outgoing(message.dev_eui, message.f_cnt, TIME, {}, b"{}", note=note)

    async def accept(self, *uplinks: Uplink) -> None:
        """Store messages as the service does, then hand them over."""
        for message in uplinks:
            stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.queue.put(Put([(8, message)], lambda done=stored: done.set_result(None), stored.set_exception), [])  # type: ignore[misc]
            await stored
            self.runner.accept(message)

    async def events(self, kind: str) -> list[dict[str, Any]]:
        """The stored events of one kind."""
        await self.queue.flush()
        query = "SELECT body FROM event WHERE kind = ? ORDER BY id"
        rows = await self.store.run(lambda db: db.execute(query, (kind,)).fetchall())
        return [orjson.loads(body) for (body,) in rows]

    async def until(self, claim: Callable[[], bool]) -> None:
        """Let the loop turn, and the queue commit, until a claim holds."""
        async with asyncio.timeout(5):
            while not claim():
                await self.queue.flush()

    def total(self, name: str) -> int:
        return self.metrics.total(8)[name]


def with_runner(path: Path, work: Callable[[Bench], Awaitable[None]], policy: Policy | None = None) -> None:
    """Run some work with a runner."""

    async def run() -> None:
        store = Store(path / "q")
        bench = Bench(store, policy or Policy(blame_s=3600.0))
        bench.queue.start()
        try:
            await work(bench)
        finally:
            await bench.runner.stop(0.0)
            await bench.queue.close()
            store.close()

    asyncio.run(run())


def now_uplink(seq: int, dev_eui: str = DEV_EUI) -> Uplink:
    """A message received just now."""
    return uplink(seq, dev_eui, received_s=time.time())


def test_message_is_delivered_counted_and_gone_from_disk(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.runner.start()
        await bench.accept(now_uplink(1), now_uplink(2))
        await bench.sink.wait_for("open", "deliver 1", "deliver 2")
        await bench.until(lambda: bench.total("uplinksDelivered") == 2)
        await bench.queue.flush()
        rows = await bench.store.run(lambda db: db.execute("SELECT count(*) FROM message").fetchone())
        assert rows == (0,)
        assert bench.runner.state is State.OPENED
        assert bench.runner.startup_time is not None

    with_runner(tmp_path, work)


def test_failure_makes_one_event_and_one_count(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.sink.delivering = [Answer("refused", 503, "HTTP 503")]
        bench.runner.start()
        await bench.accept(now_uplink(1))
        await bench.until(lambda: bench.total("uplinksFailed") == 1)
        (event,) = await bench.events("UPLINK_FAILED")
        assert (event["devEUI"], event["fCntUp"], event["cause"], event["status"]) == (DEV_EUI, 1, "refused", 503)
        assert bench.total("uplinksLost") == 0

    with_runner(tmp_path, work)


def test_sink_that_raises_is_a_failure_like_another(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.sink.delivering = [RuntimeError("secret")]
        bench.runner.start()
        await bench.accept(now_uplink(1))
        await bench.until(lambda: bench.total("uplinksFailed") == 1)
        (event,) = await bench.events("UPLINK_FAILED")
        assert "secret" not in event["message"]

    with_runner(tmp_path, work)


def test_sink_that_raises_at_opening_is_unreachable(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.sink.opening = [RuntimeError("x")]
        bench.runner.start()
        await bench.until(lambda: bench.runner.state is State.CLOSED)
        assert bench.sink.calls == ["open", "close"]

    with_runner(tmp_path, work)


def test_what_its_user_should_know_of_a_message_is_an_event_once_it_is_delivered(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.runner.start()
        await bench.accept(now_uplink(5), now_uplink(6))
        await bench.until(lambda: bench.total("uplinksDelivered") == 2)

        (event,) = await bench.events("UPLINK_NOTED")
        assert event["message"].endswith("has no time of its own")

    with_runner(tmp_path, work)


@pytest.mark.parametrize(("seq", "kind"), [(0, "UPLINK_FILTERED"), (9, "UPLINK_LOST")])
def test_message_that_cannot_go_out_is_dropped_with_its_event(tmp_path: Path, seq: int, kind: str) -> None:
    async def work(bench: Bench) -> None:
        bench.unsendable = {9}
        bench.runner.start()
        await bench.accept(now_uplink(seq))
        await bench.until(lambda: bench.total("uplinksLost") == 1)
        assert len(await bench.events(kind)) == 1
        assert bench.total("uplinksFailed") == (1 if kind == "UPLINK_LOST" else 0)
        assert bench.sink.calls == ["open"]

    with_runner(tmp_path, work)


def test_mistake_in_making_a_message_costs_that_message_only(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.unmakeable = {1}
        bench.runner.start()
        await bench.accept(now_uplink(1), now_uplink(2))
        await bench.until(lambda: bench.total("uplinksDelivered") == 1)
        (event,) = await bench.events("UPLINK_LOST")
        assert "internal error (KeyError)" in event["message"]
        assert bench.sink.calls == ["open", "deliver 2"]

    with_runner(tmp_path, work)


def test_sink_that_raises_at_closing_is_closed(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.sink.closing = [OSError("x")]
        bench.runner.start()
        await bench.until(lambda: bench.runner.state is State.OPENED)
        bench.runner.configure(bench.setup(active=False))
        await bench.until(lambda: bench.runner.state is State.DEACTIVATED)

    with_runner(tmp_path, work)


def test_what_a_task_raises_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def work(bench: Bench) -> None:
        bench.runner.start()
        await bench.until(lambda: bench.runner.state is State.OPENED)
        bench.sink.delivering = [Answer("nonsense")]  # type: ignore[arg-type]
        await bench.accept(now_uplink(1))
        await bench.until(lambda: "a connection's work failed" in caplog.text)

    with_runner(tmp_path, work)


def test_refused_account_makes_a_login_event_and_no_delivery(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.sink.opening = [Answer("authentication_failed", 4, "wrong password")]
        bench.runner.start()
        await bench.accept(now_uplink(1))
        await bench.until(lambda: bench.runner.state is State.AUTHENTICATION_FAILED)
        await bench.sink.wait_for("open", "close")
        (event,) = await bench.events("LOGIN_FAILED")
        assert "wrong password" in event["message"]
        bench.runner.configure(bench.setup())
        await bench.sink.wait_for("open", "close", "open", "deliver 1")

    with_runner(tmp_path, work, Policy(Manner.LENIENT))


def test_what_an_open_connection_cannot_do_is_told_while_it_is_open(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.sink.opening = [Answer("delivered", reason="no way back")]
        bench.runner.start()
        await bench.until(lambda: bench.runner.notice == "no way back")
        assert bench.runner.state is State.OPENED
        (event,) = await bench.events("COMMANDS_UNAVAILABLE")
        assert (event["severity"], event["message"]) == ("warning", "no way back")
        bench.runner.configure(bench.setup(active=False))
        await bench.until(lambda: bench.runner.state is State.DEACTIVATED)
        assert bench.runner.notice is None

    with_runner(tmp_path, work, Policy(Manner.LENIENT))


def test_restart_waits_for_what_is_in_flight(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        pending: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        bench.sink.delivering = [pending]
        other = PlayedSink()
        bench.runner.start()
        await bench.accept(now_uplink(1), now_uplink(2))
        await bench.sink.wait_for("open", "deliver 1")

        bench.runner.configure(bench.setup(sink=other))
        assert other.calls == []
        pending.set_result(OK)

        await other.wait_for("open", "deliver 2")
        assert bench.sink.calls == ["open", "deliver 1", "close"]

    with_runner(tmp_path, work)


def test_inactive_connection_opens_nothing(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.runner.configure(bench.setup(active=False))
        await bench.accept(now_uplink(1))
        assert bench.runner.state is State.DEACTIVATED
        assert bench.sink.calls == []

    with_runner(tmp_path, work)


def test_lost_link_closes_and_is_waited_out(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.runner.start()
        await bench.until(lambda: bench.runner.state is State.OPENED)
        bench.runner.lost("taken over")
        await bench.until(lambda: bench.runner.state is State.CLOSED)
        changes = await bench.events("STATE_CHANGED")
        assert changes[-2]["message"] == "OPENED to CLOSING: taken over"
        assert changes[-2]["severity"] == "warning"

    with_runner(tmp_path, work, Policy(Manner.LENIENT))


def test_stop_gives_what_is_in_flight_its_time(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        pending: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        bench.sink.delivering = [pending]
        bench.runner.start()
        await bench.accept(now_uplink(1), now_uplink(2))
        await bench.sink.wait_for("open", "deliver 1")
        asyncio.get_running_loop().call_later(0.05, pending.set_result, OK)

        await bench.runner.stop(5.0)

        assert bench.total("uplinksDelivered") == 1
        assert bench.sink.calls == ["open", "deliver 1", "close"]

    with_runner(tmp_path, work)


def test_stop_cuts_off_what_takes_too_long(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.sink.delivering = [asyncio.get_running_loop().create_future()]
        bench.runner.start()
        await bench.accept(now_uplink(1))
        await bench.sink.wait_for("open", "deliver 1")

        await bench.runner.stop(0.05)

        assert bench.total("uplinksDelivered") == 0
        rows = await bench.store.run(lambda db: db.execute("SELECT count(*) FROM message").fetchone())
        assert rows == (1,)

    with_runner(tmp_path, work)


def test_queue_that_cannot_be_read_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(bench: Bench) -> None:
        fetch, failures = bench.queue.fetch, [OSError("x")]

        async def sometimes(*arguments: Any) -> list[Uplink]:
            if failures:
                raise failures.pop()
            return await fetch(*arguments)

        monkeypatch.setattr(bench.queue, "fetch", sometimes)
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        bench.queue.put(Put([(8, now_uplink(1))], lambda: stored.set_result(None), stored.set_exception), [])
        await stored
        bench.runner._delivery._backlog._highest = 1
        bench.runner.start()
        await bench.sink.wait_for("open", "deliver 1")

    with_runner(tmp_path, work)
