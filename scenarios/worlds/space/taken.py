"""Bodies of connections that must be taken, as a table: each changes something in a plain one, and is shown as given.

`GONE` takes a key away. Sources: the examples and tables of the three connector documents, CONTRACT 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from uplab.scenarios.worlds.space.refusals import GONE

__all__ = ["TAKEN", "Taken"]


@dataclass(frozen=True, slots=True)
class Taken:
    """A right body: of what `kind`, and its values by place, joined by dots. `proves` is the clause.

    `transport` is how ThingsBoard is reached by it, where a forwarder may have another one alone.
    """

    proves: str
    change: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "http"
    needs: tuple[str, ...] = ("api", "http")
    transport: str | None = None


_URL = "configuration.destinationURL"
_HOST = "configuration.hostName"
_OPTIONS, _DOWN = ("api", "http", "options"), ("api", "http", "downlinks")
_BROKER: Final[dict[str, Any]] = {"kind": "mqtt", "needs": ("api", "mqtt")}


def _widgelix(change: Mapping[str, Any], proves: str) -> Taken:
    return Taken(proves, change, "widgelix", ("api", "widgelix"))


def _thingsboard(host: str, transport: str, proves: str) -> Taken:
    return Taken(proves, {_HOST: host}, "thingsboard", ("api", "thingsboard"), transport)


TAKEN: Final[Mapping[str, Taken]] = {
    "plain": Taken("HTTP-01"),
    "http": Taken("HTTP-01", {_URL: "http://posthere.io/taken"}),
    "a port": Taken("HTTP-01", {_URL: "https://posthere.io:8443/taken"}),
    "an address of numbers": Taken("HTTP-01", {_URL: "http://192.0.2.7:8080/in"}),
    "no path": Taken("HTTP-01", {_URL: "https://posthere.io"}),
    "a query": Taken("HTTP-01", {_URL: "https://posthere.io/taken?a=1&b=%20c"}),
    "a long address": Taken("HTTP-01", {_URL: f"https://posthere.io/{'a1' * 400}"}),
    "headers, and none in them": Taken("HTTP-06", {"configuration.headers": {}}),
    "a pattern": Taken("HTTP-06", {"configuration.headers": {"X-A": "{DevEUI}"}}, needs=("api", "http", "patterns")),
    "a pattern of a path": Taken(
        "HTTP-06", {"configuration.headers": {"X-A": "a {CustomerData.name} b"}}, needs=("api", "http", "patterns")
    ),
    "an empty description": Taken("HTTP-22", {"configuration.description": ""}),
    "a description": Taken("HTTP-22", {"configuration.description": "Größe 温度\nline"}),
    "a name of one letter": Taken("COM-02.b", {"name": "a"}),
    "a name of other scripts": Taken("COM-02.b", {"name": "Größe <b>温度</b> 🌡 {DevEUI}"}),
    "no blame period": Taken("HTTP-08.d", {"configuration.blamePeriod": 0}, needs=("api", "http", "blame")),
    "a long blame period": Taken("HTTP-08.d", {"configuration.blamePeriod": 86_400}, needs=("api", "http", "blame")),
    "inactive": Taken("COM-01.a", {"active": False}, needs=_OPTIONS),
    "active": Taken("COM-01.a", {"active": True}, needs=_OPTIONS),
    "each unit of time": Taken("COM-05.b", {"configuration.uplinkTimeValidity": "90s"}, needs=_OPTIONS),
    "days": Taken("COM-05.b", {"configuration.uplinkTimeValidity": "30d"}, needs=_OPTIONS),
    "aggressive": Taken("COM-08.a", {"configuration.reconnectStrategy": "AGGRESSIVE"}, needs=_OPTIONS),
    "first port": Taken("COM-07.a", {"configuration.downlinkPort": 1}, needs=_DOWN),
    "last port": Taken("COM-07.a", {"configuration.downlinkPort": 224}, needs=_DOWN),
    "no downlinks": Taken("COM-06", {"configuration.downlinkEnabled": False}, needs=_DOWN),
    "Widgelix": _widgelix({}, "WGX-06"),
    "Widgelix, a raw key": _widgelix(
        {"configuration.headers": {"Authorization": "0f8fad5b-d9cb-469f-a165-70867728950e"}}, "WGX-11.a"
    ),
    "Widgelix, a further header": _widgelix(
        {
            "configuration.headers": {
                "Authorization": "Bearer 0f8fad5b-d9cb-469f-a165-70867728950e",
                "X-Site": "A",
            }
        },
        "WGX-11.c",
    ),
    "Widgelix with a description": _widgelix({"configuration.description": "Hall 4"}, "WGX-13.b"),
    "ThingsBoard at 1883": _thingsboard("thingsboard.cloud:1883", "mqtt", "TB-03"),
    "ThingsBoard at 8883": _thingsboard("thingsboard.cloud:8883", "mqtts", "TB-03"),
    "ThingsBoard at 443": _thingsboard("thingsboard.cloud:443", "rest", "TB-03"),
    "a broker": Taken("MQTT-01.a", {}, **_BROKER),
    "a broker without downlinks": Taken("MQTT-01.a", {"configuration.downlinkTopicPattern": GONE}, **_BROKER),
    "a broker and patience": Taken(
        "MQTT-01.a", {"configuration.connectionTimeout": 10_000, "configuration.actionTimeout": 1}, **_BROKER
    ),
    "a topic without a pattern": Taken("MQTT-01.a", {"configuration.uplinkTopicPattern": "taken/all"}, **_BROKER),
    "a topic of several patterns": Taken(
        "MQTT-01.a", {"configuration.uplinkTopicPattern": "taken/{CustomerData.name}/{DevEUI}/{FPort}"}, **_BROKER
    ),
}
"""By name."""
