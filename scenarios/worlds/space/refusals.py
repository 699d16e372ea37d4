"""What must be refused, as a table: bodies of connections and flows, posts to the ingress, downlinks. Nothing happens.

A row changes one thing in what would be right; `GONE` takes it away. Sources: CONTRACT 2, 3 and 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

__all__ = ["GONE", "REFUSALS", "Refusal"]

GONE: Final = object()

Asked = Literal["create", "change", "flow", "api", "ingress", "downlink"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One wrong request: what it asks, the place in it that is wrong, joined by dots, and the value there.

    Of the API itself the place is a method and a path. Of what `kind` of connection it is: http, widgelix, thingsboard
    or mqtt. The answer has one of these `statuses`, any from 400 to 499 where none is named; its message names the last
    part of the place, or `names`; empty: nothing is asked of the message. `proves` is the clause.
    """

    asked: Asked
    place: str
    value: Any
    proves: str
    kind: str = "http"
    needs: tuple[str, ...] = ("api", "validation", "http")
    names: str | None = None
    statuses: tuple[int, ...] = (400,)

    @property
    def named(self) -> str:
        """What the message must name."""
        return self.place.rpartition(".")[2] if self.names is None else self.names


_C = "configuration"
_WIDGELIX = ("api", "validation", "widgelix")
_THINGSBOARD = ("api", "validation", "thingsboard")
_OPTIONS = ("api", "validation", "http", "options")
_DOWN = ("api", "http", "downlinks")


def _create(place: str, value: Any, proves: str, **more: Any) -> Refusal:
    return Refusal("create", place, value, proves, **more)


def _api(asked: str, body: Any, proves: str, statuses: tuple[int, ...] = (404,)) -> Refusal:
    return Refusal("api", asked, body, proves, needs=("api", "validation", "http"), names="", statuses=statuses)


def _broker(place: str, value: Any, proves: str) -> Refusal:
    return Refusal("create", f"{_C}.{place}", value, proves, "mqtt", ("api", "validation", "mqtt"))


_PLAIN = {
    "connectorId": "actility-http-iot",
    "name": "nobody's",
    "configuration": {"destinationURL": "https://posthere.io/refused"},
}

REFUSALS: Final[Mapping[str, Refusal]] = {
    "no name": _create("name", GONE, "COM-02.a"),
    "name a number": _create("name", 5, "COM-20.a"),
    "name blank": _create("name", " ", "COM-20.a"),
    "no connector": _create("connectorId", GONE, "COM-02.a"),
    "another connector": _create("connectorId", "actility-kafka-iot", "COM-02.a"),
    "no configuration": _create(_C, GONE, "COM-20.a"),
    "configuration a list": _create(_C, [], "COM-20.a"),
    "an unknown key": _create("colour", "red", "HTTP-21.b"),
    "an unknown key of the configuration": _create(f"{_C}.retries", 3, "HTTP-21.b"),
    "a key in the wrong case": _create("BRAND", "WIDGELIX", "HTTP-21.a"),
    "another brand": _create("brand", "WIDGETIX", "WGX-12.a"),
    "active a text": _create("active", "yes", "COM-20.a", needs=_OPTIONS),
    "no address": _create(f"{_C}.destinationURL", GONE, "HTTP-01"),
    "another scheme": _create(f"{_C}.destinationURL", "ftp://posthere.io/a", "HTTP-01"),
    "no scheme": _create(f"{_C}.destinationURL", "posthere.io/a", "HTTP-01"),
    "no host": _create(f"{_C}.destinationURL", "https://", "COM-20.a"),
    "credentials in the address": _create(f"{_C}.destinationURL", "https://u:p@posthere.io/a", "HTTP-21.d"),
    "blank in the address": _create(f"{_C}.destinationURL", "https://posthere.io/a b", "COM-20.a"),
    "headers a text": _create(f"{_C}.headers", "X-Site: A", "COM-20.a"),
    "header a number": _create(f"{_C}.headers", {"X-Site": 5}, "COM-20.a", names="X-Site"),
    "header with a line break": _create(f"{_C}.headers", {"X-Site": "a\r\nX-Evil: 1"}, "HTTP-05.b", names="X-Site"),
    "header name with a blank": _create(f"{_C}.headers", {"X Site": "a"}, "HTTP-05.b", names="X Site"),
    "pattern without an end": _create(f"{_C}.headers", {"X-Site": "{DevEUI"}, "HTTP-20.a", names="X-Site"),
    "pattern of nothing": _create(f"{_C}.headers", {"X-Site": "{}"}, "HTTP-20.a", names="X-Site"),
    "mask as header": _create(f"{_C}.headers", {"X-Site": "*****"}, "COM-24.c", names=""),
    "blamePeriod a text": _create(f"{_C}.blamePeriod", "30", "HTTP-08.d", needs=("api", "validation", "http", "blame")),
    "blamePeriod negative": _create(f"{_C}.blamePeriod", -1, "HTTP-08.d", needs=("api", "validation", "http", "blame")),
    "blamePeriod a fraction": _create(
        f"{_C}.blamePeriod", 1.5, "HTTP-08.d", needs=("api", "validation", "http", "blame")
    ),
    "description a number": _create(f"{_C}.description", 5, "COM-20.a"),
    "sendMetadata a text": _create(f"{_C}.sendMetadata", "true", "COM-20.a", needs=_OPTIONS),
    "sendRawDecodedFormat a number": _create(f"{_C}.sendRawDecodedFormat", 1, "COM-20.a", needs=_OPTIONS),
    "validity of no unit": _create(f"{_C}.uplinkTimeValidity", "90", "COM-05.b", needs=_OPTIONS),
    "validity of another unit": _create(f"{_C}.uplinkTimeValidity", "2w", "COM-05.b", needs=_OPTIONS),
    "validity a number": _create(f"{_C}.uplinkTimeValidity", 90, "COM-05.b", needs=_OPTIONS),
    "strategy unknown": _create(f"{_C}.reconnectStrategy", "FAST", "COM-20.a", needs=_OPTIONS),
    "downlinkPort 0": _create(f"{_C}.downlinkPort", 0, "COM-20.a", needs=("validation", *_DOWN)),
    "downlinkPort 225": _create(f"{_C}.downlinkPort", 225, "COM-20.a", needs=("validation", *_DOWN)),
    "downlinkEnabled a text": _create(f"{_C}.downlinkEnabled", "yes", "COM-20.a", needs=("validation", *_DOWN)),
    "key of Widgelix empty": _create(
        f"{_C}.headers", {"Authorization": ""}, "WGX-11.a", kind="widgelix", needs=_WIDGELIX, names="Authorization"
    ),
    "key of Widgelix left out": _create(
        f"{_C}.headers", {"X-Site": "A"}, "WGX-11.a", kind="widgelix", needs=_WIDGELIX, names="Authorization"
    ),
    "Widgelix at another host": _create(
        f"{_C}.destinationURL",
        "https://posthere.io/v1/input-node/actility",
        "WGX-10.b",
        kind="widgelix",
        needs=_WIDGELIX,
    ),
    "Widgelix at another path": _create(
        f"{_C}.destinationURL", "https://app.widgelix.com/v2/input", "WGX-10.a", kind="widgelix", needs=_WIDGELIX
    ),
    "Widgelix without TLS": _create(
        f"{_C}.destinationURL",
        "http://app.widgelix.com/v1/input-node/actility",
        "WGX-10.c",
        kind="widgelix",
        needs=_WIDGELIX,
    ),
    "ThingsBoard without a host": _create(f"{_C}.hostName", GONE, "TB-01.a", kind="thingsboard", needs=_THINGSBOARD),
    "ThingsBoard without a port": _create(
        f"{_C}.hostName", "thingsboard.cloud", "TB-07.c", kind="thingsboard", needs=_THINGSBOARD
    ),
    "ThingsBoard with a scheme": _create(
        f"{_C}.hostName", "mqtt://thingsboard.cloud:1883", "TB-07.c", kind="thingsboard", needs=_THINGSBOARD
    ),
    "ThingsBoard without a user": _create(f"{_C}.username", GONE, "TB-01.a", kind="thingsboard", needs=_THINGSBOARD),
    "ThingsBoard with an empty user": _create(f"{_C}.username", "", "TB-01.a", kind="thingsboard", needs=_THINGSBOARD),
    "ThingsBoard without a password": _create(
        f"{_C}.password", GONE, "TB-01.a", kind="thingsboard", needs=_THINGSBOARD
    ),
    "mask as password": _create(
        f"{_C}.password", "*****", "COM-24.c", kind="thingsboard", needs=_THINGSBOARD, names=""
    ),
    "broker without a host": _broker("hostName", GONE, "MQTT-01.b"),
    "broker without a protocol": _broker("protocol", GONE, "MQTT-01.b"),
    "broker without a topic": _broker("uplinkTopicPattern", GONE, "MQTT-01.b"),
    "broker with a scheme": _broker("hostName", "mqtt://broker.example:1883", "MQTT-01.b"),
    "broker of another protocol": _broker("protocol", "QUIC", "MQTT-01.b"),
    "topic with a wildcard": _broker("uplinkTopicPattern", "plant/+/{DevEUI}", "MQTT-01.b"),
    "topic of a wrong pattern": _broker("uplinkTopicPattern", "plant/{", "MQTT-01.b"),
    "patience of no number": _broker("connectionTimeout", "5000", "MQTT-01.b"),
    "ThingsBoard at no port": _create(
        f"{_C}.hostName", "thingsboard.cloud:99999", "TB-07.c", kind="thingsboard", needs=_THINGSBOARD
    ),
    "PUT without name": Refusal("change", "name", GONE, "HTTP-02.d"),
    "PUT without connector": Refusal("change", "connectorId", GONE, "HTTP-02.d"),
    "PUT without address": Refusal("change", f"{_C}.destinationURL", GONE, "HTTP-02.c"),
    "PUT of another scheme": Refusal("change", f"{_C}.destinationURL", "ftp://posthere.io/a", "COM-20.d"),
    "PUT of an unknown key": Refusal("change", f"{_C}.retries", 3, "COM-20.d"),
    "PUT of headers that are no object": Refusal("change", f"{_C}.headers", ["X-Site"], "COM-20.d"),
    "PUT of a wrong pattern": Refusal("change", f"{_C}.headers", {"X-Site": "{"}, "COM-20.d", names="X-Site"),
    "flow without name": Refusal("flow", "name", GONE, "COM-20.f", needs=("api", "flows", "validation", "http")),
    "flow without matchers": Refusal(
        "flow", "matchers", GONE, "COM-20.f", needs=("api", "flows", "validation", "http")
    ),
    "flow without connectors": Refusal(
        "flow", "connectors", GONE, "COM-20.f", needs=("api", "flows", "validation", "http")
    ),
    "flow of a short key": Refusal(
        "flow",
        "matchers",
        [{"type": "key", "key": "lora:20635f"}],
        "COM-20.f",
        needs=("api", "flows", "validation", "http"),
        names="",
    ),
    "flow of another network": Refusal(
        "flow",
        "matchers",
        [{"type": "key", "key": "cellular:20635f0108000496"}],
        "COM-20.f",
        needs=("api", "flows", "validation", "http"),
        names="",
    ),
    "flow of an unknown matcher": Refusal(
        "flow",
        "matchers",
        [{"type": "colour", "key": "lora:20635f0108000496"}],
        "COM-20.f",
        needs=("api", "flows", "validation", "http"),
        names="",
    ),
    "flow to nowhere": Refusal(
        "flow",
        "connectors",
        [{"id": "actility-http-iot", "connectionId": "999999999"}],
        "COM-20.f",
        needs=("api", "flows", "validation", "http"),
        names="",
    ),
    "GET of no connection": _api("GET /connections/999999999", GONE, "COM-20.c"),
    "PUT of no connection": _api("PUT /connections/999999999", _PLAIN, "COM-20.c"),
    "DELETE of no connection": _api("DELETE /connections/999999999", GONE, "COM-20.c"),
    "GET of what is no id": _api("GET /connections/none", GONE, "COM-20.c", (400, 404)),
    "PUT of all": _api("PUT /connections", _PLAIN, "COM-26", ()),
    "DELETE of all": _api("DELETE /connections", GONE, "COM-26", ()),
    "POST of a list": _api("POST /connections", [], "COM-20.b", ()),
    "POST of a text": _api("POST /connections", "connection", "COM-20.b", ()),
    "POST of null in its parts": _api("POST /connections", {**_PLAIN, "configuration": None}, "COM-20.a", (400,)),
    "flow that is a list": _api("POST /flows", [{}], "COM-20.b", ()),
    "DELETE of no flow": _api("DELETE /flows/999999999", GONE, "COM-20.c", (400, 404)),
    "token of another key": Refusal("ingress", "Token", "other", "COM-23.e", needs=("http", "token")),
    "no token": Refusal("ingress", "Token", GONE, "COM-23.e", needs=("http", "token")),
    "another AS_ID": Refusal("ingress", "AS_ID", "another.AS", "COM-23.e", needs=("http", "token")),
    "no JSON": Refusal("ingress", "body", b"{", "COM-20.e", needs=("http",)),
    "no object": Refusal("ingress", "body", b"[1, 2]", "COM-20.e", needs=("http",)),
    "no DevEUI": Refusal("ingress", "body", b'{"DevEUI_uplink": {"FPort": 5}}', "COM-20.e", needs=("http",)),
    "downlink without device": Refusal("downlink", "DevEUI", GONE, "DL-07.a", needs=_DOWN),
    "downlink of a short device": Refusal("downlink", "DevEUI", "20635F", "DL-07.a", needs=_DOWN),
    "downlink to nobody's device": Refusal("downlink", "DevEUI", "02FFFFFFFFFFFFFE", "DL-14", needs=_DOWN, names=""),
    "downlink port 0": Refusal("downlink", "FPort", 0, "DL-06.a", needs=_DOWN),
    "downlink port 225": Refusal("downlink", "FPort", 225, "DL-06.a", needs=_DOWN),
    "downlink port a word": Refusal("downlink", "FPort", "five", "DL-06.a", needs=_DOWN),
    "downlink without payload": Refusal("downlink", "payload_hex", GONE, "DL-05.b", needs=_DOWN, names="payload"),
    "downlink of half a byte": Refusal("downlink", "payload_hex", "abc", "DL-13.c", needs=_DOWN),
    "downlink of other digits": Refusal("downlink", "payload_hex", "zz", "DL-13.c", needs=_DOWN),
    "downlink with both payloads": Refusal("downlink", "payload", {"a": 1}, "DL-05.a", needs=_DOWN),
    "downlink confirmed maybe": Refusal("downlink", "Confirmed", "maybe", "DL-13.c", needs=_DOWN),
    "downlink flushed twice": Refusal("downlink", "FlushDownlinkQueue", 2, "DL-13.c", needs=_DOWN),
    "downlink valid until no time": Refusal(
        "downlink", "ValidityTime", "tomorrow", "DL-10.c", needs=_DOWN, names="", statuses=(400, 202, 200)
    ),
    "downlink to nobody's URL": Refusal(
        "downlink", "URL", "0f8fad5b-d9cb-469f-a165-708677289500", "DL-13.a", needs=_DOWN, names="", statuses=(404,)
    ),
}
"""By name."""
