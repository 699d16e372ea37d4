"""What the whole keeps through kills, full disks and long backlogs."""

import asyncio
import json
import os
import resource
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tests.simulator.forwarder.delivery.test_queue import Disk
from tests.simulator.forwarder.destination import Arrival, Destination, answer
from tests.simulator.forwarder.making import DEV_EUI, HTTP_EXAMPLE, compact, document
from tests.simulator.forwarder.process import Forwarder
from uplab.simulator.forwarder.delivery.queue import QueueError
from uplab.simulator.forwarder.destinations.table import CONNECTORS
from uplab.simulator.forwarder.documents.document import read_document
from uplab.simulator.forwarder.service import LimitError, NotFoundError, Service
from uplab.simulator.forwarder.settings import read_settings
from uplab.simulator.forwarder.store.store import Store

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


class Tally:
    """Counts what arrives instead of keeping it, and notes what comes twice or out of its device's order."""

    def __init__(self, destination: Destination, expected: int) -> None:
        self.newest: Counter[str] = Counter()
        self.count = 0
        self.disorder: list[str] = []
        self.complete = threading.Event()
        self._destination, self._expected = destination, expected

    def __call__(self, arrival: Arrival) -> bytes:
        self._destination.arrivals.clear()
        content = orjson.loads(arrival.body)["DevEUI_uplink"]
        dev_eui, f_cnt = content["DevEUI"], content["FCntUp"]
        if f_cnt <= self.newest[dev_eui]:
            self.disorder.append(f"{dev_eui}: {f_cnt} after {self.newest[dev_eui]}")
        self.newest[dev_eui] = f_cnt
        self.count += 1
        if self.count == self._expected:
            self.complete.set()
        return answer(200)


def _add_messages(path: Path, connection: int, devices: list[str], numbers: range, size: int) -> None:
    """Write messages of so many bytes into a stopped forwarder's queue, the devices taking turns."""
    body = compact(document(DevEUI="?", CustomerData={"name": ""}))
    body = body.replace(b'"name":""', b'"name":"%s"' % (b"x" * (size - len(body))))

    def rows() -> Iterator[tuple[object, ...]]:
        for number in numbers:
            dev_eui = devices[number % len(devices)]
            own = body.replace(b'"?"', b'"%s"' % dev_eui.encode()).replace(b'"FCntUp":7', b'"FCntUp":%d' % number)
            yield number, connection, dev_eui, number, 9e11, own

    with sqlite3.connect(path) as database:
        database.executemany(
            "INSERT INTO message (seq, connection, dev_eui, f_cnt, received, body) VALUES (?, ?, ?, ?, ?, ?)", rows()
        )
    database.close()


def test_long_backlog_stays_on_disk_and_goes_out_in_order(tmp_path: Path, destination: Destination) -> None:
    count = int(os.environ.get("UPLAB_BACKLOG", "2000"))  # UPLAB_BACKLOG=1000000 for the long proof
    size = max(1000, 50_000_000 // count)  # in memory, the backlog alone would be beyond the bound below
    devices = [f"20635F01000000{number:02X}" for number in range(50)]
    destination.answers = lambda _: answer(503)
    with Forwarder(tmp_path) as forwarder:
        connection = forwarder.create(destination.url, blamePeriod=1)
        forwarder.bind(connection, *devices)
        forwarder.uplink(1, devices[1])
        destination.wait_for(1)
        without_bytes = forwarder.peak_memory_bytes()
        forwarder.kill()
        _add_messages(tmp_path / "forwarder.sqlite3", int(connection), devices, range(2, count), size)
        destination.answers = tally = Tally(destination, count)

        begun = time.monotonic()
        forwarder.start()
        started_s = time.monotonic() - begun
        forwarder.uplink(count, devices[count % len(devices)])  # waits its turn behind the others of its device

        assert tally.complete.wait(60 + count / 500), f"{tally.count} of {count} arrived"
        took_s = time.monotonic() - begun
        growth_mb = (forwarder.peak_memory_bytes() - without_bytes) / 1e6
        print(f"{count} messages: started in {started_s:.1f} s, delivered in {took_s:.0f} s, {growth_mb:.0f} MB more")
        assert tally.disorder == []
        assert growth_mb < 30
        forwarder.wait_until("nothing waits", lambda: forwarder.counters(connection)["uplinksDelivered"] == count)
        assert tally.count == count


def test_file_that_cannot_grow_refuses_until_it_can(tmp_path: Path, destination: Destination) -> None:
    with Forwarder(tmp_path) as forwarder:
        connection = forwarder.create(destination.url)
        forwarder.bind(connection)
        forwarder.uplink(1)
        forwarder.wait_until("delivered", lambda: forwarder.counters(connection)["uplinksDelivered"] == 1)
        size = (tmp_path / "forwarder.sqlite3-wal").stat().st_size
        unlimited = resource.prlimit(forwarder.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(forwarder.pid, resource.RLIMIT_FSIZE, (size, unlimited[1]))

        refused = [forwarder.post(document(FCntUp=f_cnt)) for f_cnt in (2, 3, 4)]
        assert [answer.status_code for answer in refused] == [503, 503, 503]
        assert "cannot be stored now" in refused[0].json()["message"]
        assert forwarder.log.count("the state file cannot be written") == 1

        resource.prlimit(forwarder.pid, resource.RLIMIT_FSIZE, unlimited)
        forwarder.uplink(5)
        forwarder.wait_until("delivered", lambda: forwarder.counters(connection)["uplinksDelivered"] == 2)
        assert [arrival.uplink["FCntUp"] for arrival in destination.arrivals] == [1, 5]
        assert forwarder.counters(connection)["uplinks"] == 2


def service_on(path: Path, *arguments: str) -> tuple[Service, Store]:
    store = Store(path / "q")
    return Service(read_settings(arguments, {}), store, BASE, CONNECTORS), store


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
