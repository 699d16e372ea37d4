"""From ingress to destination through the forwarder under test: rate, CPU, lateness; every uplink is counted."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench.client import IN_FLIGHT, IngressClient
from tests.bench.counting import Arrival, Count, count
from tests.bench.destination import Posthere, Sink, ThingsBoard
from tests.bench.figures import Bar, Measured, Result, percentile
from tests.bench.forwarder import Forwarder
from tests.bench.machine import Others
from tests.bench.plan import Plan
from tests.bench.worker import Service, Worker

__all__ = ["VARIANTS", "Variant", "measure"]

_QUIET_S = 5.0  # after which nothing more is expected to arrive
_SETTLE_S = 0.3
_PACE_PER_S = 500.0
_CPU_BAR = Bar(650.0, least=False)


@dataclass(frozen=True, slots=True)
class Variant:
    """One way of asking the question."""

    name: str
    title: str
    make: Callable[[], Service]
    connections: int = 1
    hanging: bool = False
    per_s_bar: Bar | None = None
    cpu_bar: Bar | None = None

    @property
    def devices(self) -> int:
        """How many devices send: enough for 64 deliveries at a time, though each device waits for its last one."""
        return max(200, 2 * self.connections)

    def body(self, number: int) -> dict[str, Any]:
        """One connection's body; the first is the one that hangs, where one does."""
        name = f"bench {number}"
        if self.make is ThingsBoard:
            account = {"username": "tenant@thingsboard.org", "password": "tenant"}
            configuration: dict[str, Any] = {"hostName": "thingsboard.test:1883", **account}
            return {"connectorId": "actility-thingsboard-iot", "name": name, "configuration": configuration}
        host = "hanging.test" if self.hanging and number == 0 else "bench.test"
        # The shortest blame, so that the hanging destination is asked again as soon as may be.
        configuration = {"destinationURL": f"http://{host}/bench-{number}", "headers": {}, "blamePeriod": 1}
        return {"connectorId": "actility-http-iot", "name": name, "configuration": configuration}


_PER_S = Bar(3000.0)
VARIANTS = (
    Variant("http-1", "HTTP, 1 connection, to the fake posthere", Posthere, 1, False, _PER_S, _CPU_BAR),
    Variant("http-1-sink", "the same to a sink that does nothing else (for comparison)", Sink),
    Variant("http-100", "HTTP, 100 connections, to the fake posthere", Posthere, 100, False, _PER_S, _CPU_BAR),
    Variant("http-100-hanging", "the same, one of the 100 hangs", Posthere, 100, True, _PER_S, _CPU_BAR),
    Variant("thingsboard", "MQTT QoS 1, 1 connection, to the fake ThingsBoard", ThingsBoard, 1, False, Bar(2000.0)),
)


class _Bench:
    """One variant at work: client, forwarder and destination, each a process of its own."""

    def __init__(self, variant: Variant, plan: Plan, folder: Path, stack: ExitStack) -> None:
        self.variant = variant
        self.measured = Measured()
        self.problems: list[str] = []
        self.client = stack.enter_context(Worker("client", IngressClient))
        self.destination = stack.enter_context(Worker("destination", variant.make))
        resolve: dict[str, int] = self.destination.ask("start")
        dev_euis: list[str] = self.client.ask("make_devices", variant.devices)
        self.forwarder = stack.enter_context(Forwarder(plan.forwarder, folder / variant.name, resolve))
        bound = [dev_euis[number :: variant.connections] for number in range(variant.connections)]
        self.forwarder.connect([variant.body(number) for number in range(variant.connections)], bound)
        self.excepted = frozenset(bound[0]) if variant.hanging else frozenset()

    def run(self, uplinks: int, limit_s: float, per_s: float | None = None) -> None:
        """Post so many uplinks, wait for them to arrive, count them and keep the figures."""
        self.client.ask("prepare", self.forwarder.endpoints.ingress, uplinks)
        self.destination.ask("clear")
        before = self._cpu_s()
        posted = self.client.ask("post", per_s, limit_s, timeout_s=limit_s + 10)
        wanted = sum(one.accepted and one.identity.partition(" ")[0] not in self.excepted for one in posted)
        self.destination.ask("taken", wanted, _QUIET_S, timeout_s=limit_s + 60)
        self.destination.ask("taken", wanted + 1, _SETTLE_S)  # one too many would come about now
        arrivals: list[Arrival] = self.destination.ask("arrivals")
        judged_s = time.process_time()
        found = count(posted, arrivals, self.excepted)
        judged_s = time.process_time() - judged_s
        after = self._cpu_s()
        used_s = [now - then for now, then in zip(after, before, strict=True)]
        self.problems += found.problems
        if found.accepted:
            self._keep(found, used_s[0], sum(used_s) + judged_s, len(posted), paced=per_s is not None)

    def _cpu_s(self) -> tuple[float, ...]:
        return self.forwarder.cpu_s, self.client.cpu_s, self.destination.cpu_s

    def _keep(self, found: Count, forwarder_s: float, all_s: float, posted: int, *, paced: bool) -> None:
        add = self.measured.add
        if not paced:
            add("uplinks", "/s", found.delivered / found.elapsed_s, self.variant.per_s_bar)
            add("CPU, forwarder", "us/uplink", forwarder_s / posted * 1e6)
            add("CPU, all processes", "us/uplink", all_s / posted * 1e6, self.variant.cpu_bar)
        when = f"at {_PACE_PER_S:.0f}/s" if paced else "full speed"
        for way, took_ms in (("post to answer", found.answer_ms), ("answer to arrival", found.late_ms)):
            for share in (0.5, 0.99):
                if took_ms:
                    add(f"{way} p{share * 100:.0f}, {when}", "ms", percentile(took_ms, share))


def measure(variant: Variant, plan: Plan, result: Result, others: Others) -> None:
    """Run one variant at full speed, and again at a steady rate, which shows what a single uplink waits for."""
    uplinks, paced = plan.sized(5000, 1000), plan.sized(1000, 200)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="uplab-bench-")))
        bench = _Bench(variant, plan, folder, stack)
        for _ in plan.turns(26.0, 2.5):
            with others.watched():
                bench.run(uplinks, limit_s=20.0)
                bench.run(paced, limit_s=20.0, per_s=_PACE_PER_S)
        result.figures, result.problems = bench.measured.figures, bench.problems
    result.conditions.append(
        f"{uplinks} uplinks of {variant.devices} devices a run with {IN_FLIGHT} posts in flight, "
        f"then {paced} at {_PACE_PER_S:.0f}/s; all processes: client, forwarder, destination, counting"
    )
    if variant.hanging:
        result.conditions.append(
            "counted and timed are the uplinks of the other 99; those of the hanging one wait, as they must"
        )
