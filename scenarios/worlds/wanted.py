"""How one document must arrive at one connection, or why it is dropped: form, headers and query, by its configuration.

Written from CONTRACT 3 and 4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from uplab.scenarios.checks.checks import Route
from uplab.scenarios.checks.content.decoded import read_uplink
from uplab.scenarios.checks.standing.headers import resolved
from uplab.scenarios.lab.false_hosts import EXPIRED, UNKNOWN_AUTHORITY, WRONG_HOST, FalseHosts
from uplab.scenarios.lab.witness import AnyPath
from uplab.scenarios.worlds.oracle import validity_s
from uplab.scenarios.worlds.plan import Connection

__all__ = ["FALSE", "Shape", "Wanted", "bin_of", "route_of", "topic_of", "wanted"]

FALSE: Final = {"unknown authority": UNKNOWN_AUTHORITY, "wrong host": WRONG_HOST, "expired": EXPIRED}
"""Hosts whose certificate no client may trust, by what is wrong with it."""

Shape = Literal["document", "report", "payload", "either", "telemetry"]
"""The whole document, the report without its root, its decoded payload alone (or whole, where nobody knows whether the
forwarder decodes it), telemetry."""
_UPLINK = "DevEUI_uplink"
_NO_TOPIC = re.compile(r"[+#\0]")
_SURE = "elsys/ers"  # the model that every forwarder with drivers decodes


@dataclass(frozen=True, slots=True)
class Wanted:
    """`headers` by name, with their resolved values; `query` as it stands in the address, None where it is not asked.

    `signed` says that the six parameters of lrcCompliance follow. `open` means that it may also stay away.
    """

    shape: Shape
    headers: Mapping[str, str] = field(default_factory=dict)
    query: str | None = None
    signed: bool = False
    open: bool = False


def bin_of(tag: str, name: str, connection: Connection) -> tuple[str, str]:
    """Path and query at posthere of a connection over HTTP; `tag` tells the worlds of one lab apart."""
    path, _, query = f"/{tag}-{name}{connection.suffix}".partition("?")
    return path, query


def route_of(tag: str, name: str, connection: Connection, report: Mapping[str, Any] | None = None) -> Route:
    """Where its documents arrive, or would if its certificate were not looked at; at a broker that of this report."""
    if connection.to in ("http", "https"):
        fake = FalseHosts.name if connection.trouble in FALSE else "posthere"
        return Route(fake, bin_of(tag, name, connection)[0])
    if connection.to == "broker":
        topic = topic_of(connection, report) if report is not None else None
        return Route("broker", f"{tag}-{name}/{topic or '#'}")
    if connection.to == "widgelix":
        return Route("widgelix", "/v1/input-node/actility")
    if connection.to == "rest":
        return AnyPath("thingsboard", "REST")
    return Route("thingsboard", "v1/gateway/telemetry")


def topic_of(connection: Connection, report: Mapping[str, Any]) -> str | None:
    """The topic of a report, below that of the world; None where its pattern finds nothing, or a wildcard."""
    found = resolved(connection.topic, report)
    return None if found is None or _NO_TOPIC.search(found) else found


def wanted(document: Mapping[str, Any], connection: Connection, *, age_s: float) -> Wanted | str:
    """How a document of this age (by its Time, in seconds) arrives there; or, in words, why it is dropped."""
    [(root, report)] = document.items()
    configuration = connection.configuration
    uplink = root == _UPLINK
    limit_s = validity_s(configuration)
    if limit_s is not None and uplink and age_s > limit_s:
        return "uplinkTimeValidity: it is too old"
    if connection.to in ("mqtt", "mqtts", "rest"):
        return Wanted("telemetry")
    if connection.to == "broker" and topic_of(connection, report) is None:
        return "its topic finds nothing, or would be none"
    if configuration.get("sendMetadata") is True and not uplink:
        return "sendMetadata: it is no uplink"
    headers: dict[str, str] = {}
    for name, written in configuration.get("headers", {}).items():
        value = resolved(written, report)
        if value is None and uplink:
            return f"its header {name} finds nothing"
        if value is not None:
            headers[name] = value.strip()
    query = connection.suffix.partition("?")[2]
    missing = len(headers) < len(configuration.get("headers", {}))
    old = limit_s is not None and age_s > limit_s
    return Wanted(
        _shape(root, report, configuration),
        headers,
        query if connection.to in ("http", "https") else None,
        signed=configuration.get("lrcCompliance") is True,
        open=missing or old,
    )


def _shape(root: str, report: Mapping[str, Any], configuration: Mapping[str, Any]) -> Shape:
    if configuration.get("sendMetadata") is True:
        return "report"
    if configuration.get("sendRawDecodedFormat") is True and root == _UPLINK:
        reading = read_uplink(report)
        if reading.quantities and reading.model == _SURE:
            return "payload"
        return "either" if reading.quantities or reading.quantities is None else "document"
    return "document"
