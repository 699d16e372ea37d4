"""By which names this process is asked: another name is that of a stranger's page, which leads a browser here.

A browser lets a page read what its own host answers, and whoever owns a name may let it lead to any address, as
127.0.0.1. What names us by a number, or by a name of ours, is asked by nobody else's page.
"""

import ipaddress
from collections.abc import Iterable

__all__ = ["Hosts", "read_names"]


class Hosts:
    """IP addresses and localhost are always ours, beside them the names that we were told."""

    def __init__(self, names: Iterable[str | None]) -> None:
        """Names of hosts, without a port; what is None or empty is none."""
        self._names = {_plain(name) for name in names if name}

    def knows(self, asked: str | None) -> bool:
        """Judge the header Host; without one it is no browser that asks."""
        if asked is None:
            return True
        host = _plain(_without_port(asked))
        return host in self._names or host == "localhost" or host.endswith(".localhost") or _is_address(host)


def read_names(text: str) -> tuple[str, ...]:
    """Read names that are separated by commas; ValueError where one is no name of a host."""
    names = tuple(name for part in text.split(",") if (name := part.strip()))
    for name in names:
        if not all(c.isalnum() or c in "-._" for c in name) or not name.isascii():
            raise ValueError("must be names of hosts, separated by commas, without ports")
    return names


def _without_port(asked: str) -> str:
    asked = asked.strip()
    if asked.startswith("["):
        return asked[1:].partition("]")[0]
    return asked.partition(":")[0]


def _plain(name: str) -> str:
    return name.lower().removesuffix(".")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
