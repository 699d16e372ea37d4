"""Uplinks made beforehand: devices of every model send over the air, and what comes of it is signed and encoded."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle
from typing import Any
from urllib.parse import quote

import orjson

from uplab.simulator.air import Air
from uplab.simulator.chance import Chance
from uplab.simulator.clock import RealClock, utc_iso
from uplab.simulator.devices.device import Device
from uplab.simulator.devices.fleet import Fleet
from uplab.simulator.devices.measurement import Sensor
from uplab.simulator.network.documents import Document
from uplab.simulator.network.server import NetworkServer
from uplab.simulator.network.tunnel import sign_uplink
from uplab.simulator.payloads import MODELS
from uplab.simulator.radio.radio import Radio

__all__ = ["AS_ID", "AS_KEY", "TELEMETRY", "Signed", "Uplinks", "of_document", "of_telemetry"]

AS_ID = "bench"
AS_KEY = "4e0ff46472fb11ee9ea1a7a1b8d8d0e2"
TELEMETRY = b"v1/gateway/telemetry"

Measurement = tuple[Device, bytes, int]
"""The device, its payload, the FPort."""


@dataclass(frozen=True, slots=True)
class Signed:
    """One uplink, ready to be posted to the ingress."""

    identity: str
    query: str
    body: bytes


class Uplinks:
    """So many devices, joined, which send in turn."""

    def __init__(self, devices: int, *, seed: str = "bench") -> None:
        chance = Chance(seed)
        fleet = Fleet(chance)
        self._clock = RealClock()
        self._air = Air(
            network=NetworkServer(chance=chance), gateways=fleet.gateways, radio=Radio(chance), clock=self._clock
        )
        models = cycle(MODELS)
        self._devices = [fleet.device(next(models)) for _ in range(devices)]
        self._sensors = [Sensor(device.model, chance.stream(f"sensor {device.dev_eui}")) for device in self._devices]
        for device in self._devices:
            self._air.register(device)
            self._air.join(device)
        self._turn = cycle(zip(self._devices, self._sensors, strict=True))

    @property
    def dev_euis(self) -> list[str]:
        """The devices in the order of their turns."""
        return [str(device.dev_eui) for device in self._devices]

    def measured(self, count: int) -> list[Measurement]:
        """The next so many measurements, each of the next device, as payloads."""
        found: list[Measurement] = []
        for _ in range(count):
            device, sensor = next(self._turn)
            model = MODELS[device.model]
            found.append((device, model.encode(sensor.measure()), model.f_port))
        return found

    def sent(self, measurements: Iterable[Measurement]) -> Iterator[Document]:
        """Send them over the air; the document of each."""
        for device, payload, f_port in measurements:
            yield self._air.send(device, payload, f_port=f_port)[0]

    def signed(self, count: int) -> list[Signed]:
        """The next so many uplinks, signed for the tunnel."""
        return [self._sign(document) for document in self.sent(self.measured(count))]

    def _sign(self, document: Document) -> Signed:
        time = utc_iso(self._clock.epoch_s())
        pairs = sign_uplink(document, as_id=AS_ID, as_key=AS_KEY, time=time, lrn_infos="UPLAB_BENCH")
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs)
        body = orjson.dumps(document)
        return Signed(of_document(body), query, body)


def of_document(raw: bytes) -> str:
    """The identity of a document: device and Time, which no device gives twice."""
    content = next(iter(orjson.loads(raw).values()))
    return _identity(content["DevEUI"], round(datetime.fromisoformat(content["Time"]).timestamp() * 1000))


def of_telemetry(raw: bytes) -> Iterator[str]:
    """The identities in a message to ThingsBoard's gateway API: device and ts of each point."""
    message: dict[str, list[dict[str, Any]]] = orjson.loads(raw)
    return (_identity(device, point["ts"]) for device, points in message.items() for point in points)


def _identity(device: str, time_ms: int) -> str:
    return f"{device} {time_ms}"
