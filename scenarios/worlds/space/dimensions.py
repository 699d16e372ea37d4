"""The documented space as tables: what a world may be made of, each dimension with its values and its source.

The first value of a dimension is its default: what a world has that leaves it out. Values are typical ones, those at a
boundary, and odd ones that are allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from uplab.scenarios.worlds.space.beside import COMMANDS, FAILURES, LIVES, TROUBLES
from uplab.scenarios.worlds.space.documents import DOCUMENTS, ROOTS
from uplab.scenarios.worlds.space.downlinks import DOWNLINKS
from uplab.scenarios.worlds.space.faults import FAULTS
from uplab.scenarios.worlds.space.headers import HEADERS
from uplab.scenarios.worlds.space.refusals import REFUSALS
from uplab.scenarios.worlds.space.taken import TAKEN
from uplab.simulator.lorawan.region import REGIONS
from uplab.simulator.payloads import MODELS
from uplab.simulator.troubles.table import TROUBLES as ON_THE_AIR

__all__ = ["DIMENSIONS", "Dimension"]


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


def _refused(*asked: str, http: bool = True) -> dict[str, Any]:
    rows = {name: row for name, row in REFUSALS.items() if row.asked in asked and (row.kind == "http") is http}
    return {"none": None, **{name: name for name in rows}}


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
    Dimension("headers", "connection", HEADERS, "HTTP-05, HTTP-06, CONTRACT 3", ("http", "patterns"), heavy=True),
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
        "downlinkAsKey",
        "connection",
        {"absent": {}, "another": _config(downlinkAsKey="0123456789ABCDEF0123456789abcdee")},
        "COM-07.c",
        ("http", "downlinks"),
    ),
    Dimension(
        "strictMode",
        "connection",
        {"true": _config(strictMode=True), "absent": {}, "false": _config(strictMode=False)},
        "HTTP-16.e",
        ("http", "strict"),
        heavy=True,
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
            "broker": ("broker",),
            "two brokers": ("broker", "broker"),
            "one of each": ("https", "widgelix", "mqtt", "broker"),
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
            for name in ("0", "127", "254", "32766", "65533", "65534", "16777215", "2147483646", "4294967100")
        },
        "CONTRACT 2, LoRaWAN 1.0.4 section 4.3.1.5",
    ),
    Dimension("region", "region", {name: name for name in REGIONS}, "AIR-03, LoRaWAN Regional Parameters"),
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
    Dimension("air", "air", {"none": None, **{name: name for name in ON_THE_AIR}}, "AIR-01, AIR-02"),
    Dimension("root", "root", {"none": None, **{name: name for name in ROOTS}}, "COM-15", heavy=True),
    Dimension("copies", "document", {"1": 1, "2": 2}, "CONTRACT 2: accepted twice is delivered twice"),
    Dimension(
        "downlink",
        "downlink",
        DOWNLINKS,
        "DL-04 to DL-10, CONTRACT 5",
        ("downlinks", "http"),
        heavy=True,
    ),
    Dimension(
        "downlink later",
        "downlink later",
        {name: name for name in ("none", "after its life", "to one not bound", "through another", "to each")},
        "DL-01, DL-13, DL-14, CONTRACT 5",
        ("downlinks", "http", "flows"),
        heavy=True,
    ),
    Dimension("taken body", "taken body", {"none": None, **{name: name for name in TAKEN}}, "HTTP-01, TB-03, WGX-06"),
    Dimension("refused body", "refusal of a body", _refused("create"), "COM-02, COM-20, HTTP-21"),
    Dimension("refused beside", "refusal beside", _refused("create", http=False), "WGX-10, TB-07, MQTT-01"),
    Dimension("refused change", "refusal of a change", _refused("change", "flow", "api"), "COM-20, COM-26, HTTP-02"),
    Dimension("refused post", "refusal of a post", _refused("ingress", "downlink"), "COM-20, COM-23, DL-05 to DL-14"),
    Dimension(
        "trouble",
        "connection",
        {
            name: None if name == "none" else name
            for name in ("none", "nobody", "unknown authority", "wrong host", "expired")
        },
        "HTTP-16.d, HTTP-18, COM-09",
        ("http", "patient", "flows"),
        heavy=True,
    ),
    Dimension("life beside", "life beside", LIVES, "COM-22, COM-24, TB-04, WGX-07, MQTT-02", ("api", "flows")),
    Dimension("trouble beside", "trouble beside", TROUBLES, "COM-09, TB-08, TB-18, MQTT-06, MQTT-07", ("api", "flows")),
    Dimension(
        "fault beside", "fault beside", FAILURES, "TB-16, MQTT-09, WGX-20", ("api", "flows", "blame"), heavy=True
    ),
    Dimension("command", "command", COMMANDS, "TB-13, DL-15, MQTT-08", ("downlinks", "flows"), heavy=True),
    Dimension("life", "life", _LIFE, "HTTP-02, HTTP-03, COM-01, COM-22", ("http", "api", "flows"), heavy=True),
    Dimension("fault", "fault", {"none": None, **FAULTS}, "HTTP-16, HTTP-17, HTTP-19", ("http", "again"), heavy=True),
    Dimension(
        "process",
        "process",
        {name: name for name in ("none", "stop", "kill", "stop while waiting", "kill while waiting")},
        "COM-18",
        ("http", "durable", "api"),
        heavy=True,
    ),
    Dimension("hours", "process", {"none": 0, "an hour and more": 65}, "HTTP-12.a", ("api", "clock", "durable")),
    Dimension(
        "login", "login", {"none": False, "client secret": True}, "COM-21.d", ("api", "http", "login", "durable")
    ),
    Dimension(
        "look",
        "world",
        {
            "all": ("shown", "list", "metrics", "events"),
            "nothing": (),
            "shown": ("shown",),
            "list": ("list",),
            "metrics": ("metrics",),
            "events": ("events",),
        },
        "COM-10, COM-12, COM-13",
        ("api",),
    ),
)
"""Every dimension, in the order in which a world is made of them."""
