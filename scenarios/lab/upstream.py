"""The upstream half of a lab: devices, radio, gateways and network server, and the tunnel to the forwarder under test.

Its state belongs to the lab's loop; the methods are called from the scenario's thread and wait for their result.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, replace
from difflib import get_close_matches
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from uplab.scenarios.authors.models import named_model
from uplab.scenarios.history.secrets import redact
from uplab.scenarios.lab.loop import LoopThread
from uplab.scenarios.under_test.access.access import Access
from uplab.scenarios.under_test.access.pace import Turns
from uplab.scenarios.under_test.promise.way_in import BY_TOKEN, WayIn
from uplab.simulator import hops
from uplab.simulator.air import Air, Conditions
from uplab.simulator.airs import Airs
from uplab.simulator.chance import Chance
from uplab.simulator.clock import RealClock
from uplab.simulator.devices.device import Activation, Device
from uplab.simulator.devices.fleet import Fleet
from uplab.simulator.devices.measurement import Sensor
from uplab.simulator.emit import Emit
from uplab.simulator.errors import SimulatorError
from uplab.simulator.lorawan.region import EU868, REGIONS, Region
from uplab.simulator.network.documents import Account
from uplab.simulator.network.server import NetworkServer
from uplab.simulator.network.tunnel import Carry, NetworkRim, Outcome, Tunnel
from uplab.simulator.payloads import MODELS, Driver
from uplab.simulator.payloads.own import DeviceModel
from uplab.simulator.payloads.recorded import Recorded
from uplab.simulator.thingpark.documents import root_of
from uplab.simulator.troubles.scene import Wanted
from uplab.simulator.troubles.table import Trouble

__all__ = ["Upstream"]


def region_of(name: str) -> Region:
    """The region of a name; ValueError names those that there are."""
    if name not in REGIONS:
        raise ValueError(f"there is no region {name}; there are {', '.join(REGIONS)}")
    return REGIONS[name]


class Upstream:
    """Two gateways and one network server in each region, and as many devices as a scenario asks for."""

    def __init__(
        self,
        loop: LoopThread,
        *,
        emit: Emit,
        seed: int,
        as_id: str,
        as_key: str,
        way_in: WayIn = BY_TOKEN,
        turns: Turns | None = None,
        namespace: str = "",
        host: str,
        port: int = 0,
        locale: str = "en_US",
    ) -> None:
        self._loop = loop
        self._locale = locale
        self._way_in = way_in
        self._turns = turns or Turns(None)
        self._namespace = bytes.fromhex(namespace)
        self._emit = emit
        self._as_id, self._as_key = as_id, as_key
        self._clock = RealClock()
        self._seed = seed
        self._begun: Counter[str] = Counter()
        self._chance = Chance(seed)
        self._fleet = Fleet(self._chance, namespace=self._namespace, locale=self._locale)
        self._sensors: dict[str, Sensor] = {}
        self._own: dict[str, tuple[DeviceModel, Iterator[int]]] = {}
        self._recorded: dict[str, tuple[Recorded, Iterator[int]]] = {}  # and how many each has sent
        self.airs = Airs(self._chance, clock=self._clock, emit=emit)
        self.airs.queued = self._send_at_once
        self._sending: set[asyncio.Task[None]] = set()
        self._rim = NetworkRim(self.airs, as_keys={as_id: as_key}, clock=self._clock, emit=emit)
        self._tunnel: Tunnel | None = None
        try:
            self._loop.run(self._rim.start(host, port))
        except BaseException:
            self._loop.run(self._rim.stop())
            raise

    @property
    def air(self) -> Air:
        """The air of those devices for which no region is named."""
        return self.airs.of(EU868)

    @property
    def network(self) -> NetworkServer:
        """Its network server."""
        return self.air.network

    @property
    def network_url(self) -> str:
        """Where a forwarder hands on downlinks."""
        return self._rim.url

    def reach(self, ingress: str, *, carry: Carry | None = None, access: Access | None = None) -> None:
        """Sends uplinks to this ingress from now on; `carry` hands them over in another way than HTTP."""
        self._close_tunnel()
        access, host = access or Access(), urlsplit(ingress).hostname
        self._tunnel = Tunnel(
            ingress=ingress,
            as_id=self._as_id,
            as_key=self._as_key,
            clock=self._clock,
            emit=self._emit,
            reading=self._way_in.reading,
            signed=self._way_in.signed,
            traced=self._way_in.traced,
            headers={**access.headers_for(host), **self._way_in.headers},
            tls=access.tls(known=host in access.hosts),
            proxy=access.proxy,
            hide=redact,
            carry=carry,
        )
        self._loop.run(self._tunnel.start())

    def _close_tunnel(self) -> None:
        if self._tunnel is not None:
            self._loop.run(self._tunnel.stop())
            self._tunnel = None

    def stop(self) -> None:
        """Closes the tunnel and the rim."""
        try:
            self._close_tunnel()
        finally:
            self._loop.run(self._rim.stop(), timeout_s=10)

    def begin(self, scenario: str) -> None:
        """Draws devices, measurements and radio from the seed and this scenario's name: the same alone as among others.

        A scenario that runs once more in the same lab gets other devices, because those of the first time are known.
        """
        self._begun[scenario] += 1
        times = self._begun[scenario]
        self._chance = Chance(f"{self._seed} {scenario}" + (f" {times}" if times > 1 else ""))
        # Its gateways stand where those of the air stand.
        self._fleet = Fleet(self._chance, namespace=self._namespace, locale=self._locale)
        self.airs.draw(self._chance)

    def stream(self, purpose: str) -> random.Random:
        """Draws for a purpose of the scenario, by seed and name alone."""
        return self._chance.stream(purpose)

    def device(
        self,
        model: str | Recorded | DeviceModel,
        *,
        tags: tuple[str, ...] | None = None,
        region: str | None = None,
        device_class: str | None = None,
    ) -> Device:
        """A new device of a model, provisioned at the network server of its region, EU868 and class A unless named.

        ValueError names the models, regions and classes there are. Its tags are drawn unless they are given.
        """
        found = region_of(region or EU868.name)
        if device_class not in (None, "A", "C"):
            raise ValueError(f"a device is of class A or C, not {device_class!r}")
        if isinstance(model, str) and model not in MODELS:
            own = named_model(model)
            if own is None:
                raise ValueError(f"there is no model {model}; there are {', '.join(MODELS)}")
            model = own
        if not isinstance(model, str):
            return self._loop.call(lambda: self._of_own(model, found))

        def make() -> Device:
            device = self._fleet.device(
                model, tags=tags, region=found, device_class="C" if device_class == "C" else "A"
            )
            self.airs.register(device)
            self._sensors[device.dev_eui] = Sensor(model, self._chance.stream(f"sensor {device.dev_eui}"))
            return device

        return self._loop.call(make)

    def _of_own(self, model: Recorded | DeviceModel, region: Region) -> Device:
        device = self._fleet.device(model.name, region=region)
        driver = Driver(*model.application)
        self.airs.register(device, Account(name=device.name, tags=device.tags, app_driver=driver))
        if isinstance(model, Recorded):
            self._recorded[device.dev_eui] = (model, count())
        else:
            self._own[device.dev_eui] = (model, count())
        return device

    def join(self, device: Device, *, told: bool = True) -> list[Outcome]:
        """Joins over the air, and posts the documents of it; SimulatorError when the network does not let it in.

        Where it is not `told`, the forwarder was not yet listening to the network server: no document is posted.
        """

        async def work() -> list[Outcome]:
            documents = self.airs.of(device.region).join(device)
            if device.activation is not Activation.JOINED:
                raise SimulatorError(f"the device {device.dev_eui} could not join")
            return [await self._post(document) for document in documents] if told else []

        return self._loop.run(work())

    def measure(self, device: Device, readings: dict[str, Any]) -> tuple[Any, bytes, int]:
        """The next readings, with those given put in, as (readings, payload, FPort); ValueError names a wrong one.

        Of a recorded model they are the next of its uplinks, or the one that `example` names.
        """
        return self._loop.call(lambda: self._measured(device, readings))

    def _measured(self, device: Device, readings: dict[str, Any]) -> tuple[Any, bytes, int]:
        if device.dev_eui in self._recorded:
            recorded, sent = self._recorded[device.dev_eui]
            uplink = recorded.uplink(0 if "example" in readings else next(sent), readings)
            return uplink, uplink.payload, uplink.f_port
        if device.dev_eui in self._own:
            own, numbers = self._own[device.dev_eui]
            return *own.uplink(next(numbers), readings), own.f_port
        model = MODELS[device.model]
        names = [field.name for field in fields(model.readings)]
        for name in readings:
            if name not in names:
                near = get_close_matches(name, names, n=1)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
                raise ValueError(f"{name} is no reading of {device.model}; {hint}")
        measured = replace(self._sensors[device.dev_eui].measure(), **readings)
        return measured, model.encode(measured), model.f_port

    def send(
        self, device: Device, payload: bytes, *, f_port: int, confirmed: bool, under: Conditions | None = None
    ) -> tuple[list[dict[str, Any]], list[Outcome]]:
        """One uplink: the documents that came of it, each posted after the one before was answered, and the answers."""

        async def work() -> tuple[list[dict[str, Any]], list[Outcome]]:
            air = self.airs.of(device.region)
            if under is None:
                documents = air.send(device, payload, f_port=f_port, confirmed=confirmed)
            else:
                documents = air.send_under(device, payload, under, f_port=f_port, confirmed=confirmed)
            return documents, [await self._post(document) for document in documents]

        return self._loop.run(work())

    def trouble(self, device: Device, trouble: Trouble) -> tuple[list[dict[str, Any]], list[Outcome], list[Wanted]]:
        """Has this happen to a device, with measurements of its model, and posts the documents that come of it.

        The last of the three says what must become of each data frame, in the order in which they were sent.
        """

        async def work() -> tuple[list[dict[str, Any]], list[Outcome], list[Wanted]]:
            played = trouble.play(self.airs.of(device.region), device, lambda: self._measured(device, {})[1:])
            return played.documents, [await self._post(document) for document in played.documents], played.frames

        return self._loop.run(work())

    def replay(self, device: Device, phy: bytes) -> list[Outcome]:
        """Sends a PHYPayload as it is from where the device stands, and posts the documents that the network makes."""

        async def work() -> list[Outcome]:
            return [await self._post(document) for document in self.airs.of(device.region).replay(device, phy)]

        return self._loop.run(work())

    def _send_at_once(self, device: Device) -> None:
        """A downlink was taken: a class C device hears it now, and its report goes through the tunnel."""
        if device.device_class != "C":
            return

        async def work() -> None:
            for document in self.airs.of(device.region).deliver(device):
                await self._post(document)

        task = asyncio.get_running_loop().create_task(work())
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    def post(self, document: dict[str, Any], raw: bytes | None = None) -> Outcome:
        """Carries a document that no device of ours sent, as the bytes `raw` where it has a text of its own.

        Its hop network.document says so.
        """
        found = root_of(document)
        root, report = (found[0].name, found[1]) if found else next(iter(document.items()))
        said = hops.network_document(
            root=root,
            dev_eui=report.get("DevEUI"),
            f_cnt=report.get("FCntUp"),
            time=report.get("Time"),
            document=document,
        )
        self._emit(*said)
        return self._loop.run(self._post(document, raw))

    async def _post(self, document: dict[str, Any], raw: bytes | None = None) -> Outcome:
        assert self._tunnel is not None, "the lab has reached no forwarder yet"
        if (wait_s := self._turns.wait_s(time.monotonic())) > 0:  # by the account's limit on uplinks
            turn = asyncio.get_running_loop().create_future()
            asyncio.get_running_loop().call_later(wait_s, turn.set_result, None)
            await turn
        return await self._tunnel.post(document, raw)

    def received(self, device: Device) -> list[dict[str, Any]]:
        """The downlinks that a device took, as plain data."""
        return [
            {"f_port": r.f_port, "payload_hex": r.payload.hex(), "f_cnt_down": r.f_cnt_down, "window": r.window}
            for r in device.received
        ]
