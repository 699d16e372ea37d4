"""The sender's part: a share of a fleet is simulated and posted, and every post noted in its ledger.

A line of the ledger is [DevEUI, kind, counter, Time in ms, digest, sent, answered, outcome], moments in microseconds
of the machine's clock; kind "u" is an uplink with a counter, any other one its root. It is written when the post is
over, so that what a ledger has not is what its process was busy with when it was killed.
"""

from __future__ import annotations

import asyncio
import base64
import gc
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from uplab.scenarios.load.files import Writer, now_us
from uplab.scenarios.load.judging.content import told_by_document
from uplab.scenarios.load.workers.service import Say, cpu_s, pause, serve
from uplab.simulator.chance import Chance
from uplab.simulator.devices.device import Device
from uplab.simulator.devices.fleet import Fleet, read_fleet
from uplab.simulator.fleets.day import Day, Published, devices_of
from uplab.simulator.fleets.drive import Pace, drive
from uplab.simulator.fleets.plan import Group, Plan, plan_of
from uplab.simulator.network.documents import Document
from uplab.simulator.network.tunnel import Outcome, Reading, Tunnel

__all__ = ["Sender", "share_of"]

_TOLD_EACH_S: Final = 0.2
_RAWS: Final = 4096  # of the last posts the bytes are known, for whoever asks about one that was altered


def share_of(plan: Plan, own: Path | None, group: Group | None, share: tuple[int, int]) -> list[tuple[Device, Group]]:
    """Each nth device of a plan, or of a CSV of one's own, from a place on: the same devices whatever the share."""
    if own is not None:
        assert group is not None
        known = [(device, group) for device in read_fleet(own, Chance(plan.seed))]
    else:
        known = list(devices_of(plan, Fleet(Chance(plan.seed), gateway_count=plan.gateways)))
    return known[share[0] :: share[1]]


class Sender:
    """One share of the fleet."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._day: Day | None = None
        self._ledger: Writer | None = None
        self._tunnel: Tunnel | None = None
        self._driving: asyncio.Task[None] | None = None
        self._telling: asyncio.Task[None] | None = None
        self._stopped = False
        self._until_us = 0
        self._posted = self._begun = 0
        self._raws: OrderedDict[tuple[str, Any], Document] = OrderedDict()

    async def order(self, name: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """begin: make the devices. drive: post, to an ingress. raw: what was posted. stop: no more."""
        return await {"begin": self._begin, "drive": self._drive, "raw": self._raw, "stop": self._end}[name](given)

    async def stop(self) -> None:
        """Post what is in the lanes, and close the ledger."""
        self._stopped = True
        if self._driving is not None:
            await asyncio.gather(self._driving, return_exceptions=True)
        if self._telling is not None:
            self._telling.cancel()
        if self._tunnel is not None:
            await self._tunnel.stop()

    async def _begin(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        plan = plan_of(given["plan"])
        own = Path(given["own"]) if given.get("own") else None
        group = Group(**given["group"]) if given.get("group") else None
        number, count = given["share"]
        devices = share_of(plan, own, group, (number, count))
        self._day = Day(plan, devices)
        self._ledger = Writer(Path(given["folder"]), f"ledger-{number + 1}")
        gc.freeze()
        self._say({"cpu_s": cpu_s()})
        return {"dev_euis": [str(device.dev_eui) for device, _ in devices]}

    async def _drive(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        self._tunnel = Tunnel(
            ingress=given["ingress"],
            as_id=given["as_id"],
            as_key=given["as_key"],
            reading=Reading(*given["reading"]),
            signed=given["signed"],
            headers=given["headers"],
        )
        await self._tunnel.start()
        self._until_us = now_us() + round(given["seconds"] * 1e6) if given.get("seconds") else 0
        pace = Pace(given.get("rate"), given.get("speed"))
        self._driving = asyncio.create_task(self._post_all(pace))
        self._telling = asyncio.create_task(self._tell())
        return {}

    async def _raw(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        document = self._raws.get((given["dev_eui"], given["time_ms"]))
        return {"raw": base64.b64encode(orjson.dumps(document)).decode() if document is not None else None}

    async def _end(self, _given: Mapping[str, Any]) -> Mapping[str, Any]:
        self._stopped = True
        return {}

    async def _post_all(self, pace: Pace) -> None:
        assert self._day is not None
        assert self._tunnel is not None
        assert self._ledger is not None
        ended = "died"
        try:
            begins_s = self._day.plan.start_s
            await drive(self._documents(), self._tunnel, pace, begins_s=begins_s, told=self._note)
            ended = "stopped" if self._stopped else "over"
        except Exception as error:  # noqa: BLE001 - whatever it is, the judge must hear that the ledger is not whole
            self._say({"error": f"{type(error).__name__}: {error}"})
        finally:
            self._ledger.close(ended)
            self._progress(ended)

    def _documents(self) -> Iterator[Published]:
        assert self._day is not None
        for published in self._day.run():
            if self._stopped or (self._until_us and now_us() >= self._until_us):
                return
            self._begun += 1
            yield published

    def _note(self, document: Document, outcome: Outcome, sent_us: int) -> None:
        assert self._ledger is not None
        answered_us = now_us()
        self._posted += 1
        told = told_by_document(document)
        if told is not None:
            self._ledger.write([*told, sent_us, answered_us, outcome.kind])
            self._raws[told.dev_eui, told.time_ms] = document
            if len(self._raws) > _RAWS:
                self._raws.popitem(last=False)

    async def _tell(self) -> None:
        """Has what was noted on the disk, and tells how far it is."""
        assert self._ledger is not None
        while True:
            await pause(_TOLD_EACH_S)
            if self._driving is None or self._driving.done():
                return
            self._ledger.flush()
            self._progress(None)

    def _progress(self, ended: str | None) -> None:
        assert self._day is not None
        simulated_s = self._day.now_s - self._day.plan.start_s
        self._say(
            {
                "posted": self._posted,
                "under_way": self._begun - self._posted,
                "simulated_s": round(simulated_s, 3),
                "cpu_s": cpu_s(),
                **({"ended": ended} if ended else {}),
            }
        )


if __name__ == "__main__":
    serve(Sender)
