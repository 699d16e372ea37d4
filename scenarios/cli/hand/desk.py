"""The desk of a lab that is up: keeps its devices, binds them, sends, and says what became of it."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import fields
from functools import partial
from typing import Any

import httpx

from uplab.scenarios.captures.document import DocumentError, sendable
from uplab.scenarios.checks.checks import Route
from uplab.scenarios.checks.verdict import CheckFailed
from uplab.scenarios.cli.hand import air
from uplab.scenarios.cli.hand.breaking import Breaking
from uplab.scenarios.cli.hand.by_hand import Wish, became, payload_of
from uplab.scenarios.cli.hand.saving import step_of, world_of
from uplab.scenarios.cli.hand.ways import Ways
from uplab.scenarios.history.secrets import redact_text
from uplab.scenarios.lab.addresses import POSTHERE_HOST, THINGSBOARD_HOST, WIDGELIX_HOST
from uplab.scenarios.lab.device import LabDevice, Sent
from uplab.scenarios.lab.lab import Lab
from uplab.simulator.errors import SimulatorError
from uplab.simulator.lorawan.region import EU868
from uplab.simulator.payloads import MODELS
from uplab.simulator.payloads.own import ModelError
from uplab.simulator.payloads.recorded import Recorded, RecordedUplink

__all__ = ["DeskError", "LabDesk"]


class DeskError(Exception):
    """A request that the lab's desk cannot carry out; the text says why."""


class LabDesk:
    """Keeps the devices of a lab that is up, binds them to the connections there are, and sends."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._devices: dict[str, LabDevice] = {}
        self._recorded: dict[str, Recorded] = {}  # what the devices of codecs send
        self._bound: set[tuple[str, str]] = set()
        self._one_at_a_time = threading.Lock()
        self._steps: list[dict[str, Any]] = []  # what was done, as steps of a world
        self._ways, self._looking = Ways(), threading.Lock()
        self.breaking = Breaking(lab)

    def addresses(self) -> dict[str, str]:
        """Every address that a person or a program needs; pages only of a forwarder that says it has some."""
        lab, at = self._lab, self._lab.resolve
        return {
            "api": lab.endpoints.api,
            **({"pages": lab.endpoints.pages} if lab.endpoints.pages else {}),
            "ingress": lab.endpoints.ingress,
            "downlink_base": lab.endpoints.downlink_base,
            "network": lab.upstream.network_url,
            "posthere": f"http://{at[f'{POSTHERE_HOST}:80']}",
            "widgelix": f"http://{at[f'{WIDGELIX_HOST}:80']}",
            "thingsboard": f"http://{at[f'{THINGSBOARD_HOST}:80']}",
            "thingsboard_mqtt": at[f"{THINGSBOARD_HOST}:1883"],
            "ca": str(lab.ca_file.resolve()),
            "resolve": lab.environment()["UPLAB_RESOLVE"],
        }

    def dead(self) -> str | None:
        """How the forwarder has ended, in words; None while it runs."""
        ended = self._lab.forwarder.death()
        return f"has ended {ended}: its log is {self._lab.forwarder.log}" if ended else None

    def state(self) -> dict[str, Any]:
        """All that the page shows beside the ways: parts and their state, devices, connections, faults, models."""
        dead = self.dead()
        try:
            connections = [] if dead else self._listed("/connections")
        except (CheckFailed, httpx.HTTPError) as error:
            dead, connections = f"does not answer: {error}".partition("\n")[0], []
        devices = self.devices()
        return {
            "seed": self._lab.seed,
            "parts": [
                {"name": "forwarder", "state": dead or "runs", "bad": bool(dead)},
                *(
                    {"name": name, "state": _well(planned), "bad": bool(planned)}
                    for name, planned in self.breaking.shown().items()
                ),
            ],
            "addresses": self.addresses(),
            "devices": devices,
            "connections": [
                {
                    "id": str(one["id"]),
                    "name": one.get("name"),
                    "state": one.get("state"),
                    "to": _leads_to(one),
                    "devices": [d["dev_eui"] for d in devices if (d["dev_eui"], str(one["id"])) in self._bound],
                }
                for one in connections
            ],
            "faults": self.breaking.shown(),
            "models": {name: [field.name for field in fields(model.readings)] for name, model in MODELS.items()},
        }

    def ways(self, after: int) -> dict[str, Any]:
        """The ways to which something came after this line."""
        with self._looking:
            self._ways.see(self._lab.history.since(self._ways.seen))
            return {"seen": self._ways.seen, "ways": self._ways.since(after)}

    def bind(self, dev_eui: str, connection: Any) -> dict[str, Any]:
        """Binds a device to one connection, or to each that it is not bound to yet where none is named."""
        with self._one_at_a_time:
            device = self._named(dev_eui)
            if connection is None:
                return {"dev_eui": device.dev_eui, "bound_to": self._bind(device)}
            known = {str(one["id"]): one for one in self._listed("/connections")}
            if str(connection) not in known:
                raise DeskError(
                    f"there is no connection {connection!r:.40}; there are {', '.join(known) or 'none yet'}"
                )
            return {"dev_eui": device.dev_eui, "bound_to": self._bind(device, str(connection))}

    def break_(self, fake: str, faults: Any, seconds: Any) -> dict[str, Any]:
        """Plans faults at a fake, in the place of those of before; none: it is well again."""
        planned = self.breaking.plan(fake, faults, seconds)
        self._steps += [{"do": "fault", "fake": fake, "fault": one} for one in planned]
        return {"fake": fake, "faults": planned}

    def save(self, name: str) -> dict[str, Any]:
        """What was done so far, as the text of a world, and what of it a world cannot say."""
        with self._one_at_a_time:
            models = {one.dev_eui: one.device.model for one in self._devices.values()}
            bound = sorted(self._bound)
            met = Counter(str(e.facts["fault"]) for e in self._lab.history.events if e.hop == "fault.delivered")
            text, left = world_of(name, models, self._listed("/connections"), bound, self._steps, met)
            return {"world": text, "left_out": left}

    def send(
        self,
        model: str,
        readings: dict[str, Any],
        *,
        dev_eui: str | None = None,
        bind: bool = True,
        wish: Wish | None = None,
        recorded: Recorded | None = None,
    ) -> dict[str, Any]:
        """One uplink of a device of that model (the same device each time, unless a DevEUI is named), as wished.

        A codec's model brings its uplinks along, in `recorded`.
        """
        wish = wish or Wish()
        with self._one_at_a_time:
            device = self._device(model, dev_eui, recorded, wish)
            if recorded is None:
                _check_readings(model, readings)
            bound = self._bind(device) if bind else []
            mark, heard = self._lab.history.mark, len(device.received)
            try:
                if wish.data_rate is not None:
                    self._lab.loop.call(partial(setattr, device.device, "data_rate", wish.data_rate))
                if wish.air is not None:
                    return self._trouble(device, wish.air, mark, bound)
                self._steps.append(step_of(device.dev_eui, readings, wish))
                sent = self._sent(device, readings, wish)
            except (TypeError, ValueError, ModelError, SimulatorError) as error:
                raise DeskError(str(error)) from None
            told = {**_shown(sent), "model": model, "bound_to": bound, **self._routing(device.dev_eui)}
            if isinstance(sent.readings, RecordedUplink):
                told["example"] = sent.readings.place
            return {**told, **self._fate(sent, mark, told["routed_to"]), "received": device.received[heard:]}

    def _trouble(self, device: LabDevice, name: str, mark: int, bound: list[str]) -> dict[str, Any]:
        """Something goes wrong on the air; a SimulatorError, and what else cannot be, is the caller's."""
        happened = device.trouble(name)
        self._steps.append({"do": "air", "dev_eui": device.dev_eui, "trouble": name})
        told = {"dev_eui": device.dev_eui, "model": device.device.model, "bound_to": bound}
        routing = self._routing(device.dev_eui)
        return {**told, **routing, **air.told(self._lab, mark, happened, routing["routed_to"])}

    def _sent(self, device: LabDevice, readings: dict[str, Any], wish: Wish) -> Sent:
        measured, payload, f_port = self._lab.upstream.measure(device.device, readings)
        payload, f_port = payload if wish.payload is None else wish.payload, wish.port or f_port
        measured = measured if wish.payload is None else None
        return device.send_bytes(
            payload, f_port=f_port, confirmed=wish.confirmed, readings=measured, under=wish.conditions
        )

    def _fate(self, sent: Sent, mark: int, routed: list[str]) -> dict[str, Any]:
        """Where it came, and the first decoded payload with which it did."""
        if sent.outcome != "accepted":
            return {"became": []}
        told = became(self._lab, mark, sent.id, len(routed))
        return {"became": told, "payload": payload_of(self._lab, mark, sent.id)}

    def join(self, name: str, *, region: str | None = None, device_class: str | None = None) -> dict[str, Any]:
        """Has a new device of a model join, or one that there is, by its DevEUI, once more."""
        with self._one_at_a_time:
            known = self._devices.get(name.upper())
            try:
                device = known or self._lab.device(name, region=region, device_class=device_class)
            except ValueError as error:
                raise DeskError(str(error)) from None
            if known is not None:
                known.join()
                self._steps.append({"do": "join", "dev_eui": known.dev_eui})
            self._devices[device.dev_eui] = device
            addr = device.device.dev_addr
            return {
                "dev_eui": device.dev_eui,
                "model": device.device.model,
                "dev_addr": str(addr),
                "again": bool(known),
            }

    def send_phy(self, dev_eui: str, phy: bytes) -> dict[str, Any]:
        """Sends a PHYPayload from where a device stands, and says what the network server made of it."""
        with self._one_at_a_time:
            device = self._named(dev_eui)
            mark = self._lab.history.mark
            outcomes = self._lab.upstream.replay(device.device, phy)
            self._steps.append({"do": "nothing", "left": [f"a frame sent as bytes by {device.dev_eui}"]})
            refused = [str(e.facts["reason"]) for e in self._lab.history.since(mark) if e.hop == "network.refused"]
            return {"dev_eui": device.dev_eui, "outcomes": [one.kind for one in outcomes], "refused": refused}

    def downlink(self, dev_eui: str, downlink: dict[str, Any]) -> dict[str, Any]:
        """Posts a downlink to the URL of the first connection that the device is bound to.

        It waits for an uplink; a device of class C takes it at once, and what it received is told.
        """
        with self._one_at_a_time:
            device = self._named(dev_eui)
            bound = self._led_to(self._listed("/connections"), device.dev_eui)
            if not bound:
                raise DeskError(f"no connection leads to {device.dev_eui}: send an uplink first, which binds it")
            mark, heard = self._lab.history.mark, len(device.received)
            asked = {"DevEUI": device.dev_eui, **downlink}
            self._steps.append(
                {
                    "do": "downlink",
                    "dev_eui": device.dev_eui,
                    "connection": str(bound[0]["id"]),
                    "fields": dict(downlink),
                }
            )
            response = self._lab.post_downlink(str(bound[0]["downlinkUrl"]), asked)
            queued = [e.facts for e in self._lab.history.since(mark) if e.hop == "network.downlink"]
            fate = (
                f"{queued[0]['outcome']} {queued[0]['cause'] or ''}".strip() if queued else "not at the network server"
            )
            if device.device.device_class == "C" and fate == "queued":
                air.wait_until(lambda: len(device.received) > heard)
            told = {"status": response.status_code, "text": response.text[:300], "network": fate}
            return {**told, "received": device.received[heard:]}

    def _named(self, dev_eui: str) -> LabDevice:
        found = self._devices.get(dev_eui.upper())
        if found is None:
            raise DeskError(f"no device {dev_eui} in this lab; there are {', '.join(self._devices) or 'none yet'}")
        return found

    def send_document(self, raw: bytes, *, as_is: bool = False, routing: bool = True) -> dict[str, Any]:
        """Carries these bytes through the tunnel, without what a forwarder added unless it is wanted as it is."""
        try:
            one = sendable(raw, as_is=as_is)
        except DocumentError as error:
            raise DeskError(str(error)) from None
        with self._one_at_a_time:
            mark = self._lab.history.mark
            sent = self._lab.post(one.document, one.raw)
            self._steps.append({"do": "nothing", "left": [f"a document of somebody's own of {sent.dev_eui}"]})
            shown = {**_shown(sent), "taken_off": list(one.taken_off)}
            if not routing:
                return shown
            everywhere = not any("DevEUI" in report for report in one.document.values() if isinstance(report, dict))
            routed = self._routing(sent.dev_eui, of_document=True, everywhere=everywhere)
            return {**shown, **routed, **self._fate(sent, mark, routed["routed_to"])}

    def devices(self) -> list[dict[str, Any]]:
        """The devices so far, and what they received."""
        return [
            {
                "dev_eui": d.dev_eui,
                "name": d.name,
                "model": d.device.model,
                "received": self._lab.upstream.received(d.device),
            }
            for d in list(self._devices.values())  # another thread may add one meanwhile
        ]

    def _device(self, model: str, dev_eui: str | None, recorded: Recorded | None, wish: Wish) -> LabDevice:
        if dev_eui is not None:
            found = self._named(dev_eui)
            if found.device.model != model:
                raise DeskError(f"the device {dev_eui} is of the model {found.device.model}, not {model}")
            return found
        for known in self._devices.values():
            if known.device.model == model and self._recorded.get(known.dev_eui) == recorded and _fits(known, wish):
                return known
        try:
            device = self._lab.device(recorded or model, region=wish.region, device_class=wish.device_class)
        except (KeyError, ValueError) as error:
            raise DeskError(str(error).strip("'\"")) from None
        self._devices[device.dev_eui] = device
        if recorded is not None:
            self._recorded[device.dev_eui] = recorded
        return device

    def _bind(self, device: LabDevice, only: str | None = None) -> list[str]:
        """Binds the device to every connection that it is not bound to yet, or to that one."""
        connections = [one for one in self._listed("/connections") if only in (None, str(one["id"]))]
        fresh = [c for c in connections if (device.dev_eui, str(c["id"])) not in self._bound]
        for resource in fresh:
            self._lab.connection(resource, Route("", "")).bind(device)
            self._bound.add((device.dev_eui, str(resource["id"])))
        return [_named(c) for c in fresh]

    def _listed(self, path: str) -> list[dict[str, Any]]:
        answer = self._lab.api.request("GET", path)
        found: list[dict[str, Any]] = answer.json() if answer.status_code == 200 else []
        return found

    def _routing(self, dev_eui: str, *, of_document: bool = False, everywhere: bool = False) -> dict[str, Any]:
        """Where the flows lead this device's uplinks now, and what to do where that is nowhere.

        What is about no device goes `everywhere`: to each connection that any flow names.
        """
        connections = self._listed("/connections")
        routed = [_named(c) for c in self._led_to(connections, None if everywhere else dev_eui)]
        if routed:
            word = "connection" if len(routed) == 1 else "connections"
            return {"routed_to": routed, "routing": f"routed to {len(routed)} {word}: {', '.join(routed)}"}
        api = self._lab.endpoints.api
        if not connections:
            why = f"there is no connection yet: create one (POST {api}/connections), then send again"
        elif of_document:
            why = f"no flow binds {dev_eui}: bind it (POST {api}/flows, a matcher of the key lora:{dev_eui.lower()})"
        else:
            why = f"no flow binds {dev_eui}: send again without --no-bind, or bind it yourself (POST {api}/flows)"
        return {"routed_to": [], "routing": f"routed to no connection, so nothing is delivered; {why}"}

    def _led_to(self, connections: list[dict[str, Any]], dev_eui: str | None) -> list[dict[str, Any]]:
        """Those of the connections to which the flows lead the device's uplinks, any device's for None.

        Tags are the forwarder's to judge. The flows are read once, however many connections there are.
        """
        if not self._lab.profile.features.flows:
            return connections  # such a forwarder routes every device to every connection
        key = f"lora:{dev_eui}".lower()
        leading = {connection for bound, connection in self._bound if bound == dev_eui} | {
            str(one.get("connectionId"))
            for flow in self._listed("/flows")
            if any(dev_eui is None or str(one.get("key", "")).lower() == key for one in flow.get("matchers", ()))
            for one in flow.get("connectors", ())
        }
        return [one for one in connections if str(one["id"]) in leading]


def _fits(device: LabDevice, wish: Wish) -> bool:
    """Whether a device is what was wished; where nothing was, one of EU868 and of class A."""
    of = device.device
    return of.region.name == (wish.region or EU868.name) and of.device_class == (wish.device_class or "A")


def _check_readings(model: str, readings: dict[str, Any]) -> None:
    """DeskError names a value that is no number where one belongs; the lab itself knows which readings there are."""
    if model not in MODELS:
        return  # one of the user's own says itself what it cannot take
    types = {field.name: str(field.type) for field in fields(MODELS[model].readings)}
    for name, value in readings.items():
        if "tuple" not in types.get(name, "tuple") and not isinstance(value, int | float | None):
            raise DeskError(f"{name} takes a number, not {value!r}")


def _well(planned: list[dict[str, Any]]) -> str:
    return f"broken: {', '.join(str(one['action']['type']) for one in planned)}" if planned else "well"


def _leads_to(connection: dict[str, Any]) -> str:
    """Where a connection delivers, as its configuration says it."""
    given = connection.get("configuration") or {}
    return redact_text(str(given.get("destinationURL") or given.get("hostName") or ""))


def _named(connection: dict[str, Any]) -> str:
    return f"{connection['id']} ({connection.get('name')})"


def _shown(sent: Sent) -> dict[str, Any]:
    return {
        "dev_eui": sent.dev_eui,
        "f_cnt": sent.f_cnt,
        "time": sent.time,
        "outcome": sent.outcome,
        "status": sent.status,
        "reason": sent.reason,
        "document": sent.document,
    }
