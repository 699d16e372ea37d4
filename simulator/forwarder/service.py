"""The forwarder as a whole: its connections and flows, what is accepted for them, and their life from start to stop."""

import asyncio
import sqlite3
import uuid
from functools import partial
from hashlib import sha256
from random import SystemRandom
from typing import Any

import orjson

from uplab.simulator.forwarder.connections.connection import Connection, parse_connection
from uplab.simulator.forwarder.connections.device import Devices
from uplab.simulator.forwarder.connections.flow import Flow, Route, Routes, flow_body, parse_flow, restore_flow
from uplab.simulator.forwarder.delivery.assembly import Assembly
from uplab.simulator.forwarder.delivery.backlog import Backlog, Uplink
from uplab.simulator.forwarder.delivery.decisions import Delivery
from uplab.simulator.forwarder.delivery.queue import Put, Queue, QueueError
from uplab.simulator.forwarder.delivery.runner import Equipment, Runner, Setup
from uplab.simulator.forwarder.destinations.connector import Back, Connectors
from uplab.simulator.forwarder.documents.document import Document
from uplab.simulator.forwarder.documents.drivers import BUILT_IN, Drivers
from uplab.simulator.forwarder.downlinks.desk import Downlinks
from uplab.simulator.forwarder.downlinks.network_server import NetworkServer
from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.logs import log
from uplab.simulator.forwarder.settings import Settings, SettingsError
from uplab.simulator.forwarder.store import records
from uplab.simulator.forwarder.store.metrics import DAY_MINUTES, HOUR_MINUTES, Metrics
from uplab.simulator.forwarder.store.store import Store, StoreError
from uplab.simulator.forwarder.watch import Watch

__all__ = ["DOWNLINK_PATH", "LimitError", "NotFoundError", "Service"]

DOWNLINK_PATH = "/iot-flow/downlinkMessages"


class NotFoundError(LookupError):
    """There is no such thing; the message says which."""


class LimitError(Exception):
    """The account may have no more connections."""


class Service:
    """All connections and flows of one process."""

    def __init__(
        self, settings: Settings, store: Store, base: str, connectors: Connectors, drivers: Drivers = BUILT_IN
    ) -> None:
        """Read what the file holds; `base` is our own address, which is public unless another one is configured."""
        self.settings = settings
        self.connectors = connectors
        self.flow_body = flow_body(tuple(connectors))
        self.clock = settings.clock
        self.base = settings.public_base or base
        self.metrics = Metrics()
        self.queue = Queue(store)
        self.devices = Devices(store.read_now(lambda db: db.execute("SELECT dev_eui, facts FROM device").fetchall()))
        self._store = store
        self._runners: dict[int, Runner] = {}
        self._by_uuid: dict[str, Runner] = {}
        self._flows: dict[int, Flow] = {}
        self.routes = Routes(())  # all flows, arranged for looking up a device; another one after each change of them
        self._changing = asyncio.Lock()
        self._cleaning: asyncio.Task[None] | None = None
        self._random = SystemRandom()
        self._network = NetworkServer(settings.network_url, settings.resolve, settings.ca, settings.timeout_s)
        self.downlinks = Downlinks(settings, self, self._network, drivers)
        self._watch = Watch(self.clock, self.metrics, lambda: self.runners)
        self._assembly = Assembly(settings, connectors, self.downlink_url, drivers)
        self.unrouted = 0
        """Documents that no flow wanted."""

    # -- life

    async def start(self) -> None:
        """Take up where the file ends; StoreError, or SettingsError when a connection of UPLAB_CONNECTIONS is wrong."""
        self.queue.start()
        await self._restore()
        await self._create_configured()
        for runner in self._runners.values():
            runner.start()
        self._watch.start()
        self._clean()

    async def stop(self) -> None:
        """Finish what is in flight, write it down, and let go of everything."""
        await self._watch.stop()
        if self._cleaning is not None:
            self._cleaning.cancel()
        await asyncio.gather(*(runner.stop(self.settings.stop_s) for runner in self._runners.values()))
        await self.queue.close()
        await self._assembly.close()
        await self._network.close()

    # -- uplinks

    def accept(self, document: Document) -> asyncio.Future[None]:
        """Store a document for every connection that a flow binds its device to; done on disk, or QueueError."""
        done = asyncio.get_running_loop().create_future()
        if (facts := self.devices.learn(document)) is not None:
            self.queue.remember(document.dev_eui, facts)
        if document.dev_eui:
            routes = self.routes.find(document.dev_eui, self.devices.tags(document.dev_eui))
        else:
            routes = self.routes.everywhere
        rows = [(route.connection_id, self._uplink(document, route)) for route in routes]
        if not rows:
            self.unrouted += 1
            done.set_result(None)
            return done
        self._put(rows, done)
        return done

    def send(self, runner: Runner, document: Document) -> None:
        """Send a document that we made ourselves through one connection."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.add_done_callback(lambda ended: ended.exception())  # a full disk is logged where it is noticed
        self._put([(runner.id, self._uplink(document, Route(runner.id)))], done)

    def routed(self, runner: Runner, dev_eui: str) -> bool:
        """Whether a flow binds this device to this connection."""
        routes = self.routes.find(dev_eui, self.devices.tags(dev_eui))
        return any(route.connection_id == runner.id for route in routes)

    def _uplink(self, document: Document, route: Route) -> Uplink:
        time_s = document.time_s
        scheduled_s = None if time_s is None else self.clock.scheduled(time_s)
        known = (self.queue.number(), document.dev_eui, document.f_cnt, scheduled_s)
        wall_s = self.clock.wall()
        return Uplink(*known, self.clock.now(), document.body, route.validity_s, wall_s, document.traceparent)

    def _put(self, rows: list[tuple[int, Uplink]], done: asyncio.Future[None]) -> None:
        def stored() -> None:
            for connection_id, uplink in rows:
                if runner := self._runners.get(connection_id):
                    runner.accept(uplink)
                else:  # it was deleted between the routing and the commit
                    self.queue.settle(uplink.seq, (), None, lambda: None)
            if not done.done():
                done.set_result(None)

        def failed(error: Exception) -> None:
            if not done.done():
                done.set_exception(error)

        tallies = [
            (connection_id, "uplinks", minute)
            for connection_id, uplink in rows
            for minute in (int(uplink.received_s // 60), -1)
        ]
        self.queue.put(Put(rows, stored, failed), tallies)

    # -- connections

    @property
    def runners(self) -> list[Runner]:
        """All connections at work, in the order of their creation."""
        return list(self._runners.values())

    def connections(self) -> list[dict[str, Any]]:
        """All connections as the API shows them, in the order of their creation."""
        return [self.resource(runner) for runner in self._runners.values()]

    def runner(self, connection_id: str) -> Runner:
        """The connection with this id; NotFoundError."""
        runner = self._runners.get(_number(connection_id))
        if runner is None:
            raise NotFoundError(f"there is no connection {connection_id[:40]}")
        return runner

    def runner_of_uuid(self, text: str) -> Runner:
        """The connection whose downlink URL ends in this UUID; NotFoundError."""
        runner = self._by_uuid.get(text.lower())
        if runner is None:
            raise NotFoundError("there is no connection with this downlink URL")
        return runner

    def resource(self, runner: Runner) -> dict[str, Any]:
        """One connection as the API shows it."""
        return {
            "id": str(runner.id),
            **runner.connection.shown(self.settings.platform),
            "state": runner.state.value,
            "startupTime": runner.startup_time,
            "downlinkUrl": self.downlink_url(runner.uuid),
        } | ({"notice": runner.notice} if runner.notice else {})

    def downlink_url(self, text: str) -> str:
        """The URL that belongs to a UUID."""
        return f"{self.base}{DOWNLINK_PATH}/{text}"

    async def create(self, raw: object) -> dict[str, Any]:
        """Create a connection and start it; InvalidError or LimitError."""
        async with self._changing:
            runner = await self._create(raw)
            runner.start()
            self._watch.changed()
            return self.resource(runner)

    async def replace(self, connection_id: str, raw: object) -> dict[str, Any]:
        """Replace a connection's whole body and start it again; InvalidError or NotFoundError."""
        async with self._changing:
            runner = self.runner(connection_id)
            if isinstance(raw, dict) and raw.get("id", connection_id) != connection_id:
                raise InvalidError("id", "id in the body is not the id in the URL")
            connection = parse_connection(raw, self.connectors, self.settings.platform, runner.connection)
            body = orjson.dumps(connection.given)
            await self._store.write(lambda db: records.replace_connection(db, runner.id, runner.uuid, body))
            runner.configure(self._setup(connection, runner.id, runner.uuid))
            self._watch.changed()
            runner.note(runner.event("CONNECTION_UPDATED", "info", "the configuration was replaced"))
            return self.resource(runner)

    async def delete(self, connection_id: str) -> None:
        """Delete a connection with all that waits in it; nothing of it is delivered afterwards. NotFoundError."""
        async with self._changing:
            runner = self.runner(connection_id)
            await self._store.relieve(self.queue.flush)
            await self._store.relieve(lambda: self._store.write(lambda db: records.delete_connection(db, runner.id)))
            del self._runners[runner.id], self._by_uuid[runner.uuid]
            self._rearrange()
            runner.forget()
            await runner.stop(0.0)
            dropped = self.metrics.waiting(runner.id)
            message = f"the connection was deleted, and {dropped} waiting messages with it"
            runner.note(runner.event("CONNECTION_DELETED", "info", message, dropped=dropped))
            self.metrics.forget(runner.id)
            self._watch.changed()
            self._clean()

    def _clean(self) -> None:
        """Remove what belongs to no connection, beside everything else: a long backlog takes a while."""
        self._cleaning = asyncio.create_task(self._clean_now(self._cleaning), name="cleaning")

    async def _clean_now(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await before
        try:
            await self._store.relieve(self.queue.flush)
            await self._store.write(lambda db: records.delete_counters(db, self._runners.keys()))
            for number in await self._store.run(lambda db: records.find_orphans(db, self._runners.keys())):
                while await self._store.write(partial(records.delete_messages, number=number)):
                    pass
        except (QueueError, sqlite3.Error) as error:  # what is left is removed at the next start
            log.warning("cleaning up failed", extra={"facts": {"cause": str(error)}})

    def measured(self, runner: Runner) -> dict[str, Any]:
        """The counters of one connection: last hour, last day, since the beginning."""
        now = self.clock.now()
        return {
            "lastHour": self.metrics.window(runner.id, HOUR_MINUTES, now),
            "lastDay": self.metrics.window(runner.id, DAY_MINUTES, now),
            "total": self.metrics.total(runner.id),
        }

    async def events(self, connection_id: int | None, *, limit: int, offset: int = 0) -> list[dict[str, Any]]:
        """The newest events first, of one connection (a deleted one too) or of all."""
        await self.queue.flush()
        rows = await self._store.run(partial(records.read_events, number=connection_id, limit=limit, offset=offset))
        return [{"id": str(number), **orjson.loads(body)} for number, body in rows]

    async def count_events(self, connection_id: int) -> int:
        """How many events of one connection are kept."""
        await self.queue.flush()
        return await self._store.run(partial(records.count_events, number=connection_id))

    # -- flows

    def flows(self) -> list[dict[str, Any]]:
        """All flows as the API shows them."""
        return [self.flow(str(number)) for number in self._flows]

    def flow(self, flow_id: str) -> dict[str, Any]:
        """One flow as the API shows it; NotFoundError."""
        return {"id": flow_id, **self._flows[self._flow_number(flow_id)].given}

    async def create_flow(self, raw: object) -> dict[str, Any]:
        """Create a flow; InvalidError."""
        async with self._changing:
            flow = parse_flow(raw, self._connector_ids(), self.flow_body)
            body = orjson.dumps(flow.given)
            number = await self._store.write(lambda db: records.insert_flow(db, body))
            self._flows[number] = flow
            self._rearrange()
            return self.flow(str(number))

    async def replace_flow(self, flow_id: str, raw: object) -> dict[str, Any]:
        """Replace a flow; InvalidError or NotFoundError."""
        async with self._changing:
            number = self._flow_number(flow_id)
            flow = parse_flow(raw, self._connector_ids(), self.flow_body)
            body = orjson.dumps(flow.given)
            await self._store.write(lambda db: records.replace_flow(db, number, body))
            self._flows[number] = flow
            self._rearrange()
            return self.flow(flow_id)

    async def delete_flow(self, flow_id: str) -> None:
        """Delete a flow; what was accepted before is still delivered. NotFoundError."""
        async with self._changing:
            number = self._flow_number(flow_id)
            await self._store.write(lambda db: db.execute("DELETE FROM flow WHERE id = ?", (number,)))
            del self._flows[number]
            self._rearrange()

    # -- inside

    def _flow_number(self, flow_id: str) -> int:
        number = _number(flow_id)
        if number not in self._flows:
            raise NotFoundError(f"there is no flow {flow_id[:40]}")
        return number

    def _connector_ids(self) -> dict[int, str]:
        return {number: runner.connection.body.connector_id for number, runner in self._runners.items()}

    def _rearrange(self) -> None:
        """Look up anew; a flow keeps a connector whose connection is gone, but it leads nowhere."""
        self.routes = Routes(self._flows.values(), self._runners.keys(), every_device=self.settings.every_device)

    def _setup(self, connection: Connection[Any], number: int, text: str) -> Setup:
        async def downlink(raw: object) -> str:
            if runner := self._runners.get(number):
                return await self.downlinks.answer(runner, raw)
            return "the connection is gone"

        def lost(reason: str) -> None:
            if runner := self._runners.get(number):
                runner.lost(reason)

        return self._assembly.setup(
            connection, number, text, Back(downlink, lost, sha256(text.encode()).hexdigest()[:16])
        )

    async def _create(self, raw: object) -> Runner:
        limit = self.settings.connection_limit
        connection = parse_connection(raw, self.connectors, self.settings.platform)
        if limit and len(self._runners) >= limit:
            raise LimitError(f"Maximum reached: an account may have {limit} connections")
        text, body = str(uuid.UUID(int=self._random.getrandbits(128), version=4)), orjson.dumps(connection.given)
        number = await self._store.write(lambda db: records.insert_connection(db, text, body))
        runner = self._add(connection, number, text, 0)
        runner.note(runner.event("CONNECTION_CREATED", "info", "the connection was created"))
        return runner

    def _add(self, connection: Connection[Any], number: int, text: str, highest: int) -> Runner:
        setup = self._setup(connection, number, text)
        delivery = Delivery(setup.policy, self._random, Backlog(highest))
        runner = Runner(number, text, setup, delivery, Equipment(self.clock, self.queue, self.metrics))
        self._runners[number] = self._by_uuid[text] = runner
        return runner

    async def _restore(self) -> None:
        stored = await self._store.run(records.read_all)
        for number, text, body in stored["connection"]:
            try:
                connection = parse_connection(orjson.loads(body), self.connectors, self.settings.platform)
            except (InvalidError, orjson.JSONDecodeError) as error:  # such as another --widgelix-url than before
                raise StoreError(f"connection {number} of the state file cannot be used: {error}") from None
            self._add(connection, number, text, stored["highest"].get(number, 0))
        for number, body in stored["flow"]:
            try:
                self._flows[number] = restore_flow(orjson.loads(body), self.flow_body)
            except ValueError:  # no JSON, or no flow
                raise StoreError(f"flow {number} of the state file cannot be used") from None
        self._rearrange()
        self.metrics.restore(stored["counter"], stored["activity"])
        facts = {"connections": len(self._runners), "waiting": stored["waiting"]}
        log.info("state restored", extra={"facts": facts})

    async def _create_configured(self) -> None:
        """Create the connections of the environment that are not there yet, by name."""
        try:
            bodies = orjson.loads(self.settings.connections)
        except orjson.JSONDecodeError as error:
            raise SettingsError(f"UPLAB_CONNECTIONS is no JSON: {error}") from None
        if not isinstance(bodies, list):
            raise SettingsError("UPLAB_CONNECTIONS must be a JSON array")
        names = {runner.connection.body.name for runner in self._runners.values()}
        for index, body in enumerate(bodies):
            if isinstance(body, dict) and body.get("name") in names:
                continue
            try:
                await self._create(body)
            except (InvalidError, LimitError) as error:
                raise SettingsError(f"UPLAB_CONNECTIONS, entry {index}: {error}") from None


def _number(text: str) -> int:
    """The id that a text names; 0, which nothing has, when it is none that SQLite could have given."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
