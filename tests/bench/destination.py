"""The receiver's side in a process of its own: a fake of ours with its journal, or a sink that does nothing else."""

import asyncio
import gc
from collections.abc import Callable
from time import monotonic_ns
from typing import Any

from tests.bench.counting import Arrival
from tests.bench.uplinks import TELEMETRY, of_document, of_telemetry
from uplab.fakes.behaviour import Behaviour
from uplab.fakes.faults import Always, Fault, Hang
from uplab.fakes.journal import Journal
from uplab.fakes.posthere.server import PosthereServer
from uplab.fakes.thingsboard.server import ThingsBoardServer

__all__ = ["Posthere", "Sink", "ThingsBoard"]


class _Destination:
    """Keeps when which message was taken, and says when so many were."""

    def __init__(self) -> None:
        self._journal = Journal(10_000)
        self._open: dict[object, tuple[int, bytes]] = {}  # exchanges without their answer
        self._taken: list[tuple[int, bytes]] = []
        self._changed = asyncio.Event()
        self._wanted = 0

    async def clear(self) -> None:
        """Forget what was taken so far."""
        self._open.clear()
        self._taken.clear()
        gc.collect()

    async def taken(self, wanted: int, quiet_s: float) -> int:
        """Wait until so many messages were taken, or none came for a while; how many they are."""
        self._wanted = wanted
        while (so_far := len(self._taken)) < wanted:
            self._changed.clear()
            try:
                async with asyncio.timeout(quiet_s):
                    await self._changed.wait()
            except TimeoutError:
                if len(self._taken) == so_far:
                    break
        return len(self._taken)

    async def arrivals(self) -> list[Arrival]:
        """Every message that was taken, by its identity."""
        return [Arrival(identity, at_ns) for at_ns, raw in self._taken for identity in self._identities(raw)]

    def _identities(self, raw: bytes) -> list[str]:
        return [of_document(raw)]

    def _take(self, at_ns: int, raw: bytes) -> None:
        self._taken.append((at_ns, raw))
        if len(self._taken) >= self._wanted:
            self._changed.set()


class Posthere(_Destination):
    """The fake posthere, and a second one that never answers."""

    def __init__(self) -> None:
        super().__init__()
        self._server = PosthereServer(emit=self._emit)
        self._hanging = PosthereServer(behaviour=Behaviour([Fault("hanging", Always(), Hang())]))

    async def start(self) -> dict[str, int]:
        """Listen; where the one that answers and the one that hangs are."""
        self._server.hosts.allow("bench.test")
        self._hanging.hosts.allow("hanging.test")
        return {"bench.test:80": await self._server.listen(), "hanging.test:80": await self._hanging.listen()}

    async def stop(self) -> None:
        """Stop listening."""
        await self._server.stop()
        await self._hanging.stop()

    async def clear(self) -> None:
        """Forget the bins too."""
        await super().clear()
        self._server.clear()

    def _emit(self, hop: str, facts: dict[str, Any]) -> None:
        self._journal(hop, facts)
        if hop == "destination.arrived":
            self._open[facts["exchange"]] = (monotonic_ns(), facts["raw"])
        elif hop == "destination.answered" and facts["written"] and facts["status"] == 200:
            self._take(*self._open.pop(facts["exchange"]))


class ThingsBoard(_Destination):
    """The fake ThingsBoard, over MQTT; a message is taken with its PUBACK."""

    def __init__(self) -> None:
        super().__init__()
        self._server = ThingsBoardServer(emit=self._emit)

    async def start(self) -> dict[str, int]:
        """Listen; where."""
        return {"thingsboard.test:1883": await self._server.listen_mqtt()}

    async def stop(self) -> None:
        """Stop listening."""
        await self._server.stop()

    def _identities(self, raw: bytes) -> list[str]:
        return list(of_telemetry(raw))

    def _emit(self, hop: str, facts: dict[str, Any]) -> None:
        self._journal(hop, facts)
        if hop == "destination.published" and facts["topic"] == TELEMETRY.decode():
            self._open[facts["exchange"]] = (monotonic_ns(), facts["raw"])
        elif hop == "destination.acknowledged" and (taken := self._open.pop(facts["exchange"], None)):
            self._take(*taken)


class Sink(_Destination):
    """As little as a destination can do: it finds where a request ends, keeps its body, and answers 200."""

    def __init__(self) -> None:
        super().__init__()
        self._server: asyncio.Server | None = None

    async def start(self) -> dict[str, int]:
        """Listen; where."""
        self._server = await asyncio.get_running_loop().create_server(lambda: _Requests(self._take), "127.0.0.1", 0)
        return {"bench.test:80": int(self._server.sockets[0].getsockname()[1])}

    async def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()


class _Requests(asyncio.Protocol):
    """One connection to the sink; requests with Content-Length only."""

    def __init__(self, take: Callable[[int, bytes], None]) -> None:
        self._take = take
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a server's is always a write transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[:end].lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
            if len(self._received) < end + 4 + length:
                return
            self._take(monotonic_ns(), self._received[end + 4 : end + 4 + length])
            self._received = self._received[end + 4 + length :]
            assert self._transport is not None
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
