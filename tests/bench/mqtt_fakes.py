"""The fake ThingsBoard over MQTT beside amqtt's broker: messages of QoS 1, parsed, for each second of its own CPU."""

import logging
import socket
from contextlib import ExitStack
from typing import Any

import orjson
from amqtt.broker import Broker
from amqtt.plugins.base import BasePlugin

from tests.bench.figures import Bar, Measured, Result
from tests.bench.http_load import Load
from tests.bench.machine import Others, memory_mb
from tests.bench.mqtt_load import MqttLoad
from tests.bench.plan import Plan
from tests.bench.worker import Worker
from uplab.fakes.journal import Journal
from uplab.fakes.thingsboard.server import ThingsBoardServer

__all__ = ["Parse", "measure_mqtt_fake"]

OURS, THEIRS = "ThingsBoard", "amqtt"
LOOPS = ("uvloop", "asyncio")


class Parse(BasePlugin[Any]):  # type: ignore[misc]  # amqtt has no types
    """Makes amqtt read the JSON too, as a destination does."""

    async def on_broker_message_received(self, *, message: Any, **_facts: Any) -> None:
        """Parse one message."""
        orjson.loads(message.data)


class _ThingsBoard:
    """Ours, its journal kept."""

    def __init__(self) -> None:
        self._server = ThingsBoardServer(emit=Journal(10_000))

    async def start(self) -> int:
        """Listen and return the port."""
        return await self._server.listen_mqtt()

    async def stop(self) -> None:
        """Stop listening."""
        await self._server.stop()


class _Amqtt:
    """amqtt's broker, with nobody subscribed."""

    def __init__(self) -> None:
        logging.disable(logging.CRITICAL)
        self._broker: Broker | None = None

    async def start(self) -> int:
        """Listen and return the port."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = int(free.getsockname()[1])
        plugins = {
            "amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True},
            f"{__name__}.Parse": {},
        }
        listener = {"type": "tcp", "bind": f"127.0.0.1:{port}"}
        self._broker = Broker({"listeners": {"default": listener}, "plugins": plugins})
        await self._broker.start()
        return port

    async def stop(self) -> None:
        """Stop listening."""
        if self._broker is not None:
            await self._broker.shutdown()


def measure_mqtt_fake(plan: Plan, result: Result, others: Others) -> None:
    """Load ours and theirs in turn, in each run, on uvloop and on asyncio's own loop."""
    measured = Measured()
    limit_s = 8.0 if plan.quick else 15.0
    with ExitStack() as stack:
        client = stack.enter_context(Worker("client", MqttLoad))
        servers: dict[Worker, tuple[int, int]] = {}
        for loop in LOOPS:
            for name, make, count in ((OURS, _ThingsBoard, 20_000), (THEIRS, _Amqtt, 3_000)):
                server = stack.enter_context(Worker(f"{name}, {loop}", make, uv=loop == "uvloop"))
                servers[server] = (server.ask("start"), plan.sized(count, count // 2))
        for _ in plan.turns(30.0, 3.0):
            rates: dict[str, float] = {}
            with others.watched():
                for server, (port, count) in servers.items():
                    before_s = server.cpu_s
                    done = Load(*client.ask("publish", port, count, limit_s, timeout_s=limit_s + 10))
                    rates[server.name] = done.per_s(server.cpu_s - before_s)
                    result.problems += done.problems(server.name)
                    measured.add(server.name, "/CPU-s", rates[server.name])
                    measured.add(f"{server.name}, by the clock", "/s", done.per_s(done.elapsed_s))
            for loop in LOOPS:
                if theirs := rates[f"{THEIRS}, {loop}"]:
                    times = rates[f"{OURS}, {loop}"] / theirs
                    measured.add(f"{OURS} over {THEIRS}, {loop}", "times", times, Bar(5.0))
        memory = ", ".join(f"{server.name} {memory_mb(server.pid):.0f}" for server in servers)
    result.figures = measured.figures
    result.conditions.append("telemetry of 200 devices on one connection, 64 in flight; both parse the JSON")
    result.conditions.append(f"resident at the end, MB: {memory}")
