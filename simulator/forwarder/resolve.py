"""Where a host really is: UPLAB_RESOLVE sends chosen host:port pairs elsewhere, as curl's --connect-to does. And what
is spoken at an address whose port does not say it: UPLAB_TRANSPORTS."""

import ipaddress
from typing import Literal, cast, get_args

__all__ = ["Endpoint", "Transport", "read_resolve", "read_transports", "split_host_port"]

Endpoint = tuple[str, int]
Transport = Literal["mqtt", "mqtts", "http", "https"]


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


def read_transports(text: str | None) -> dict[Endpoint, Transport]:
    """Read `address:port=transport,...`; ValueError when it is malformed."""
    spoken: dict[Endpoint, Transport] = {}
    for item in filter(None, (part.strip() for part in (text or "").split(","))):
        place, _, transport = item.partition("=")
        if transport not in get_args(Transport):
            raise ValueError(f"{item!r} is not address:port=transport, with one of {', '.join(get_args(Transport))}")
        host, port = split_host_port(place)
        spoken[host.lower(), port] = cast("Transport", transport)
    return spoken
