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
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_main, args=(theirs, make, arguments, uv), name=f"bench {name}", daemon=True
        )
        self._process.start()
        theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._pipe.close()
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
            self._pipe.send((order, arguments))
            if not self._pipe.poll(timeout_s):
                raise WorkerError(f"{self.name} did not end {order} within {timeout_s:g} s")
            error, result = self._pipe.recv()
        except (EOFError, OSError) as gone:
            raise WorkerError(f"{self.name} ended before it had done {order}") from gone
        if error is not None:
            raise WorkerError(f"{self.name}, {order}: {error}")
        return result


def _main(pipe: Connection, make: Callable[..., Service], arguments: tuple[Any, ...], uv: bool) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business: it closes the pipe
    work = _serve(pipe, make, arguments)
    if uv:
        uvloop.run(work)
    else:
        asyncio.run(work)


async def _serve(pipe: Connection, make: Callable[..., Service], arguments: tuple[Any, ...]) -> None:
    loop = asyncio.get_running_loop()
    orders: asyncio.Queue[tuple[str, tuple[Any, ...]]] = asyncio.Queue()
    service = make(*arguments)
    working = asyncio.current_task()
    assert working is not None

    def read() -> None:
        try:
            orders.put_nowait(pipe.recv())
        except (EOFError, OSError):
            loop.remove_reader(pipe.fileno())
            working.cancel()

    loop.add_reader(pipe.fileno(), read)
    try:
        while True:
            name, given = await orders.get()
            try:
                result = _own_cpu_s() if name == _CPU else await getattr(service, name)(*given)
                answer: tuple[str | None, Any] = (None, result)
            except Exception as error:  # noqa: BLE001 - whatever it is, who asked must hear of it
                answer = (f"{type(error).__name__}: {error}", None)
            pipe.send(answer)
    except asyncio.CancelledError:
        pass
    finally:
        await service.stop()


def _own_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
