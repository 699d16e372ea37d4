import asyncio
import socket
import threading
from typing import Any

import pytest

from uplab.simulator.forwarder.resolve import Resolver, read_resolve, split_host_port


def test_pairs_are_read_without_regard_to_case() -> None:
    assert read_resolve("Posthere.io:443=127.0.0.1:8443, b:80=[::1]:8080,") == {
        ("posthere.io", 443): ("127.0.0.1", 8443),
        ("b", 80): ("::1", 8080),
    }
    assert read_resolve(None) == read_resolve("") == {}


@pytest.mark.parametrize(
    "text", ["a", "a:1", "a:1=b", "a:1=b:2", "a=127.0.0.1:1", "a:x=127.0.0.1:1", "a:1=127.0.0.1:70000"]
)
def test_malformed_pair_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not|has no port"):
        read_resolve(text)


@pytest.mark.parametrize(("text", "endpoint"), [("a:1", ("a", 1)), ("[::1]:443", ("::1", 443)), ("a:0", ("a", 0))])
def test_host_and_port_are_split(text: str, endpoint: tuple[str, int]) -> None:
    assert split_host_port(text) == endpoint


@pytest.mark.parametrize("text", ["a", "a:", ":1", "::1:80", "a:-1", "a:65536", "a:٣"])
def test_what_is_no_host_and_port_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"host:port|no port"):
        split_host_port(text)


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

    monkeypatch.setattr("uplab.simulator.forwarder.resolve.socket.getaddrinfo", getaddrinfo)
    asyncio.run(resolve())
