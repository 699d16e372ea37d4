from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from uplab.scenarios.lab.loop import LoopThread


@pytest.fixture
def loop() -> Iterator[LoopThread]:
    loop = LoopThread()
    yield loop
    loop.stop()


def test_coroutine_gives_its_result_to_another_thread(loop: LoopThread) -> None:
    async def where() -> str:
        return threading.current_thread().name

    assert loop.run(where()) == "uplab-lab"


def test_error_of_the_coroutine_reaches_the_caller(loop: LoopThread) -> None:
    async def fail() -> None:
        raise LookupError("no such bin")

    with pytest.raises(LookupError, match=r"^no such bin$"):
        loop.run(fail())


def test_coroutine_that_takes_too_long_is_cancelled(loop: LoopThread) -> None:
    cancelled = threading.Event()

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    with pytest.raises(TimeoutError):
        loop.run(wait(), timeout_s=0.05)
    assert cancelled.wait(5)


def test_plain_function_is_called_on_the_loops_thread(loop: LoopThread) -> None:
    assert loop.call(threading.current_thread) is not threading.current_thread()
    assert loop.call(asyncio.get_running_loop).is_running()


def test_stop_ends_what_still_runs() -> None:
    loop, ended = LoopThread(), threading.Event()

    async def begin() -> asyncio.Task[None]:
        begun = asyncio.Event()

        async def work() -> None:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        task = asyncio.create_task(work())
        await begun.wait()
        return task

    task = loop.run(begin())
    thread = loop.call(threading.current_thread)
    loop.stop()

    assert ended.is_set()
    assert task.cancelled()
    assert not thread.is_alive()
