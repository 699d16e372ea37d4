"""What a forwarder is told of the names in its connections, as environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from uplab.scenarios.lab.ways.direct import transports
from uplab.scenarios.lab.ways.proxy import proxy_environment

if TYPE_CHECKING:
    from uplab.scenarios.under_test.ways.choice import Ways

__all__ = ["told_of_names"]


def told_of_names(ways: Ways, resolve: Mapping[str, str], *, network_url: str, proxy: str) -> dict[str, str]:
    """UPLAB_RESOLVE, or the proxy at that address, or what the lab's own addresses speak."""
    if ways.names == "resolve":
        return {"UPLAB_RESOLVE": ",".join(f"{name}={address}" for name, address in resolve.items())}
    speaks = {address: t for address, t in transports(resolve).items() if ways.tls or t in ("http", "mqtt")}
    if ways.names == "proxy":  # of HTTP and HTTPS; the addresses of MQTT stand in the bodies
        speaks = {address: t for address, t in speaks.items() if t.startswith("mqtt")}
    found = {"UPLAB_TRANSPORTS": ",".join(f"{address}={transport}" for address, transport in speaks.items())}
    return found | (proxy_environment(proxy, network_url) if ways.names == "proxy" else {})
