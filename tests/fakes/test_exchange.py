"""Faults over real sockets, on both event loops: what the client sees, and what the history is told."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.wire import LOOPS, always, listening, on_loop
from uplab.fakes.behaviour import Behaviour
from uplab.fakes.faults import (
    Always,
    Delay,
    Drip,
    Fault,
    HalfAnswer,
    Hang,
    HugeBody,
    JsonPointer,
    Nth,
    Redirect,
    ResetAfterBody,
    ResetBeforeBody,
    Status,
    describe,
)
from uplab.fakes.messages import Answer, Request, text_answer

LoopFactory = Callable[[], asyncio.AbstractEventLoop]
both_loops = pytest.mark.parametrize("loop_factory", LOOPS, ids=["asyncio", "uvloop"])


def taking(bodies: list[bytes]) -> Callable[[Request], Answer]:
    def take(request: Request) -> Answer:
        bodies.append(request.body)
        return text_answer(200, "ok")

    return take


def test_status_with_retry_after_is_answered_and_the_fake_not_asked() -> None:
    asked: list[bytes] = []

    async def scenario() -> None:
        action = Status(429, b"slow down", (("X-Why", "limit"),), retry_after="2")
        async with listening(taking(asked), always(action)) as site:
            async with site.wire() as wire:
                await wire.post(b"{}")
                reply = await wire.reply()
            assert (reply.status, reply.body) == (429, b"slow down")
            assert (reply.headers["retry-after"], reply.headers["x-why"]) == ("2", "limit")
            assert [(e.hop, e.facts.get("action")) for e in site.journal.entries()] == [
                ("destination.arrived", None),
                ("fault.delivered", describe(action)),
                ("destination.answered", None),
            ]
            assert site.journal.facts("destination.answered")[0]["written"] is True

    asyncio.run(scenario())
    assert asked == []


def test_handled_status_refuses_after_the_fake_took_the_message() -> None:
    asked: list[bytes] = []

    async def scenario() -> None:
        async with listening(taking(asked), always(Status(500, handled=True))) as site, site.wire() as wire:
            await wire.post(b"uplink")
            assert (await wire.reply()).status == 500

    asyncio.run(scenario())
    assert asked == [b"uplink"]


def test_redirect_names_its_place_and_keeps_the_connection() -> None:
    async def scenario() -> None:
        behaviour = Behaviour([Fault("r", Nth(1), Redirect("http://other.example/x", 307))])
        async with listening(behaviour=behaviour) as site, site.wire() as wire:
            await wire.post(b"a")
            first = await wire.reply()
            await wire.post(b"b")
            second = await wire.reply()
            assert (first.status, first.headers["location"]) == (307, "http://other.example/x")
            assert (second.status, second.body) == (200, b"POST b\n")

    asyncio.run(scenario())


@both_loops
@pytest.mark.parametrize("handled", [False, True])
def test_reset_after_the_body_is_a_tcp_reset_without_an_answer(loop_factory: LoopFactory, handled: bool) -> None:
    asked: list[bytes] = []

    async def scenario() -> None:
        async with listening(taking(asked), always(ResetAfterBody(handled=handled))) as site, site.wire() as wire:
            await wire.post(b"uplink")
            with pytest.raises(ConnectionResetError):
                await wire.rest()
            (answered,) = await site.heard("destination.answered")
            (arrived,) = site.journal.facts("destination.arrived")
            assert (arrived["raw"], arrived["complete"]) == (b"uplink", True)
            assert (answered["status"], answered["written"]) == (None, False)

    on_loop(loop_factory, scenario())
    assert asked == ([b"uplink"] if handled else [])


@both_loops
def test_reset_before_the_body_leaves_the_body_unread(loop_factory: LoopFactory) -> None:
    async def scenario() -> None:
        async with listening(behaviour=always(ResetBeforeBody())) as site, site.wire() as wire:
            await wire.send(b"POST /bin HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n")
            with pytest.raises(ConnectionResetError):
                await wire.rest()
            (answered,) = await site.heard("destination.answered")
            (arrived,) = site.journal.facts("destination.arrived")
            assert (arrived["method"], arrived["raw"], arrived["complete"]) == ("POST", b"", False)
            assert (answered["status"], answered["written"]) == (None, False)

    on_loop(loop_factory, scenario())


@both_loops
@pytest.mark.parametrize(("count", "shown"), [(None, None), (0, b""), (9, b"HTTP/1.1 "), (-1, None), (100_000, None)])
def test_half_answer_ends_where_it_should(loop_factory: LoopFactory, count: int | None, shown: bytes | None) -> None:
    async def scenario() -> None:
        async with listening(behaviour=always(HalfAnswer(count))) as site, site.wire() as wire:
            await wire.post(b"uplink")
            got = await wire.rest()
            (answered,) = await site.heard("destination.answered")
            assert answered["written"] is (count == 100_000)
            assert got.startswith(b"HTTP/1.1 200 OK\r\n"[: len(got)])
            assert got.endswith(b"POST uplink\n") == (count == 100_000)
            assert answered.get("headed", False) is (b"\r\n\r\n" in got and count != 100_000)
            if shown is not None:
                assert got == shown
            elif count is None:
                assert 60 < len(got) < 120

    on_loop(loop_factory, scenario())


@both_loops
def test_hanging_answer_ends_only_with_its_client(loop_factory: LoopFactory) -> None:
    async def scenario() -> None:
        async with listening(behaviour=always(Hang())) as site:
            async with site.wire() as wire:
                await wire.post(b"uplink")
                await site.heard("fault.delivered")
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.2):
                        await wire.reader.read(1)
                assert site.journal.facts("destination.answered") == []
            (answered,) = await site.heard("destination.answered")
            assert (answered["status"], answered["written"]) == (None, False)

    on_loop(loop_factory, scenario())


def test_hang_at_the_head_reads_no_body() -> None:
    async def scenario() -> None:
        behaviour = Behaviour([Fault("h", Always(), Hang(), on="head")])
        async with listening(behaviour=behaviour) as site:
            async with site.wire() as wire:
                await wire.post(b"uplink")
                await site.heard("fault.delivered")
            (arrived,) = await site.heard("destination.arrived")
            assert (arrived["complete"], arrived["raw"]) == (False, b"")

    asyncio.run(scenario())


def test_delay_is_waited_out_before_the_usual_answer() -> None:
    async def scenario() -> None:
        async with listening(behaviour=always(Delay(0.15))) as site, site.wire() as wire:
            started = time.monotonic()
            await wire.post(b"a")
            reply = await wire.reply()
            assert time.monotonic() - started >= 0.15
            assert (reply.status, reply.body) == (200, b"POST a\n")

    asyncio.run(scenario())


def test_delay_is_followed_by_the_next_action() -> None:
    async def scenario() -> None:
        async with listening(behaviour=always(Delay(0.01, Delay(0.01, Status(503))))) as site, site.wire() as wire:
            await wire.post(b"a")
            assert (await wire.reply()).status == 503
            assert len(site.journal.facts("fault.delivered")) == 1

    asyncio.run(scenario())


def test_dripping_answer_arrives_whole_and_late() -> None:
    async def scenario() -> None:
        async with listening(behaviour=always(Drip(800))) as site, site.wire() as wire:
            started = time.monotonic()
            await wire.post(b"a")
            reply = await wire.reply()
            assert time.monotonic() - started >= 0.1
            assert (reply.status, reply.body) == (200, b"POST a\n")
            assert (await site.heard("destination.answered"))[0]["written"] is True

    asyncio.run(scenario())


def test_dripping_body_comes_behind_a_whole_head() -> None:
    async def scenario() -> None:
        async with listening(behaviour=always(Drip(400, body=60))) as site:
            async with site.wire() as wire:
                await wire.post(b"a")
                reply = await wire.reply()
                assert (reply.status, len(reply.body)) == (200, 60)
            async with site.wire() as wire:
                await wire.post(b"b")
                await wire.reader.readuntil(b"\r\n\r\n")
                wire.writer.transport.abort()
            whole, broken = await site.heard("destination.answered", 2)
            assert whole["written"] is True
            assert (broken["written"], broken["headed"]) == (False, True), "its head was written, its body was not"

    asyncio.run(scenario())


def test_huge_body_has_every_byte_that_was_asked_for() -> None:
    async def scenario() -> None:
        async with listening(behaviour=always(HugeBody(1_000_003))) as site, site.wire() as wire:
            await wire.post(b"a")
            reply = await wire.reply()
            assert (reply.status, len(reply.body)) == (200, 1_000_003)

    asyncio.run(scenario())


@both_loops
def test_huge_body_that_nobody_reads_was_not_written(loop_factory: LoopFactory) -> None:
    async def scenario() -> None:
        async with listening(behaviour=always(HugeBody(1 << 40))) as site:
            async with site.wire() as wire:
                await wire.post(b"a")
                await wire.reader.readuntil(b"\r\n\r\n")
                wire.writer.transport.abort()
            (answered,) = await site.heard("destination.answered")
            assert (answered["status"], answered["written"]) == (200, False)

    on_loop(loop_factory, scenario())


def test_pointer_fault_meets_the_first_attempt_of_one_uplink() -> None:
    async def scenario() -> None:
        behaviour = Behaviour([Fault("j", JsonPointer("/FCntUp", 2), Status(503))])
        async with listening(behaviour=behaviour) as site, site.wire() as wire:
            statuses = []
            for count in (1, 2, 2, 3):
                await wire.post(b'{"FCntUp":%d}' % count)
                statuses.append((await wire.reply()).status)
            assert statuses == [200, 503, 200, 200]
            (fault,) = site.journal.facts("fault.delivered")
            assert fault["exchange"] == site.journal.facts("destination.arrived")[1]["exchange"]

    asyncio.run(scenario())


def test_replaced_behaviour_holds_from_the_next_request() -> None:
    async def scenario() -> None:
        async with listening(behaviour=always(Status(503))) as site, site.wire() as wire:
            await wire.post(b"a")
            assert (await wire.reply()).status == 503
            site.rim.behaviour = Behaviour()
            await wire.post(b"a")
            assert (await wire.reply()).status == 200

    asyncio.run(scenario())


def test_request_that_is_no_delivery_meets_no_fault() -> None:
    async def scenario() -> None:
        behaviour = always(Status(503))
        async with listening(behaviour=behaviour, delivers=lambda method, _: method == "POST") as site:
            async with site.wire() as wire:
                await wire.send(b"GET /bin HTTP/1.1\r\nHost: h\r\n\r\n")
                assert (await wire.reply()).status == 200
                await wire.post(b"a")
                assert (await wire.reply()).status == 503
            assert [facts["delivery"] for facts in site.journal.facts("destination.arrived")] == [False, True]

    asyncio.run(scenario())


@pytest.mark.parametrize("late", [False, True])
def test_broken_fake_answers_500_and_the_rim_goes_on(late: bool, caplog: pytest.LogCaptureFixture) -> None:
    async def break_later() -> Any:
        raise RuntimeError("a bug")

    def handle(request: Request) -> Any:
        if request.body != b"bad":
            return text_answer(200, "ok")
        if late:
            return break_later()
        raise RuntimeError("a bug")

    async def scenario() -> None:
        async with listening(handle) as site, site.wire() as wire:
            await wire.post(b"bad")
            assert (await wire.reply()).status == 500
            await wire.post(b"good")
            assert (await wire.reply()).status == 200

    asyncio.run(scenario())
    assert "the fake stub failed at POST /bin" in caplog.text
    assert "a bug" in caplog.text
