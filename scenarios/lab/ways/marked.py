"""What a run makes on a forwarder that others may use: names and bins with the mark of its namespace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from uplab.scenarios.lab.addresses import POSTHERE_HOST, WITNESS_HOST
from uplab.simulator.devices.namespace import marked_name, marked_path

__all__ = ["marked"]

_PORTS = {"http": 80, "https": 443}
_BINS = (POSTHERE_HOST, WITNESS_HOST)


def marked(body: Any, namespace: str, resolve: Mapping[str, str]) -> Any:
    """The body of a connection, or of a flow, as a run of this namespace gives it; whatever else is in it stays.

    What is no name, and an address that is none of a bin or cannot be read, stays too: so refused it must be as it is.
    """
    if not namespace or not isinstance(body, dict):
        return body
    changed = dict(body)
    if isinstance(changed.get("name"), str):
        changed["name"] = marked_name(changed["name"], namespace)
    configuration = changed.get("configuration")
    if isinstance(configuration, dict) and isinstance(configuration.get("destinationURL"), str):
        url = _below(configuration["destinationURL"], namespace, resolve)
        changed["configuration"] = {**configuration, "destinationURL": url}
    return changed


def _below(url: str, namespace: str, resolve: Mapping[str, str]) -> str:
    try:
        parts = urlsplit(url)
        address = f"{parts.hostname}:{parts.port or _PORTS.get(parts.scheme, 0)}"
    except ValueError:
        return url
    bins = {to for name, to in resolve.items() if name.rpartition(":")[0] in _BINS}
    if (parts.hostname not in _BINS and address not in bins) or parts.geturl() != url:
        return url
    return parts._replace(path=marked_path(parts.path, namespace)).geturl()
