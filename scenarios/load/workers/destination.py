"""The destination's part: one fake with its places, and every exchange noted among its arrivals.

A line of the arrivals is [place, DevEUI, kind, counter, Time in ms, digest, arrived, answered, taken, faulty,
exchange], as the ledger's; where a delivery holds no document, [place, moment, the beginning of its body].
"""

from __future__ import annotations

import asyncio
import base64
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from uplab.fakes.behaviour import Behaviour
from uplab.fakes.faults import from_data
from uplab.fakes.posthere.server import PosthereServer
from uplab.fakes.thingsboard.server import ThingsBoardServer
from uplab.fakes.thingsboard.state.series import Budget
from uplab.scenarios.history.identity import REFUSED
from uplab.scenarios.history.secrets import redact
from uplab.scenarios.load.files import Writer, now_us
from uplab.scenarios.load.judging.content import Told, told_by_document, told_by_telemetry
from uplab.scenarios.load.workers.service import Say, cpu_s, pause, serve

__all__ = ["TELEMETRY", "Destination"]

TELEMETRY: Final = "v1/gateway/telemetry"

_TOLD_EACH_S: Final = 0.2
_RAWS: Final = 4096
_OPEN: Final = 100_000  # exchanges without an answer that are kept
_SHOWN: Final = 120  # bytes of what is no document
_LOOKED_AT: Final = 4_000  # bytes of it in which secrets are hidden before it is cut
_PORTS = {"http": "http", "thingsboard": "mqtt"}


class _Exchange:
    """One that is under way."""

    __slots__ = ("arrived_us", "faulty", "place", "raw", "session", "told")

    def __init__(self, place: int, raw: bytes, told: list[Told], session: object) -> None:
        self.arrived_us = now_us()
        self.place = place
        self.raw = raw
        self.told = told
        self.session = session
        self.faulty = False


class Destination:
    """A fake; `paths` in its first order name its places."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._server: PosthereServer | ThingsBoardServer | None = None
        self._arrivals: Writer | None = None
        self._places: dict[str, int] = {}
        self._elsewhere = 0
        self._address = ("127.0.0.1", 0)
        self._noted = 0
        self._open: OrderedDict[int, _Exchange] = OrderedDict()
        self._raws: OrderedDict[int, bytes] = OrderedDict()
        self._telling: asyncio.Task[None] | None = None

    async def order(self, name: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """begin: listen. faults: misbehave so from now on. down, up: as a service that is gone. raw: what arrived."""
        orders = {"begin": self._begin, "faults": self._faults, "down": self._down, "up": self._up, "raw": self._raw}
        return await orders[name](given)

    async def stop(self) -> None:
        """Close the fake, and the arrivals."""
        if self._telling is not None:
            self._telling.cancel()
        if self._server is not None:
            await self._server.stop()
        for exchange in [*self._open]:
            self._end(exchange, taken=False)
        if self._arrivals is not None:
            self._arrivals.close("over")

    async def _begin(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        self._places, self._elsewhere = given["paths"], given["elsewhere"]
        self._arrivals = Writer(Path(given["folder"]), given["stream"])
        if given["kind"] == "http":
            server = PosthereServer(emit=self._of_http)
            for host in given["hosts"]:
                server.hosts.allow(host)
            self._server = server
        else:
            self._server = ThingsBoardServer(emit=self._of_mqtt, budget=Budget(100_000, 10_000))
        self._address = (given["host"], given.get("port", 0))
        await self._up({})
        self._say({"cpu_s": cpu_s()})
        self._telling = asyncio.create_task(self._tell())
        return {"port": self._address[1]}

    async def _faults(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        assert self._server is not None
        self._server.behaviour = Behaviour([from_data(fault) for fault in given["faults"]])
        return {}

    async def _down(self, _given: Mapping[str, Any]) -> Mapping[str, Any]:
        assert self._server is not None
        await self._server.stop()
        return {}

    async def _up(self, _given: Mapping[str, Any]) -> Mapping[str, Any]:
        server = self._server
        assert server is not None
        listen = server.listen_mqtt if isinstance(server, ThingsBoardServer) else server.listen
        self._address = (self._address[0], await listen(*self._address))
        return {}

    async def _raw(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        raw = self._raws.get(given["exchange"])
        return {"raw": base64.b64encode(raw).decode() if raw is not None else None}

    # --- what the fake says -----------------------------------------------------------------------------------------

    def _of_http(self, hop: str, facts: dict[str, Any]) -> None:
        if hop == "destination.arrived":
            if facts["delivery"] and facts["complete"]:
                place = self._places.get(facts["url"].partition("?")[0], self._elsewhere)
                document = _parsed(facts["raw"])
                told = told_by_document(document)
                self._arrived(facts["exchange"], place, facts["raw"], [told] if told is not None else [])
        elif hop == "destination.answered":
            whole = facts["written"] or facts.get("headed", False)
            self._end(facts["exchange"], taken=whole and 200 <= (facts["status"] or 0) < 300)
        elif hop == "fault.delivered":
            self._spoil(facts["exchange"])

    def _of_mqtt(self, hop: str, facts: dict[str, Any]) -> None:
        if hop == "destination.published":
            if facts["topic"] == TELEMETRY:
                raw, exchange = facts["raw"], facts["exchange"]
                self._arrived(exchange, next(iter(self._places.values())), raw, told_by_telemetry(_parsed(raw)), facts)
                if facts["qos"] == 0:  # nothing will answer it
                    self._end(exchange, taken=False)
        elif hop == "destination.acknowledged":
            self._end(facts["exchange"], taken=facts["code"] < REFUSED)
        elif hop == "destination.closed":
            for exchange in [number for number, one in self._open.items() if one.session == facts["session"]]:
                self._end(exchange, taken=False)
        elif hop == "fault.delivered":
            self._spoil(facts["exchange"])

    def _arrived(
        self, exchange: int, place: int, raw: bytes, told: list[Told], facts: Mapping[str, Any] | None = None
    ) -> None:
        if not told:
            assert self._arrivals is not None
            self._arrivals.write([place, now_us(), redact(raw[:_LOOKED_AT])[:_SHOWN].decode(errors="replace")])
            return
        self._open[exchange] = _Exchange(place, raw, told, (facts or {}).get("session"))
        if len(self._open) > _OPEN:
            self._end(next(iter(self._open)), taken=False)

    def _spoil(self, exchange: int) -> None:
        if (under_way := self._open.get(exchange)) is not None:
            under_way.faulty = True

    def _end(self, exchange: int, *, taken: bool) -> None:
        under_way = self._open.pop(exchange, None)
        if under_way is None:
            return
        assert self._arrivals is not None
        answered_us = now_us()
        for told in under_way.told:
            self._noted += 1
            line = [under_way.place, *told, under_way.arrived_us, answered_us, taken, under_way.faulty, exchange]
            self._arrivals.write(line)
        self._raws[exchange] = under_way.raw
        if len(self._raws) > _RAWS:
            self._raws.popitem(last=False)

    async def _tell(self) -> None:
        assert self._arrivals is not None
        while True:
            await pause(_TOLD_EACH_S)
            self._arrivals.flush()
            self._say({"noted": self._noted, "open": len(self._open), "cpu_s": cpu_s()})


def _parsed(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None


if __name__ == "__main__":
    serve(Destination)
