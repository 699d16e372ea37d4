"""Conditions of a connection: what its body configures."""

from collections.abc import Mapping
from typing import Any, Final

from uplab.scenarios.checks.conditions.condition import Condition

__all__ = ["OF_CONNECTIONS", "Body"]

Body = Mapping[str, Any]

_LONG = 1024  # bytes of a header's value that a careless program expects at most


def _configured(body: Body) -> Mapping[str, Any]:
    found = body.get("configuration")
    return found if isinstance(found, dict) else {}


def _headers(body: Body) -> dict[str, str]:
    found = _configured(body).get("headers")
    return {str(name).lower(): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def _port(body: Body) -> str:
    return str(_configured(body).get("hostName", "")).rpartition(":")[2]


def _is_http(body: Body) -> bool:
    return body.get("connectorId") == "actility-http-iot"


def _pattern(value: str) -> bool:
    return "{" in value and "}" in value


def _row(name: str, source: str, holds: Any) -> Condition[Body]:
    return Condition(name, "connection", source, holds)


OF_CONNECTIONS: Final[tuple[Condition[Body], ...]] = (
    _row("inactive", "COM-01", lambda b: b.get("active") is False),
    _row("sendMetadata", "COM-03", lambda b: _configured(b).get("sendMetadata") is True),
    _row("sendRawDecodedFormat", "COM-04", lambda b: _configured(b).get("sendRawDecodedFormat") is True),
    _row("uplinkTimeValidity", "COM-05", lambda b: bool(_configured(b).get("uplinkTimeValidity"))),
    _row("downlinkEnabled false", "COM-06", lambda b: _configured(b).get("downlinkEnabled") is False),
    _row("downlinkPort", "COM-07", lambda b: bool(_configured(b).get("downlinkPort"))),
    _row("downlinkAsKey", "COM-07", lambda b: bool(_configured(b).get("downlinkAsKey"))),
    _row("lrcCompliance", "COM-21", lambda b: _configured(b).get("lrcCompliance") is True),
    _row("reconnectStrategy CALM", "COM-08", lambda b: _configured(b).get("reconnectStrategy") == "CALM"),
    _row("reconnectStrategy AGGRESSIVE", "COM-08", lambda b: _configured(b).get("reconnectStrategy") == "AGGRESSIVE"),
    _row("alarms", "COM-11", lambda b: bool(b.get("alarms"))),
    _row("blamePeriod absent", "HTTP-08", lambda b: _is_http(b) and "blamePeriod" not in _configured(b)),
    _row("blamePeriod 0", "HTTP-08", lambda b: _configured(b).get("blamePeriod") == 0),
    _row("strictMode", "HTTP-16", lambda b: _configured(b).get("strictMode") is True),
    _row("headers absent", "HTTP-04", lambda b: _is_http(b) and "headers" not in _configured(b)),
    _row("a header of more than 1,024 bytes", "HTTP-05", lambda b: any(len(v) > _LONG for v in _headers(b).values())),
    _row("a pattern in a header", "HTTP-06", lambda b: any(_pattern(value) for value in _headers(b).values())),
    _row("Basic credentials", "HTTP-05", lambda b: _headers(b).get("authorization", "").startswith("Basic ")),
    _row("Widgelix", "WGX-03", lambda b: b.get("brand") == "WIDGELIX"),
    _row("ThingsBoard at port 1883", "TB-07", lambda b: _port(b) == "1883"),
    _row("ThingsBoard at port 8883", "TB-07", lambda b: _port(b) == "8883"),
    _row("ThingsBoard at port 443", "TB-07", lambda b: _port(b) == "443" and "username" in _configured(b)),
    _row("createDevices false", "TB-14", lambda b: _configured(b).get("createDevices") is False),
)
"""Of a connection, by the body with which it was made or changed."""
