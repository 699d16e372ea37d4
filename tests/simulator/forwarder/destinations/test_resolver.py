import asyncio
import socket
import threading
from typing import Any

import pytest

from uplab.simulator.forwarder.destinations.resolver import Resolver


def test_mapped_name_gets_address_and_port() -> None:
    async def resolve() -> None:
        resolver = Resolver({("posthere.io", 443): ("127.0.0.1", 8443), ("six", 1): ("::1", 2)})
        (found,) = await resolver.resolve("POSTHERE.io", 443)
        assert (found["hostname"], found["host"], found["port"]) == ("POSTHERE.io", "127.0.0.1", 8443)
        (six,) = await resolver.resolve("six", 1)
        assert six["family"] == socket.AF_INET6
        await resolver.close()

    asyncio.run(resolve())


def test_other_names_are_asked_of_the_system() -> None:
    async def resolve() -> None:
        resolver = Resolver({("localhost", 1): ("10.0.0.1", 2)})
        found = await resolver.resolve("localhost", 99, socket.AF_INET)
        assert {(entry["host"], entry["port"]) for entry in found} == {("127.0.0.1", 99)}
        await resolver.close()

    asyncio.run(resolve())


def test_silent_name_server_delays_no_other_name(monkeypatch: pytest.MonkeyPatch) -> None:
    spoken = threading.Event()
    ask = socket.getaddrinfo

    def getaddrinfo(host: str, *rest: Any, **options: Any) -> Any:
        if host.startswith("silent"):
            spoken.wait(20)
            raise socket.gaierror(socket.EAI_AGAIN, "no answer")
        return ask(host, *rest, **options)

    async def resolve() -> None:
        resolver = Resolver({})
        silent = [asyncio.create_task(resolver.resolve(f"silent{n}", 80)) for n in range(40)]
        quick = asyncio.create_task(resolver.resolve("localhost", 80))  # begins after all of them
        try:
            assert await asyncio.wait_for(quick, 5)
        finally:
            spoken.set()
        ended = await asyncio.gather(*silent, return_exceptions=True)
        assert all(isinstance(error, OSError) for error in ended)

    monkeypatch.setattr("uplab.simulator.forwarder.destinations.resolver.socket.getaddrinfo", getaddrinfo)
    asyncio.run(resolve())
