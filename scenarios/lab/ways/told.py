"""What a forwarder is told of the names in its connections, as environment variables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from uplab.scenarios.lab.addresses import NETWORK_PORT, PROXY_PORT, fixed_addresses
from uplab.scenarios.lab.authority import CERTIFICATE
from uplab.scenarios.lab.ways.direct import transports
from uplab.scenarios.lab.ways.fixed import fixed_set
from uplab.scenarios.lab.ways.proxy import proxy_environment

if TYPE_CHECKING:
    from uplab.scenarios.under_test.profile import Profile
    from uplab.scenarios.under_test.ways.choice import Ways

__all__ = ["told_elsewhere", "told_of_names"]


def told_of_names(ways: Ways, resolve: Mapping[str, str], *, network_url: str, proxy: str) -> dict[str, str]:
    """UPLAB_RESOLVE, or the proxy at that address, or what the lab's own addresses speak."""
    if ways.names == "resolve":
        return {"UPLAB_RESOLVE": ",".join(f"{name}={address}" for name, address in resolve.items())}
    speaks = {address: t for address, t in transports(resolve).items() if ways.tls or t in ("http", "mqtt")}
    if ways.names == "proxy":  # of HTTP and HTTPS; the addresses of MQTT stand in the bodies
        speaks = {address: t for address, t in speaks.items() if t.startswith("mqtt")}
    found = {"UPLAB_TRANSPORTS": ",".join(f"{address}={transport}" for address, transport in speaks.items())}
    return found | (proxy_environment(proxy, network_url) if ways.names == "proxy" else {})


def told_elsewhere(profile: Profile, advertise_host: str, base_port: int, authority: Path) -> dict[str, str]:
    """What a forwarder that runs elsewhere must be told, by hand, of a lab with fixed ports."""
    network_url = f"http://{advertise_host}:{base_port + NETWORK_PORT}"
    resolve = fixed_addresses(advertise_host, base_port)
    proxy = f"{advertise_host}:{base_port + PROXY_PORT}"
    found = {"UPLAB_NETWORK_URL": network_url, "UPLAB_CA": str((authority / CERTIFICATE).resolve())}
    found |= told_of_names(profile.ways, resolve, network_url=network_url, proxy=proxy)
    found["UPLAB_AS_ID"] = "uplab.AS"
    if profile.connections == "static":
        found["UPLAB_CONNECTIONS"] = json.dumps(fixed_set(profile, resolve), separators=(",", ":"))
    return found
