"""Names are direct: the lab's own addresses stand in what a connection is configured with.

For a forwarder that can be told neither where a name leads nor of a proxy. With a proxy it is MQTT alone that goes so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

__all__ = ["addressed", "outward", "transports"]

_PORTS = {"http": 80, "https": 443}
_PLAIN = {443: 80, 8883: 1883}  # the port at which the same is spoken without TLS
_TRANSPORTS = {80: "http", 443: "https", 1883: "mqtt", 8883: "mqtts"}
_MQTT = (1883, 8883)

Names = Literal["resolve", "proxy", "direct"]


def addressed(body: Any, resolve: Mapping[str, str], *, names: Names, tls: bool) -> Any:
    """The body of a connection with the lab's addresses where names cannot be used; whatever else is in it stays.

    `resolve` is what UPLAB_RESOLVE says; where it knows no such name, and where the value is none, nothing changes.
    """
    configuration = body.get("configuration") if isinstance(body, dict) else None
    if names == "resolve" or not isinstance(configuration, dict):
        return body
    changed = dict(configuration)
    if names == "direct" and isinstance(changed.get("destinationURL"), str):
        changed["destinationURL"] = outward(changed["destinationURL"], resolve, tls=tls)
    if isinstance(changed.get("hostName"), str):
        host, _, port = changed["hostName"].rpartition(":")
        number = int(port) if port.isascii() and port.isdecimal() else 0
        if names == "direct" or number in _MQTT:
            wanted = number if tls else _PLAIN.get(number, number)
            changed["hostName"] = resolve.get(f"{host}:{wanted}") or resolve.get(f"{host}:{port}", changed["hostName"])
    return {**body, "configuration": changed}


def outward(url: str, resolve: Mapping[str, str], *, tls: bool) -> str:
    """The URL at the lab's own address; without `tls` at that of plain HTTP, where there is one."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return url
    plain = None if tls else resolve.get(f"{parts.hostname}:{_PLAIN.get(port, port)}")
    address = plain or resolve.get(f"{parts.hostname}:{port}")
    if address is None:
        return url
    user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    return parts._replace(scheme="http" if plain else parts.scheme, netloc=user + address).geturl()


def transports(resolve: Mapping[str, str]) -> dict[str, str]:
    """Which of the lab's addresses speaks what: address:port -> http, https, mqtt or mqtts.

    One that is closed, or whose certificate nobody may trust, is called what its name's port says.
    """
    found: dict[str, str] = {}
    for name, address in resolve.items():
        transport = _TRANSPORTS.get(int(name.rpartition(":")[2]))
        if transport is not None:
            found.setdefault(address, transport)
    return found
