"""Makes histories for the tests of the checks: what the hops would have said, without any hop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from uplab.fakes import hops as downstream
from uplab.fakes.thingsboard.mqtt.gateway_api import members
from uplab.scenarios.history.history import Event, History
from uplab.scenarios.history.hops import HOPS, Fact
from uplab.scenarios.history.identity import Ledger, epoch_ms
from uplab.simulator import hops as upstream

DEV = "20635F0106000001"
OTHER = "20635F0106000002"
BIN = "/4b19-48f6-94cc"
TELEMETRY = "v1/gateway/telemetry"


def document(dev_eui: str, f_cnt: int, **more: Any) -> dict[str, Any]:
    """A small DevEUI_uplink document; Time is unique for each counter."""
    report = {
        "Time": f"2026-01-01T00:00:{f_cnt:02d}.000+00:00",
        "DevEUI": dev_eui,
        "FPort": 5,
        "FCntUp": f_cnt,
        "payload_hex": "0100e2",
        "LrrRSSI": -46.0,
    }
    return {"DevEUI_uplink": {**report, **more}}


def point(f_cnt: int, **values: Any) -> dict[str, Any]:
    """The point of an uplink in ThingsBoard's telemetry."""
    said = {"fCntUp": f_cnt, "fPort": 5, "rssi": -46.0, "temperature": 21.5}
    return {"ts": epoch_ms(document(DEV, f_cnt)["DevEUI_uplink"]["Time"]), "values": values or said}


def _some(fact: Fact) -> Any:
    """A value that the fact can have."""
    if fact.may_be_null:
        return None
    if fact.choices:
        return fact.choices[0]
    plain = {"text": "", "whole number": 0, "number": 0.0, "true or false": True, "object": {}, "any JSON": None}
    return plain.get(fact.type, [])


class Story:
    """Tells a history line by line."""

    def __init__(self, ledger: Ledger | None = None) -> None:
        self.history = History(ledger or Ledger())
        self._attempt = 0
        self._exchange = 0

    @property
    def events(self) -> Sequence[Event]:
        return self.history.events

    def tells(self, hop: str, **facts: Any) -> None:
        """Any other line, of which only these facts matter; what it must have beside them is filled in."""
        kind = HOPS[hop]
        rest = {fact.name: _some(fact) for fact in kind.facts if fact.always}
        if kind.raw and kind.raw_always:
            rest["raw"] = b""
        self.history.emit(hop, {**rest, **facts})

    def api(self, method: str, path: str, body: Any = None, status: int = 200, answer: Any = None) -> None:
        """The API is asked, and answers."""
        raw = orjson.dumps(body) if body is not None else b""
        self.tells("api.asked", method=method, path=path, raw=raw)
        self.tells("api.answered", method=method, path=path, status=status, raw=orjson.dumps(answer or body))

    def connected(self, id_: str = "1", *devices: str, **configuration: Any) -> None:
        """A connection is made over the API, and a flow for the devices; to BIN where nothing else is named."""
        body = {"configuration": configuration or {"destinationURL": f"https://posthere.io{BIN}"}}
        self.api("POST", "/connections", body, 201, {"id": id_, **body})
        if devices:
            self.bound(id_, *devices)

    def bound(self, id_: str, *devices: str, flow: str = "") -> None:
        """A flow is made, named as its connection unless told otherwise."""
        keys = [{"type": "key", "key": f"lora:{device.lower()}"} for device in devices]
        body = {"name": "f", "matchers": keys, "connectors": [{"id": "c", "connectionId": id_}]}
        self.api("POST", "/flows", body, 201, {"id": flow or id_, **body})

    def sent(
        self, f_cnt: int, dev_eui: str = DEV, outcome: str | None = "accepted", traceparent: str | None = None
    ) -> str:
        """A device sends; the forwarder answers at its ingress."""
        doc = document(dev_eui, f_cnt)
        time, raw = doc["DevEUI_uplink"]["Time"], orjson.dumps(doc)
        emit = self.history.emit
        known: dict[str, Any] = {"dev_eui": dev_eui, "f_cnt": f_cnt}
        frame: dict[str, Any] = {"f_port": 5, "payload_hex": "0100e2", "phy_hex": f"{dev_eui}{f_cnt}", "m_type": 2}
        emit(*upstream.device_sent(**known, **frame, time=time))
        emit(*upstream.network_document(root="DevEUI_uplink", **known, time=time, document=doc))
        self._attempt += 1
        emit(
            *upstream.tunnel_sent(
                attempt=self._attempt, **known, url="http://f/ingress", raw=raw, traceparent=traceparent
            )
        )
        if outcome is not None:
            status = 200 if outcome == "accepted" else 503
            emit(*upstream.tunnel_answered(attempt=self._attempt, outcome=outcome, status=status, reason=""))
        return self.events[-1].ids[0]

    def arrives(
        self,
        doc: dict[str, Any] | bytes,
        url: str = BIN,
        headers: list[list[str]] | None = None,
        *,
        complete: bool = True,
    ) -> int:
        """A request reaches the fake, all of it or not."""
        self._exchange += 1
        raw = doc if isinstance(doc, bytes) else orjson.dumps(doc)
        said = downstream.destination_arrived(
            fake="posthere",
            exchange=self._exchange,
            method="POST",
            url=url,
            host="posthere.io",
            headers=[*(headers or []), ["Content-Type", "application/json"]],
            raw=raw,
            size=len(raw),
            complete=complete,
            delivery=True,
        )
        self.history.emit(*said)
        return self._exchange

    def publishes(self, telemetry: dict[str, Any] | bytes, **more: Any) -> int:
        """A message of ThingsBoard's gateway API reaches the fake."""
        self._exchange += 1
        raw = telemetry if isinstance(telemetry, bytes) else orjson.dumps(telemetry)
        facts = {
            "fake": "thingsboard",
            "session": 1,
            "exchange": self._exchange,
            "topic": TELEMETRY,
            "level": 4,
            "qos": 1,
            "retain": False,
            "duplicate": False,
            "packet_id": self._exchange,
            "properties": [],
            "members": members(TELEMETRY, raw),
            "raw": raw,
        }
        self.history.emit(*downstream.destination_published(**{**facts, **more}))
        return self._exchange

    def acknowledged(self, exchange: int, code: int = 0) -> None:
        """The fake sends its PUBACK."""
        said = downstream.destination_acknowledged(
            fake="thingsboard", session=1, exchange=exchange, kind="PUBACK", code=code
        )
        self.history.emit(*said)

    def answered(self, exchange: int, status: int = 200, written: bool = True, *, headed: bool = False) -> None:
        """The fake answers it."""
        said = downstream.destination_answered(
            exchange=exchange, fake="posthere", status=status, written=written, headed=headed
        )
        self.history.emit(*said)

    def delivered(
        self, f_cnt: int, dev_eui: str = DEV, url: str = BIN, headers: list[list[str]] | None = None, **more: Any
    ) -> None:
        """A request reaches the fake and is answered with 200."""
        self.answered(self.arrives(document(dev_eui, f_cnt, **more), url, headers))
