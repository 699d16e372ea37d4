"""Where a host really is: UPLAB_RESOLVE sends chosen host:port pairs elsewhere, as curl's --connect-to does."""

import ipaddress
import socket
from collections.abc import Mapping

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult

__all__ = ["Endpoint", "Resolver", "read_resolve", "split_host_port"]

Endpoint = tuple[str, int]


def split_host_port(text: str) -> Endpoint:
    """Split `host:port` (an IPv6 address in brackets); ValueError when it has no port of 0 to 65535."""
    host, colon, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not colon or not host or (":" in host and not bracketed):
        raise ValueError(f"{text!r} is not host:port")
    if not (port.isascii() and port.isdigit() and int(port) <= 65535):
        raise ValueError(f"{text!r} has no port between 0 and 65535")
    return (host[1:-1] if bracketed else host), int(port)


def read_resolve(text: str | None) -> dict[Endpoint, Endpoint]:
    """Read `host:port=address:port,...`; ValueError when it is malformed."""
    mapping: dict[Endpoint, Endpoint] = {}
    for item in filter(None, (part.strip() for part in (text or "").split(","))):
        source, equals, target = item.partition("=")
        if not equals:
            raise ValueError(f"UPLAB_RESOLVE: {item!r} is not host:port=address:port")
        host, port = split_host_port(source)
        address, mapped_port = split_host_port(target)
        try:
            ipaddress.ip_address(address)
        except ValueError:
            raise ValueError(f"UPLAB_RESOLVE: {address!r} in {item!r} is not an address") from None
        mapping[host.lower(), port] = (address, mapped_port)
    return mapping


class Resolver(AbstractResolver):
    """Resolves mapped names to their address and port, and all others as the system does."""

    def __init__(self, mapping: Mapping[Endpoint, Endpoint]) -> None:
        """Keep the mapping of (lower-case host, port) to (address, port)."""
        self._mapping = dict(mapping)
        self._system: ThreadedResolver | None = None

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Give the addresses of one host; OSError when the system does not know it."""
        mapped = self._mapping.get((host.lower(), port))
        if mapped is None:
            if self._system is None:  # made here, because it needs a running loop
                self._system = ThreadedResolver()
            return await self._system.resolve(host, port, family)
        address, mapped_port = mapped
        found = socket.AF_INET6 if ":" in address else socket.AF_INET
        flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        return [ResolveResult(hostname=host, host=address, port=mapped_port, family=found, proto=0, flags=int(flags))]

    async def close(self) -> None:
        """Release the system's resolver."""
        if self._system is not None:
            await self._system.close()
