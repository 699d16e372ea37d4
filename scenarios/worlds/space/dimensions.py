"""The documented space as tables: what a world may be made of, each dimension with its values and its source.

The first value of a dimension is its default: what a world has that leaves it out. Values are typical ones, those at a
boundary, and odd ones that are allowed. `IMPOSSIBLE` names the pairs that cannot be, and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from uplab.scenarios.worlds.space.documents import DOCUMENTS, ROOTS
from uplab.scenarios.worlds.space.faults import FAULTS
from uplab.scenarios.worlds.space.refusals import REFUSALS
from uplab.simulator.payloads import MODELS

if TYPE_CHECKING:
    from uplab.scenarios.under_test.profile import Profile

__all__ = ["DIMENSIONS", "IMPOSSIBLE", "READINGS", "Dimension", "impossible", "offered"]


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension: `of` is the object that it belongs to, `needs` are features of the profile, all of them.

    `heavy` dimensions are drawn more often, by the harm that a break does: loss, repetition, mixing, alteration, leak.
    """

    name: str
    of: str
    values: Mapping[str, Any]
    source: str
    needs: tuple[str, ...] = ()
    heavy: bool = False

    @property
    def default(self) -> str:
        """What a world has that leaves it out."""
        return next(iter(self.values))


def _config(**more: Any) -> dict[str, Any]:
    return more


_HEADERS: Final[Mapping[str, dict[str, Any]]] = {
    "none": {},
    "literal": {"headers": {"X-Site": "BuildingA"}},
    "device": {"headers": {"X-Thing": "{DevEUI}"}},
    "device in text": {"headers": {"X-Key": "dev-{DevEUI}/v1", "X-Site": "B"}},
    "customer": {"headers": {"X-Customer": "{CustomerID}", "X-Thing": "{DevEUI}"}},
    "counter": {"headers": {"X-Count": "{FCntUp}", "X-Thing": "{DevEUI}"}},
    "counter and port": {"headers": {"X-Up": "{FCntUp}:{FPort}"}},
    "authorization": {"headers": {"Authorization": "Basic d29ybGQ6d2lkZQ==", "X-Site": "C"}},
    "own content type": {"headers": {"Content-Type": "application/json; charset=utf-8", "User-Agent": "plant/7"}},
    "accept": {"headers": {"Accept": "text/plain", "X-Empty": ""}},
    "long": {"headers": {"X-Long": "a1" * 1000}},
    "many": {"headers": {f"X-Part-{number}": f"value {number}" for number in range(12)}},
    "odd letters": {"headers": {"X-Odd": "a;b=c, \"d\" 'e' (f) <g> @h [i] ~"}},
}

def _refused(*asked: str) -> dict[str, Any]:
    return {"none": None, **{name: name for name, row in REFUSALS.items() if row.asked in asked}}


_LIFE: Final[Mapping[str, Any]] = {
    name: name
    for name in (
        *("none", "put the same", "put what is shown", "new address", "new headers", "options left out"),
        *("new name", "deactivate", "put while waiting", "delete", "delete while waiting", "unbind", "bind late"),
        *("another comes", "another goes", "second flow"),
    )
}

DIMENSIONS: Final[tuple[Dimension, ...]] = (
    Dimension(
        "address",
        "connection",
        {
            "plain": ("https", ""),
            "http": ("http", ""),
            "deep": ("https", "/a/b/c"),
            "slash": ("https", "/"),
            "query": ("https", "?plant=7"),
            "encoded query": ("https", "?a=1&b=x%20y%2Fz&c="),
            "encoded path": ("https", "/a%20b"),
            "dots": ("https", "/v1.2/in-put_x"),
        },
        "HTTP-01, HTTP-15, CONTRACT 3",
        ("http",),
    ),
    Dimension("headers", "connection", _HEADERS, "HTTP-05, HTTP-06, CONTRACT 3", ("http", "patterns"), heavy=True),
    Dimension(
        "name",
        "connection",
        {
            "plain": "world",
            "other scripts": "Größe 温度 🌡",
            "marks": 'a "b" <c> & {DevEUI} \\ /',
            "long": "x" * 200,
            "number": "-5",
        },
        "COM-02",
        ("http", "api"),
    ),
    Dimension(
        "description",
        "connection",
        {
            "absent": {},
            "text": _config(description="Hall 4"),
            "empty": _config(description=""),
            "other scripts": _config(description="für 温度 \t 'x'"),
        },
        "HTTP-22, CONTRACT 3",
        ("http", "api"),
    ),
    Dimension(
        "blamePeriod",
        "connection",
        {"absent": {}, "0": _config(blamePeriod=0), "1": _config(blamePeriod=1), "3600": _config(blamePeriod=3600)},
        "HTTP-08",
        ("http", "blame"),
    ),
    Dimension(
        "form",
        "connection",
        {
            "whole": {},
            "metadata": _config(sendMetadata=True),
            "decoded": _config(sendRawDecodedFormat=True),
            "both": _config(sendMetadata=True, sendRawDecodedFormat=True),
            "neither": _config(sendMetadata=False, sendRawDecodedFormat=False),
        },
        "COM-03, COM-04",
        ("http", "options", "drivers"),
        heavy=True,
    ),
    Dimension(
        "validity",
        "connection",
        {
            "absent": {},
            "90 s": _config(uplinkTimeValidity="90s"),
            "5 m": _config(uplinkTimeValidity="5m"),
            "2 h": _config(uplinkTimeValidity="2h"),
            "6 d": _config(uplinkTimeValidity="6d"),
        },
        "COM-05",
        ("http", "options"),
        heavy=True,
    ),
    Dimension(
        "compliance",
        "connection",
        {
            "absent": {},
            "off": _config(lrcCompliance=False),
            "on": _config(lrcCompliance=True, downlinkAsId="TWA_world.1.AS", tiak="0123456789ABCDEF0123456789abcdef"),
        },
        "COM-23",
        ("http", "options"),
    ),
    Dimension(
        "active",
        "connection",
        {"absent": None, "true": True, "false": False},
        "COM-01",
        ("http", "options"),
        heavy=True,
    ),
    Dimension(
        "downlinkPort",
        "connection",
        {"absent": {}, "1": _config(downlinkPort=1), "7": _config(downlinkPort=7), "224": _config(downlinkPort=224)},
        "COM-07, DL-06",
        ("http", "downlinks"),
    ),
    Dimension(
        "downlinkEnabled",
        "connection",
        {"absent": {}, "true": _config(downlinkEnabled=True), "false": _config(downlinkEnabled=False)},
        "COM-06",
        ("http", "downlinks"),
    ),
    Dimension(
        "reconnectStrategy",
        "connection",
        {name: {} if name == "absent" else _config(reconnectStrategy=name) for name in ("absent", "CALM", "NORMAL")},
        "COM-08",
        ("http", "options"),
    ),
    Dimension(
        "beside",
        "world",
        {
            "none": (),
            "http": ("https",),
            "two of http": ("https", "http"),
            "six of http": ("https",) * 6,
            "widgelix": ("widgelix",),
            "mqtt": ("mqtt",),
            "mqtts": ("mqtts",),
            "rest": ("rest",),
            "one of each": ("https", "widgelix", "mqtt"),
        },
        "COM-22, HTTP-17, CONTRACT 2",
        heavy=True,
    ),
    Dimension(
        "flows",
        "world",
        {
            name: name
            for name in (
                *("one each", "one for all", "one for each device", "each twice", "matcher twice", "by tags"),
                *("only the first device", "crossed"),
            )
        },
        "COM-22",
        ("flows",),
        heavy=True,
    ),
    Dimension("case of keys", "world", {"lower": "lower", "upper": "upper"}, "COM-22.b", ("flows",)),
    Dimension(
        "model", "device", {name: name for name in ("elsys_ers", *sorted(set(MODELS) - {"elsys_ers"}))}, "COM-17"
    ),
    Dimension("devices", "world", {"1": 1, "2": 2, "3": 3, "5": 5}, "HTTP-13", heavy=True),
    Dimension(
        "counter",
        "device",
        {
            name: int(name)
            for name in ("0", "127", "254", "32766", "65533", "65534", "16777215", "2147483646", "4294967280")
        },
        "CONTRACT 2, LoRaWAN 1.0.4 section 4.3.1.5",
    ),
    Dimension("join", "device", {"before": "before", "told": "told", "again": "again"}, "COM-15.b"),
    Dimension("reading", "uplink", {"measured": 0, "first": 1, "second": 2, "third": 3}, "COM-17, TB-15", heavy=True),
    Dimension(
        "uplink",
        "uplink",
        {
            "plain": {},
            "port 1": {"f_port": 1, "payload_hex": "0100d7"},
            "port 223": {"f_port": 223, "payload_hex": "0100d70228"},
            "one byte": {"f_port": 5, "payload_hex": "00"},
            "51 bytes": {"f_port": 7, "payload_hex": "0501" * 25 + "05"},
            "222 bytes": {"f_port": 7, "payload_hex": "0501" * 111},
            "confirmed": {"confirmed": True},
            "late": {"late": True},
            "one gateway": {"gateways": 1},
            "ten gateways": {"gateways": 10},
            "texts": {"texts": True},
            "burst": {"times": 8},
        },
        "HTTP-15, COM-16, CONTRACT 2",
        heavy=True,
    ),
    Dimension("document", "document", {"none": None, **DOCUMENTS}, "HTTP-15, COM-15, COM-16, CONTRACT 2", heavy=True),
    Dimension("root", "document", {"none": None, **{name: name for name in ROOTS}}, "COM-15", heavy=True),
    Dimension("copies", "document", {"1": 1, "2": 2}, "CONTRACT 2: accepted twice is delivered twice"),
    Dimension(
        "downlink",
        "downlink",
        {
            "none": None,
            "plain": {"FPort": 5, "payload_hex": "3E012c0A"},
            "port 1": {"FPort": 1, "payload_hex": "00"},
            "port 223": {"FPort": 223, "payload_hex": "ff00ff"},
            "port of the connection": {"payload_hex": "aa"},
            "numbers as texts": {"FPort": "9", "payload_hex": "0b0c"},
            "device in small letters": {"FPort": 6, "payload_hex": "0102", "lower": True},
            "correlated": {"FPort": 4, "payload_hex": "0a", "CorrelationID": "00000000000B0B01"},
            "confirmed": {"FPort": 4, "payload_hex": "0d0e", "Confirmed": 1},
            "not confirmed": {"FPort": 4, "payload_hex": "0d0f", "Confirmed": "0"},
            "flush": {"FPort": 3, "payload_hex": "c0", "FlushDownlinkQueue": 1},
            "flush alone": {"FlushDownlinkQueue": "1"},
            "no flush": {"FPort": 3, "payload_hex": "c1", "FlushDownlinkQueue": 0},
            "51 bytes": {"FPort": 8, "payload_hex": "5a" * 51},
            "valid for an hour": {"FPort": 2, "payload_hex": "99", "ValidityTime": 3600},
        },
        "DL-04 to DL-10, CONTRACT 5",
        ("downlinks", "http"),
        heavy=True,
    ),
    Dimension("refused body", "refusal", _refused("create"), "COM-02, COM-20, HTTP-21, WGX-10, TB-07"),
    Dimension("refused change", "refusal", _refused("change", "flow"), "COM-20, HTTP-02"),
    Dimension("refused post", "refusal", _refused("ingress", "downlink"), "COM-20, COM-23, DL-05 to DL-14"),
    Dimension("life", "life", _LIFE, "HTTP-02, HTTP-03, COM-01, COM-22", ("http", "api", "flows"), heavy=True),
    Dimension("fault", "fault", {"none": None, **FAULTS}, "HTTP-16, HTTP-17, HTTP-19", ("http", "blame"), heavy=True),
    Dimension(
        "process",
        "process",
        {name: name for name in ("none", "stop", "kill", "stop while waiting", "kill while waiting")},
        "COM-18",
        ("http", "durable", "api"),
        heavy=True,
    ),
    Dimension(
        "look",
        "world",
        {"nothing": (), "shown": ("shown",), "list": ("list",), "metrics": ("metrics",), "events": ("events", "shown")},
        "COM-10, COM-12, COM-13",
        ("api",),
    ),
)
"""Every dimension, in the order in which a world is made of them."""

READINGS: Final[Mapping[str, tuple[dict[str, Any], ...]]] = {
    "elsys_ers": (
        {"temperature_c": 0.0, "humidity_pct": 0, "light_lx": 0, "motion": 0},
        {"temperature_c": -40.0, "humidity_pct": 100, "light_lx": 65_535, "motion": 255},
        {"temperature_c": None, "humidity_pct": 41, "light_lx": None, "motion": None, "battery_mv": None},
    ),
    "dragino_lht65": (
        {"temperature_c": 0.0, "external_temperature_c": 0.0},
        {"temperature_c": -10.07},
        {"temperature_c": 125.0},
    ),
    "milesight_em300_th": (
        {"temperature_c": 0.0, "humidity_pct": 0.0},
        {"temperature_c": -12.3},
        {"humidity_pct": 100.0},
    ),
    "nke_th": ({"temperature_c": 0.0}, {"temperature_c": -0.01}, {"temperature_c": None, "humidity_pct": 0.0}),
    "ellenex_pls2_l": ({"level_mm": 0}, {"level_mm": -1192}, {"level_mm": 1}),
    "adeunis_ftd": (
        {"temperature_c": 0, "uplink_counter": 0, "downlink_counter": 0},
        {"temperature_c": -5, "rssi_dbm": -23, "snr_db": -7},
        {"temperature_c": None, "by_button": True},
    ),
    "axioma_w1": ({"last_volume_l": 0}, {}, {}),
    "abeeway_position": (
        {"latitude": -33.45, "longitude": -70.66},
        {"latitude": 0.0, "longitude": 0.0},
        {"latitude": 89.9, "longitude": 179.9},
    ),
    "abeeway_heartbeat": ({"reset_cause": 0, "temperature_c": -20.0}, {}, {}),
}
"""For each model readings at its boundaries; what is not named is measured."""

_PATTERNED = ("counter", "counter and port")

IMPOSSIBLE: Final[tuple[tuple[str, tuple[str, ...], str, tuple[str, ...], str], ...]] = (
    ("headers", _PATTERNED, "root", tuple(ROOTS), "no page says what a pattern does with a document that is no uplink"),
    ("headers", _PATTERNED, "join", ("told", "again"), "a join has no FPort: its uplink would be dropped"),
    ("headers", _PATTERNED, "downlink", ("confirmed", "correlated"), "its report has no FCntUp"),
    ("validity", ("90 s", "5 m", "2 h", "6 d"), "document", ("no time",), "how old it is cannot be said"),
    ("compliance", ("on",), "form", ("decoded",), "a decoded payload alone does not say which token is right"),
    ("fault", tuple(FAULTS), "blamePeriod", ("absent", "3600"), "the next attempt comes too late to be waited for"),
    ("fault", tuple(FAULTS), "form", ("decoded",), "a decoded payload alone does not say which uplink came twice"),
    ("fault", tuple(FAULTS), "active", ("false",), "nothing is tried on a connection that is inactive"),
    ("active", ("false",), "downlink", ("any",), "what an inactive connection does with a downlink is not said"),
    ("active", ("false",), "refused post", ("any",), "as above"),
    ("process", ("stop while waiting", "kill while waiting"), "active", ("true",), "what waits, waits for active"),
    ("life", ("put while waiting",), "form", ("decoded",), "which form it had cannot be told from the payload alone"),
    ("document", ("no counter", "no port", "port 0"), "headers", _PATTERNED, "a pattern finds nothing in it"),
    ("flows", ("by tags",), "document", ("odd content", "no customer data"), "its tags are not the device's"),
    ("flows", ("by tags",), "root", tuple(ROOTS), "only uplinks carry the tags of their device"),
    ("flows", ("by tags",), "join", ("told", "again"), "as above"),
    ("flows", ("by tags",), "downlink", ("plain",), "whether a device of a flow by tags is bound to a URL is not said"),
)
"""Pairs that no world has: a dimension, its values, another one, its values, and why. `any`: all but the default."""


def impossible(drawn: Mapping[str, str], name: str, value: str) -> str | None:
    """Why a value cannot stand beside those that are drawn already; None where it can."""
    for one, values, other, others, why in IMPOSSIBLE:
        for mine, my_values, theirs, their_values in ((one, values, other, others), (other, others, one, values)):
            if name == mine and _in(value, my_values) and _in(drawn.get(theirs, "none"), their_values):
                return why
    return None


def _in(value: str, values: tuple[str, ...]) -> bool:
    return value in values or ("any" in values and value != "none")


def offered(profile: Profile) -> tuple[Dimension, ...]:
    """The dimensions, and the values of each, that a profile declares."""
    features = profile.features.model_dump()
    declared = {name for name, value in features.items() if value}
    if profile.choices.failure_generation == "blame":
        declared.add("blame")
    found = []
    for one in DIMENSIONS:
        if not declared.issuperset(one.needs):
            continue
        values = {name: value for name, value in one.values.items() if _has(one, name, value, declared)}
        found.append(Dimension(one.name, one.of, values, one.source, one.needs, one.heavy))
    return tuple(found)


_CONNECTORS: Final = {"widgelix": "widgelix", "mqtt": "thingsboard", "mqtts": "thingsboard", "rest": "thingsboard"}


def _has(dimension: Dimension, name: str, value: Any, declared: set[str]) -> bool:
    if dimension.name == "beside":
        return all(_CONNECTORS.get(to, "http") in declared for to in value)
    if dimension.of == "refusal" and value is not None:
        return declared.issuperset(REFUSALS[name].needs)
    return True
