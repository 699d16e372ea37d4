"""Which place takes what of which device: connections, and the devices bound to each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from uplab.scenarios.load.judging.judge import Place
from uplab.scenarios.load.plan import Target

__all__ = ["HOSTS", "Connection", "Layout", "lay_out"]

HOSTS: Final = {"http": ("load.uplab.test", 80), "thingsboard": ("load-thingsboard.uplab.test", 1883)}
"""The name by which a forwarder that resolves names is told of each destination."""

_ACCOUNT: Final = {"username": "tenant@thingsboard.org", "password": "tenant"}


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection: its number among the places, its target's kind, and the path at which its place is."""

    place: int
    kind: str
    name: str
    path: str

    def body(self, address: str, *, blame_s: int, blames: bool) -> dict[str, Any]:
        """What the API is given; `address` is host:port, and the port 80 need not be said."""
        if self.kind == "thingsboard":
            return _body("actility-thingsboard-iot", self.name, {"hostName": address, **_ACCOUNT})
        blame = {"blamePeriod": blame_s} if blames else {}
        url = f"http://{address.removesuffix(':80')}{self.path}"
        return _body("actility-http-iot", self.name, {"destinationURL": url, "headers": {}, **blame})


def _body(connector: str, name: str, configuration: dict[str, Any]) -> dict[str, Any]:
    return {"connectorId": connector, "name": f"load {name}", "configuration": configuration}


@dataclass(frozen=True, slots=True)
class Layout:
    """All places, and the connections among them: a destination has one more place for what comes anywhere else."""

    places: tuple[Place, ...]
    connections: tuple[Connection, ...]
    targets: tuple[Target, ...]

    def elsewhere(self, kind: str) -> int:
        """The place of what comes to a destination where no connection leads."""
        return self.places.index((f"{kind}, elsewhere", kind))

    def bind(self, dev_euis: Sequence[str], *, flows: bool) -> dict[str, list[int]]:
        """For each device the numbers of its places: one, by the shares and evenly; without flows all of them."""
        if not flows:
            return {dev_eui: [one.place for one in self.connections] for dev_eui in dev_euis}
        whole = sum(one.share for one in self.targets)
        given = {one.kind: 0 for one in self.targets}
        of_kind = {one.kind: [c.place for c in self.connections if c.kind == one.kind] for one in self.targets}
        found: dict[str, list[int]] = {}
        for number, dev_eui in enumerate(dev_euis, 1):
            # The one that is furthest behind its share is next, so that any stretch of devices has about the shares.
            kind = max(self.targets, key=lambda one: number * one.share / whole - given[one.kind]).kind
            places = of_kind[kind]
            found[dev_eui] = [places[given[kind] % len(places)]]
            given[kind] += 1
        return found


def lay_out(targets: Sequence[Target]) -> Layout:
    """The places of a load."""
    places: list[Place] = []
    connections: list[Connection] = []
    for target in targets:
        for number in range(1, target.connections + 1):
            name = f"{target.kind}-{number}"
            connections.append(Connection(len(places), target.kind, name, f"/load-{number}"))
            places.append((name, target.kind))
        places.append((f"{target.kind}, elsewhere", target.kind))
    return Layout(tuple(places), tuple(connections), tuple(targets))
