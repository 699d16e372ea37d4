"""The fake HTTP destination beside what others have: requests for each second of its own CPU."""

import asyncio
import logging
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
from pytest_httpserver import HTTPServer

from tests.bench.figures import Bar, Measured, Result
from tests.bench.http_load import HttpLoad, Load
from tests.bench.machine import Others, cpu_s, memory_mb
from tests.bench.plan import Plan
from tests.bench.worker import Service, Worker, WorkerError
from uplab.fakes.journal import Journal
from uplab.fakes.posthere.server import PosthereServer

__all__ = ["measure_http_fake"]

_START_S = 30.0
_STOP_S = 5.0
OURS, WIREMOCK = "posthere, uvloop", "WireMock"


class _Posthere:
    """Ours, its journal kept."""

    def __init__(self) -> None:
        self._server = PosthereServer(emit=Journal(10_000))

    async def start(self) -> int:
        """Listen and return the port."""
        return await self._server.listen()

    async def stop(self) -> None:
        """Stop listening."""
        await self._server.stop()


class _HttpServer:
    """pytest-httpserver, which serves in a thread of its own and keeps every request."""

    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each request is no part of serving it
        self._server = HTTPServer(host="127.0.0.1", port=0)

    async def start(self) -> int:
        """Listen and return the port."""
        self._server.expect_request("/bench", method="POST").respond_with_data("Kept.")
        self._server.start()
        return int(self._server.port)

    async def stop(self) -> None:
        """Stop listening."""
        await asyncio.to_thread(self._server.stop)


class _Peer:
    """One server under load; `used_s` gives the CPU that its process has used."""

    def __init__(self, name: str, pid: int, port: int, count: int, used_s: Callable[[], float]) -> None:
        self.name, self.pid, self.port, self.count, self.used_s = name, pid, port, count, used_s


class _Bench:
    """All servers, which take turns in each run."""

    def __init__(self, plan: Plan, stack: ExitStack) -> None:
        self._limit_s = 8.0 if plan.quick else 15.0
        self._client = stack.enter_context(Worker("client", HttpLoad))
        self.measured = Measured()
        self.problems: list[str] = []
        self.peers = [
            _worker(stack, OURS, _Posthere, plan.sized(20_000, 10_000), uv=True),
            _worker(stack, "posthere, asyncio", _Posthere, plan.sized(20_000, 10_000), uv=False),
            _worker(stack, "pytest-httpserver", _HttpServer, plan.sized(3_000, 1_000), uv=False),
        ]
        if plan.wiremock is not None:
            process, port = stack.enter_context(_wiremock(plan.wiremock))
            count = plan.sized(3_000, 2_000)
            self.peers.append(_Peer(WIREMOCK, process.pid, port, count, lambda: cpu_s(process.pid)))
            self._load(self.peers[-1])  # its compiler has to warm up

    def run(self) -> None:
        """Load each of them once."""
        rates: dict[str, float] = {}
        for peer in self.peers:
            done, used_s = self._load(peer)
            self.problems += done.problems(peer.name)
            rates[peer.name] = done.per_s(used_s)
            bar = Bar(20_000.0) if peer.name.startswith("posthere") else None
            self.measured.add(peer.name, "/CPU-s", rates[peer.name], bar)
            self.measured.add(f"{peer.name}, by the clock", "/s", done.per_s(done.elapsed_s))
        for peer in self.peers[2:]:
            if rates[peer.name]:
                bar = Bar(10.0) if peer.name == WIREMOCK else None
                self.measured.add(f"{OURS}, over {peer.name}", "times", rates[OURS] / rates[peer.name], bar)

    def _load(self, peer: _Peer) -> tuple[Load, float]:
        before_s = peer.used_s()
        done = Load(*self._client.ask("post", peer.port, peer.count, self._limit_s, timeout_s=self._limit_s + 10))
        return done, peer.used_s() - before_s


def measure_http_fake(plan: Plan, result: Result, others: Others) -> None:
    """Load our fake and its peers with POSTs of documents."""
    with ExitStack() as stack:
        bench = _Bench(plan, stack)
        for _ in plan.turns(30.0, 3.0):
            with others.watched():
                bench.run()
        memory = ", ".join(f"{peer.name} {memory_mb(peer.pid):.0f}" for peer in bench.peers)
    result.figures, result.problems = bench.measured.figures, bench.problems
    result.conditions.append("64 connections, each with one request at a time; what came is kept by all of them")
    result.conditions.append(f"resident at the end, MB: {memory}")
    if plan.wiremock is None:
        hint = "name its jar with --wiremock; the npm package wiremock brings it"
        result.conditions.append(f"WireMock was not measured, so neither was ten times its rate: {hint}")


def _worker(stack: ExitStack, name: str, make: Callable[[], Service], count: int, *, uv: bool) -> _Peer:
    worker = stack.enter_context(Worker(name, make, uv=uv))
    return _Peer(name, worker.pid, worker.ask("start"), count, lambda: worker.cpu_s)


@contextmanager
def _wiremock(jar: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """WireMock with one stub, its request journal kept as long as ours."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    options = ["--bind-address", "127.0.0.1", "--disable-banner", "--max-request-journal-entries", "10000"]
    try:
        process = subprocess.Popen(
            ["java", "-jar", str(jar), "--port", str(port), *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise WorkerError(f"WireMock cannot be started: {error}") from None
    try:
        stub = {"request": {"method": "POST", "url": "/bench"}, "response": {"status": 200, "body": "Kept."}}
        transport = httpx.HTTPTransport(retries=8)  # with growing pauses, until the JVM listens
        with httpx.Client(transport=transport, timeout=_START_S) as admin:
            admin.post(f"http://127.0.0.1:{port}/__admin/mappings", json=stub).raise_for_status()
        yield process, port
    except httpx.HTTPError as error:
        raise WorkerError(f"WireMock did not start: {error}") from None
    finally:
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_STOP_S)
