"""A service in a process of its own, so that its CPU is counted apart; it is asked over a pipe, one order at a time."""

import asyncio
import multiprocessing
import resource
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Protocol, Self

import uvloop

__all__ = ["Service", "Worker", "WorkerError"]

_STOP_S = 3.0
_CPU = "cpu"


class WorkerError(Exception):
    """A worker could not do what it was asked, or did not answer in time."""


class Service(Protocol):
    """What a worker runs: any coroutine method of it can be asked for, with plain data both ways."""

    async def stop(self) -> None:
        """Let go of everything."""


class Worker:
    """One process with one service; it ends with the block, or when its parent has gone."""

    def __init__(self, name: str, make: Callable[..., Service], *arguments: Any, uv: bool = True) -> None:
        context = multiprocessing.get_context("spawn")
        self.name = name
        # Two of them, because a loop that reads from one makes it non-blocking, and answers can be large.
        orders, self._orders = context.Pipe(duplex=False)
        self._answers, answers = context.Pipe(duplex=False)
        self._process = context.Process(
            target=_main, args=(orders, answers, make, arguments, uv), name=f"bench {name}", daemon=True
        )
        self._process.start()
        orders.close()
        answers.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._orders.close()
        self._answers.close()
        self._process.join(_STOP_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(_STOP_S)

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def cpu_s(self) -> float:
        """User and system seconds so far, to the microsecond."""
        return float(self.ask(_CPU, timeout_s=10.0))

    def ask(self, order: str, *arguments: Any, timeout_s: float = 60.0) -> Any:
        """Have a method called and return its result; WorkerError when it raises or does not end in time."""
        try:
            self._orders.send((order, arguments))
            if not self._answers.poll(timeout_s):
                raise WorkerError(f"{self.name} did not end {order} within {timeout_s:g} s")
            error, result = self._answers.recv()
        except (EOFError, OSError) as gone:
            raise WorkerError(f"{self.name} ended before it had done {order}") from gone
        if error is not None:
            raise WorkerError(f"{self.name}, {order}: {error}")
        return result


def _main(
    orders: Connection, answers: Connection, make: Callable[..., Service], arguments: tuple[Any, ...], uv: bool
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business: it closes the pipes
    work = _serve(orders, answers, make(*arguments))
    if uv:
        uvloop.run(work)
    else:
        asyncio.run(work)


async def _serve(orders: Connection, answers: Connection, service: Service) -> None:
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[tuple[str, tuple[Any, ...]]] = asyncio.Queue()
    working = asyncio.current_task()
    assert working is not None

    def read() -> None:
        try:
            waiting.put_nowait(orders.recv())
        except (EOFError, OSError):
            loop.remove_reader(orders.fileno())
            working.cancel()

    loop.add_reader(orders.fileno(), read)
    try:
        while True:
            name, given = await waiting.get()
            try:
                result = _own_cpu_s() if name == _CPU else await getattr(service, name)(*given)
                answer: tuple[str | None, Any] = (None, result)
            except Exception as error:  # noqa: BLE001 - whatever it is, who asked must hear of it
                answer = (f"{type(error).__name__}: {error}", None)
            answers.send(answer)
    except (asyncio.CancelledError, BrokenPipeError):
        pass  # the parent wants no more
    finally:
        loop.remove_reader(orders.fileno())  # nothing cancels what cleans up
        await service.stop()


def _own_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
