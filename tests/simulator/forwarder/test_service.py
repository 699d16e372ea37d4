"""What the whole keeps through kills, full disks and long backlogs."""

import asyncio
import json
import os
import sqlite3
from pathlib import Path

import pytest

from simulator.forwarder.document import read_document
from simulator.forwarder.queue import QueueError
from simulator.forwarder.service import LimitError, NotFoundError, Service
from simulator.forwarder.settings import read_settings
from simulator.forwarder.store import Store
from tests.simulator.forwarder.destination import Destination, answer
from tests.simulator.forwarder.making import DEV_EUI, HTTP_EXAMPLE, OTHER_EUI, compact, document
from tests.simulator.forwarder.process import Forwarder
from tests.simulator.forwarder.test_queue import Disk

BASE = "http://127.0.0.1:1"


def test_repeated_kills_lose_nothing_and_repeat_only_what_was_in_flight(
    tmp_path: Path, destination: Destination
) -> None:
    devices = [f"20635F01000000{number:02X}" for number in range(8)]
    accepted: set[tuple[str, int]] = set()
    kills = int(os.environ.get("UPLAB_KILLS", "5"))  # UPLAB_KILLS=100 for the long proof
    with Forwarder(tmp_path) as forwarder:
        connection = forwarder.create(destination.url)
        forwarder.bind(connection, *devices)
        for kill in range(kills):
            for f_cnt in range(kill * 10, kill * 10 + 10):
                for dev_eui in devices:
                    forwarder.uplink(f_cnt, dev_eui)
                    accepted.add((dev_eui, f_cnt))
            forwarder.kill()
            forwarder.start()
        forwarder.wait_until(
            "nothing waits", lambda: forwarder.counters(connection, "total")["uplinksDelivered"] == len(accepted)
        )

        arrived = [(arrival.uplink["DevEUI"], arrival.uplink["FCntUp"]) for arrival in destination.arrivals]
        assert set(arrived) == accepted
        assert len(arrived) - len(accepted) <= kills * len(devices)
        for dev_eui in devices:
            own = [f_cnt for arrived_eui, f_cnt in arrived if arrived_eui == dev_eui]
            assert own == sorted(own)
        assert forwarder.counters(connection, "total")["uplinks"] == len(accepted)


def _add_messages(path: Path, connection: int, numbers: range) -> None:
    """Write messages into a stopped forwarder's queue."""
    body = compact(document(CustomerData={"name": "x" * 5000}))
    rows = [(n, connection, DEV_EUI, n, 9e11, body.replace(b'"FCntUp":7', b'"FCntUp":%d' % n)) for n in numbers]
    with sqlite3.connect(path) as database:
        database.executemany(
            "INSERT INTO message (seq, connection, dev_eui, f_cnt, received, body) VALUES (?, ?, ?, ?, ?, ?)", rows
        )
    database.close()


def test_long_backlog_stays_on_disk_and_goes_out_in_order(tmp_path: Path, destination: Destination) -> None:
    destination.answers = lambda _: answer(503)
    count = 2000
    with Forwarder(tmp_path) as forwarder:
        connection = forwarder.create(destination.url, blamePeriod=1)
        forwarder.bind(connection, DEV_EUI, OTHER_EUI)
        forwarder.uplink(0)
        destination.wait_for(1)
        forwarder.kill()
        _add_messages(tmp_path / "forwarder.sqlite3", int(connection), range(2, count))
        destination.answers = lambda _: answer(200)
        forwarder.start()
        before = forwarder.memory_bytes()
        arrivals = destination.wait_for(count, 60)

        sent = [arrival.uplink["FCntUp"] for arrival in arrivals[1:]]
        assert sent == sorted(sent)
        assert len(set(sent)) == count - 1
        assert forwarder.memory_bytes() - before < 30_000_000


def service_on(path: Path, *arguments: str) -> tuple[Service, Store]:
    store = Store(path / "q")
    return Service(read_settings(arguments, {}), store, BASE), store


def test_full_disk_refuses_uplinks_and_changes_nothing_else(tmp_path: Path) -> None:
    async def run() -> None:
        service, store = service_on(tmp_path)
        await service.start()
        created = await service.create(HTTP_EXAMPLE | {"active": False})
        flow = {
            "name": "f",
            "matchers": [{"type": "key", "key": f"lora:{DEV_EUI}"}],
            "connectors": [{"connectionId": created["id"]}],
        }
        await service.create_flow(flow)
        disk = Disk(store)
        with pytest.raises(QueueError):
            await service.accept(read_document(compact(document())))
        for change in (
            service.create(HTTP_EXAMPLE),
            service.create_flow(flow),
            service.replace(created["id"], HTTP_EXAMPLE),
        ):
            with pytest.raises(sqlite3.OperationalError):
                await change
        with pytest.raises(QueueError):
            await service.delete(created["id"])
        assert [shown["id"] for shown in service.connections()] == [created["id"]]
        assert len(service.flows()) == 1
        assert service.measured(service.runner(created["id"]))["total"]["uplinks"] == 0

        disk.full = False
        await service.accept(read_document(compact(document())))
        assert service.metrics.waiting(int(created["id"])) == 1
        await service.stop()
        store.close()

    asyncio.run(run())


def test_ids_are_never_used_again(tmp_path: Path) -> None:
    async def run() -> None:
        service, store = service_on(tmp_path)
        await service.start()
        first = await service.create(HTTP_EXAMPLE | {"active": False})
        await service.delete(first["id"])
        second = await service.create(HTTP_EXAMPLE | {"active": False})
        assert int(second["id"]) > int(first["id"])
        assert second["downlinkUrl"] != first["downlinkUrl"]
        await service.stop()
        store.close()

    asyncio.run(run())


def test_limit_and_unknown_ids_are_said(tmp_path: Path) -> None:
    async def run() -> None:
        service, store = service_on(tmp_path, "--connection-limit", "1")
        await service.start()
        await service.create(HTTP_EXAMPLE | {"active": False})
        with pytest.raises(LimitError, match="Maximum reached"):
            await service.create(HTTP_EXAMPLE)
        for unknown in ("2", "x", "٣", "-1"):
            with pytest.raises(NotFoundError):
                service.runner(unknown)
            with pytest.raises(NotFoundError):
                service.flow(unknown)
        with pytest.raises(NotFoundError):
            service.runner_of_uuid("x")
        await service.stop()
        store.close()

    asyncio.run(run())


def test_unrouted_documents_are_counted_and_not_stored(tmp_path: Path) -> None:
    async def run() -> None:
        service, store = service_on(tmp_path)
        await service.start()
        await service.accept(read_document(json.dumps(document()).encode()))
        assert service.unrouted == 1
        assert await store.run(lambda db: db.execute("SELECT count(*) FROM message").fetchone()) == (0,)
        await service.stop()
        store.close()

    asyncio.run(run())
