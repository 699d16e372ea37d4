"""One background thread with one event loop: network, tunnel and fakes live there, scenarios stay synchronous."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

__all__ = ["LoopThread"]

T = TypeVar("T")

_STOP_S = 5.0  # for each step of the end: who does not end in it is left behind, and never waited for


def _new_loop() -> asyncio.AbstractEventLoop:
    """uvloop's where it exists: a fake serves a third more requests on it."""
    try:
        import uvloop  # noqa: PLC0415
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


class LoopThread:
    """Runs coroutines of the lab from the scenario's thread."""

    def __init__(self) -> None:
        self._loop = _new_loop()
        self._most_s: float | None = None
        self._thread = threading.Thread(target=self._serve, name="uplab-lab", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        """Runs the loop to its end, and closes it here: where a server is still open, uvloop's closing never returns.

        In this thread, a daemon, that keeps nobody; in the main one no signal would get through to it.
        """
        self._loop.run_forever()
        self._loop.close()

    def hurry(self, most_s: float) -> None:
        """From now on nothing that runs here is waited for longer."""
        self._most_s = most_s

    def run(self, work: Coroutine[Any, Any, T], *, timeout_s: float = 30.0) -> T:
        """Waits for the coroutine's result; it is cancelled after `timeout_s`, with TimeoutError, and by Ctrl-C."""
        try:
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError:  # the loop is closed
            work.close()
            raise
        try:
            return future.result(timeout_s if self._most_s is None else min(timeout_s, self._most_s))
        except BaseException:
            future.cancel()
            raise

    def call(self, function: Callable[[], T]) -> T:
        """Calls a plain function on the loop's thread, where the simulator's state may be touched."""

        async def work() -> T:
            return function()

        return self.run(work())

    def repeat(self, every_s: float, act: Callable[[], None]) -> None:
        """Calls `act` on the loop's thread, again and again while the loop runs, so long after it was called before."""

        def due() -> None:
            act()
            self._loop.call_later(every_s, due)

        self._loop.call_soon_threadsafe(self._loop.call_later, every_s, due)

    def stop(self) -> None:
        """Ends the loop; what still runs is cancelled, and what does not end for all that is left behind."""

        stop_s = _STOP_S if self._most_s is None else self._most_s / 2

        async def cancel_all() -> None:
            tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks, timeout=stop_s)

        try:
            with contextlib.suppress(TimeoutError):
                self.run(cancel_all(), timeout_s=2 * stop_s)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(stop_s)
