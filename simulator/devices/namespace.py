"""The namespace of a run: others may test a forwarder that runs elsewhere, and no two runs have anything alike there.

It stands in each DevEUI, behind the name of each connection and flow, and before the path of each bin.
"""

import re
import secrets
from typing import Final

__all__ = [
    "NAMESPACE",
    "drawn_namespace",
    "is_anothers",
    "is_anothers_name",
    "is_marked",
    "marked_name",
    "marked_path",
    "own_url",
]

NAMESPACE: Final = re.compile(r"[0-9a-f]{4}")
"""Four hexadecimal digits: they follow the first byte of each DevEUI of the run."""

_BEHIND = re.compile(r" uplab-[0-9a-f]{4}\Z")
_BELOW = re.compile(r"/uplab-([0-9a-f]{4})(?=/)")

_LOCAL = "02"  # what the DevEUI of every simulated device begins with: it was given out locally


def drawn_namespace() -> str:
    """One that nobody can foresee: two runs with the same seed have different ones."""
    return secrets.token_hex(2)


def is_anothers(dev_eui: str, namespace: str) -> bool:
    """Whether a device is one of another run's; nobody's are where this run has no namespace."""
    return bool(namespace) and dev_eui.startswith(_LOCAL) and dev_eui[2:6].lower() != namespace


def marked_name(name: str, namespace: str) -> str:
    """A name that tells whose it is; what is no name, and what is marked already, stays as it is."""
    if not namespace or not name.strip() or is_marked(name, namespace):
        return name
    return f"{name} uplab-{namespace}"


def is_marked(name: object, namespace: str) -> bool:
    """Whether a run of this namespace has given this name."""
    return bool(namespace) and isinstance(name, str) and name.endswith(f" uplab-{namespace}")


def is_anothers_name(name: object, namespace: str) -> bool:
    """Whether a run of another namespace has given this name; none has where this run has no namespace."""
    marked = bool(namespace) and isinstance(name, str) and _BEHIND.search(name) is not None
    return marked and not is_marked(name, namespace)


def marked_path(path: str, namespace: str) -> str:
    """A path below which only this run's bins are."""
    return path if not namespace or path.startswith(f"/uplab-{namespace}/") else f"/uplab-{namespace}{path or '/'}"


def own_url(url: str, namespace: str) -> str | None:
    """Path and query without the mark of this run; None where they have another run's."""
    found = _BELOW.match(url) if namespace else None
    if found is None:
        return url
    return url[found.end() :] if found[1] == namespace else None
