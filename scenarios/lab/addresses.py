"""The documents' own addresses, and which fake answers at each: one table for the lab and for its users."""

from __future__ import annotations

from typing import Any, NamedTuple

from uplab.scenarios.lab.false_hosts import FALSE_HOSTS, FIRST_PORT, NOBODY, NOBODYS_PORTS, PORTS

__all__ = [
    "BROKER_ACCOUNTS",
    "BROKER_HOST",
    "NETWORK_PORT",
    "POSTHERE_HOST",
    "PROXY_PORT",
    "PUBLIC_HOST",
    "SITES",
    "THINGSBOARD_HOST",
    "WIDGELIX_HOST",
    "WITNESS_HOST",
    "Site",
    "fixed_addresses",
]

POSTHERE_HOST = "posthere.io"
WIDGELIX_HOST = "app.widgelix.com"
THINGSBOARD_HOST = "thingsboard.cloud"
BROKER_HOST = "broker.uplab.test"  # a plain MQTT broker
WITNESS_HOST = "witness.uplab.test"
PUBLIC_HOST = "iot-flow.uplab.test"  # the platform's own name, with which downlink URLs begin


BROKER_ACCOUNTS: dict[str, dict[str, Any]] = {
    "uplab": {"password": "uplab broker"},
    "uplab-things": {
        "password": "uplab broker",
        "publish": ["mqtt/things/+/uplink"],
        "subscribe": ["mqtt/things/+/downlink"],
    },
    "uplab-certificate": {"password": "uplab broker", "certificate": True},
}
"""Who may come to the broker: to all topics, to those of the document's example, and with a client certificate only."""


class Site(NamedTuple):
    """One address: the fake of the lab that answers there, and the method by which it listens."""

    host: str
    port: int
    fake: str
    listen: str
    tls: bool


SITES = (
    Site(POSTHERE_HOST, 443, "posthere", "listen", True),
    Site(POSTHERE_HOST, 80, "posthere", "listen", False),
    Site(WITNESS_HOST, 80, "witness", "listen", False),
    Site(WIDGELIX_HOST, 443, "widgelix", "listen", True),
    Site(WIDGELIX_HOST, 80, "widgelix", "listen", False),
    Site(THINGSBOARD_HOST, 443, "thingsboard", "listen_http", True),
    Site(THINGSBOARD_HOST, 80, "thingsboard", "listen_http", False),
    Site(THINGSBOARD_HOST, 1883, "thingsboard", "listen_mqtt", False),
    Site(THINGSBOARD_HOST, 8883, "thingsboard", "listen_mqtt", True),
    Site(WITNESS_HOST, 1883, "thingsboard_witness", "listen_mqtt", False),
    Site(WITNESS_HOST, 8883, "thingsboard_witness", "listen_mqtt", True),
    Site(WITNESS_HOST, 443, "thingsboard_witness", "listen_http", True),
    Site(BROKER_HOST, 1883, "broker", "listen_mqtt", False),
    Site(BROKER_HOST, 8883, "broker", "listen_mqtt", True),
    Site(BROKER_HOST, 80, "broker", "listen", False),
)

THINGSBOARD_PORTS = {"mqtt": 1883, "mqtts": 8883, "rest": 443}
"""By the port of hostName ThingsBoard is reached in one way or another (thingsboard.md)."""

# Where the ports are fixed they follow each other: the sites, the network server, the hosts that nobody may trust, the
# proxy.
NETWORK_PORT = len(SITES)
PROXY_PORT = PORTS - 1
assert NETWORK_PORT < FIRST_PORT


def fixed_addresses(advertise_host: str, base_port: int) -> dict[str, str]:
    """What each name leads to when the lab listens on fixed ports, as UPLAB_RESOLVE says it."""
    sites = {f"{site.host}:{site.port}": f"{advertise_host}:{base_port + i}" for i, site in enumerate(SITES)}
    first = base_port + FIRST_PORT
    false = {
        f"{host}:{port}": f"{advertise_host}:{first + i}" for i, host in enumerate(FALSE_HOSTS) for port in (443, 8883)
    }
    closed = {f"{NOBODY}:{port}": f"{advertise_host}:{first + len(FALSE_HOSTS)}" for port in NOBODYS_PORTS}
    return sites | false | closed
