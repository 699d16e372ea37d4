"""Resolves the names of destinations: what UPLAB_RESOLVE maps goes where it says, all others as the system has them."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Mapping

from aiohttp.abc import AbstractResolver, ResolveResult

from uplab.simulator.forwarder.resolve import Endpoint

__all__ = ["Resolver"]


class Resolver(AbstractResolver):
    """Resolves mapped names to their address and port, and all others as the system does."""

    def __init__(self, mapping: Mapping[Endpoint, Endpoint]) -> None:
        """Keep the mapping of (lower-case host, port) to (address, port)."""
        self._mapping = dict(mapping)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Give the addresses of one host; OSError when the system does not know it."""
        mapped = self._mapping.get((host.lower(), port))
        if mapped is None:
            return [_result(host, *found) for found in await _ask_system(host, port, family)]
        address, mapped_port = mapped
        return [_result(host, socket.AF_INET6 if ":" in address else socket.AF_INET, 0, address, mapped_port)]

    async def close(self) -> None:
        """Nothing is held."""


_Found = tuple[int, int, str, int]  # family, protocol, address, port


def _result(hostname: str, family: int, protocol: int, address: str, port: int) -> ResolveResult:
    flags = int(socket.AI_NUMERICHOST | socket.AI_NUMERICSERV)
    return ResolveResult(hostname=hostname, host=address, port=port, family=family, proto=protocol, flags=flags)


async def _ask_system(host: str, port: int, family: int) -> list[_Found]:
    """Ask in a thread of its own.

    The loop's own look-ups share two threads, and a name whose servers are silent holds one for many seconds: two such
    destinations would stop all others. The pool of sockets asks for one name once at a time, so the threads are few.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[list[_Found]] = loop.create_future()

    def tell(found: list[_Found] | None, error: Exception | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(found or [])

    def ask() -> None:
        found, failed = None, None
        try:
            found = _look_up(host, port, family)
        except Exception as error:  # noqa: BLE001 - it is raised where it is waited for
            failed = error
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(tell, found, failed)

    # A daemon, since a silent name server must not keep the process from ending.
    threading.Thread(target=ask, name=f"resolve {host}", daemon=True).start()
    return await done


def _look_up(host: str, port: int, family: int) -> list[_Found]:
    found = []
    asked = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    for kind, _, protocol, _, address in asked:
        name = str(address[0])
        if len(address) == 4 and address[3]:
            name = f"{name}%{address[3]}"  # the interface of a link-local address
        found.append((int(kind), protocol, name, int(address[1])))
    return found
