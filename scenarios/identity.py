"""Who is who: gives each document an id when it is made, and recognises it wherever it turns up.

An uplink is known by (DevEUI, FCntUp, Time), and where only telemetry arrives by (device, ts in ms); a downlink by its
CorrelationID, else by (DevEUI, FPort, payload). What matches nothing is *invented*; what matches several is *unknown*.
"""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

__all__ = ["Ledger", "epoch_ms", "find_report"]

Key = tuple[object, ...]
ROOTS = (
    "DevEUI_uplink",
    "DevEUI_notification",
    "DevEUI_location",
    "DevEUI_downlink_Sent",
    "DevEUI_downlink_Rejected",
    "DevEUI_multicast_summary",
    "DevEUI_alarm",
)


def epoch_ms(time: str) -> int:
    """Milliseconds since 1970 of an ISO 8601 time with its offset; ValueError where it is none."""
    return round(datetime.fromisoformat(time).timestamp() * 1000)


def find_report(document: Any) -> tuple[str, dict[str, Any]] | None:
    """The root and the report of a ThingPark document; the report alone where sendMetadata took the root away."""
    if not isinstance(document, dict):
        return None
    for root in ROOTS:
        report = document.get(root)
        if isinstance(report, dict):
            return root, report
    return ("DevEUI_uplink", document) if "DevEUI" in document else None


def _number(value: object) -> object:
    """FCntUp as a number in both regimes of the documents: 17 and "17" are one counter."""
    return int(value) if isinstance(value, str) and value.isdigit() else value


class Ledger:
    """The ids of a run. Memory is bounded: the oldest keys are forgotten first."""

    def __init__(self, remember: int = 200_000) -> None:
        self._remember = remember
        self._ids: OrderedDict[Key, list[str]] = OrderedDict()
        self._uplinks = self._reports = self._downlinks = 0

    def _learn(self, key: Key, id_: str) -> None:
        known = self._ids.setdefault(key, [])
        if id_ not in known:
            known.append(id_)
        while len(self._ids) > self._remember:
            self._ids.popitem(last=False)

    def _known(self, key: Key) -> list[str]:
        return self._ids.get(key, [])

    def identify(self, hop: str, facts: Mapping[str, Any]) -> list[str]:
        """The ids that a hop speaks of: none, one, or several where it cannot be told apart."""
        name = _HOPS.get(hop)
        return getattr(self, name)(facts) if name else []

    def _device_sent(self, facts: Mapping[str, Any]) -> list[str]:
        if facts.get("f_cnt") is None:  # a join request is no document
            return []
        self._uplinks += 1
        id_ = f"u{self._uplinks}"
        dev_eui = str(facts["dev_eui"]).upper()
        self._learn(("report", "DevEUI_uplink", dev_eui, facts["f_cnt"], epoch_ms(facts["time"])), id_)
        self._learn(("ts", dev_eui, epoch_ms(facts["time"])), id_)
        self._learn(("phy", facts.get("phy_hex")), id_)
        return [id_]

    def _gateway_heard(self, facts: Mapping[str, Any]) -> list[str]:
        return self._known(("phy", facts.get("phy_hex")))[-1:]  # a repeat of the same bytes belongs to the latest

    def _document(self, facts: Mapping[str, Any]) -> list[str]:
        """A document leaves the network server: known when a frame led to it, else new (reports, hand-made ones)."""
        key = self._report_key(facts["document"])
        if key is None:
            return []
        if not self._known(key):
            self._reports += 1
            self._learn(key, f"r{self._reports}")
            if key[1] == "DevEUI_uplink":
                self._learn(("ts", key[2], key[4]), f"r{self._reports}")
        return self._known(key)

    def _report_key(self, document: Any) -> Key | None:
        found = find_report(document)
        if found is None:
            return None
        root, report = found
        try:
            time_ms = epoch_ms(str(report.get("Time")))
        except ValueError:
            return None
        counter = report.get("FCntUp", report.get("FCntDn"))
        return ("report", root, str(report.get("DevEUI")).upper(), _number(counter), time_ms)

    def _tunnel_sent(self, facts: Mapping[str, Any]) -> list[str]:
        ids = self._arrived(facts)
        for id_ in ids:
            self._learn(("attempt", facts["attempt"]), id_)
        return ids

    def _tunnel_answered(self, facts: Mapping[str, Any]) -> list[str]:
        return self._ids.pop(("attempt", facts["attempt"]), [])

    def _arrived(self, facts: Mapping[str, Any]) -> list[str]:
        try:
            document = orjson.loads(facts.get("raw") or b"")
        except orjson.JSONDecodeError:
            return []
        if isinstance(document, dict) and isinstance(document.get("DevEUI_downlink"), dict):
            return self._downlink(_downlink_facts(document["DevEUI_downlink"]))
        key = self._report_key(document)
        ids = self._known(key) if key else self._points(document)
        return self._answering(facts, ids)

    def _published(self, facts: Mapping[str, Any]) -> list[str]:
        try:
            document = orjson.loads(_published_payload(facts.get("raw") or b"", qos=int(facts.get("qos") or 0)))
        except orjson.JSONDecodeError:
            return []
        return self._answering(facts, self._points(document))

    def _points(self, document: Any) -> list[str]:
        """ThingsBoard's gateway telemetry: {device: [{ts, values}]}."""
        if not isinstance(document, dict):
            return []
        ids: list[str] = []
        for device, points in document.items():
            for point in points if isinstance(points, list) else []:
                if isinstance(point, dict) and "ts" in point:
                    ids += self._known(("ts", str(device).upper(), point["ts"]))
        return ids

    def _answering(self, facts: Mapping[str, Any], ids: list[str]) -> list[str]:
        for id_ in ids:
            self._learn(("exchange", facts.get("exchange")), id_)
        return ids

    def _answered(self, facts: Mapping[str, Any]) -> list[str]:
        return self._known(("exchange", facts.get("exchange")))

    def _downlink(self, facts: Mapping[str, Any]) -> list[str]:
        dev_eui = str(facts.get("dev_eui")).upper()
        plain: Key = ("downlink", dev_eui, _number(facts.get("f_port")), str(facts.get("payload_hex") or "").lower())
        correlation = facts.get("correlation_id")
        known = self._known(("correlation", correlation)) if correlation else []
        if not known:
            # The latest of this content; but one that has a CorrelationID of its own is another downlink.
            known = [id_ for id_ in self._known(plain)[-1:] if not (correlation and self._known(("correlated", id_)))]
        if not known:
            self._downlinks += 1
            known = [f"d{self._downlinks}"]
        self._learn(plain, known[0])
        if correlation:
            self._learn(("correlation", correlation), known[0])
            self._learn(("correlated", known[0]), known[0])
        return known[:1]


def _published_payload(packet: bytes, *, qos: int) -> bytes:
    """The payload of an MQTT 3.1.1 PUBLISH packet (section 3.3): after fixed header, topic and packet identifier."""
    at = 1
    while (
        at < len(packet) and packet[at] & 0x80
    ):  # the remaining length: one to four bytes, the last without the high bit
        at += 1
    at += 1
    topic_bytes = int.from_bytes(packet[at : at + 2], "big")
    return packet[at + 2 + topic_bytes + (2 if qos else 0) :]


def _downlink_facts(downlink: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "dev_eui": downlink.get("DevEUI"),
        "f_port": downlink.get("FPort"),
        "payload_hex": downlink.get("payload_hex"),
        "correlation_id": downlink.get("CorrelationID"),
    }


_HOPS = {
    "device.sent": "_device_sent",
    "gateway.heard": "_gateway_heard",
    "network.document": "_document",
    "tunnel.sent": "_tunnel_sent",
    "tunnel.answered": "_tunnel_answered",
    "destination.arrived": "_arrived",
    "destination.answered": "_answered",
    "destination.published": "_published",
    "destination.acknowledged": "_answered",
    "fault.delivered": "_answered",
    "downlink.posted": "_downlink",
    "network.downlink": "_downlink",
    "device.received": "_downlink",
}
