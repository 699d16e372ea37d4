import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.simulator.forwarder.making import DEV_EUI, OTHER_EUI, uplink
from uplab.simulator.forwarder.delivery.backlog import Gap, Uplink
from uplab.simulator.forwarder.delivery.queue import Put, Queue, QueueError
from uplab.simulator.forwarder.store.checksums import checksum
from uplab.simulator.forwarder.store.event import Event
from uplab.simulator.forwarder.store.store import Store

EVERYTHING = Gap(0, 10**6, 1000)
EVENT = Event(0.0, "UPLINK_LOST", "error", 8, "name", "actility-http-iot", "gone", DEV_EUI, 1)


def with_queue(path: Path, work: Callable[[Queue, Store], Awaitable[None]]) -> None:
    """Run some work with a queue on a file."""

    async def run() -> None:
        store = Store(path)
        queue = Queue(store)
        queue.start()
        try:
            await work(queue, store)
        finally:
            await queue.close()
            store.close()

    asyncio.run(run())


async def put(queue: Queue, *uplinks: Uplink, connection_id: int = 8) -> None:
    """Store messages in one go and wait for the commit."""
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    rows = [(connection_id, message) for message in uplinks]
    tallies = [(connection_id, "uplinks", -1)] * len(uplinks)
    queue.put(Put(rows, lambda: done.set_result(None), done.set_exception), tallies)
    await done


def rows(store: Store, query: str) -> list[tuple[object, ...]]:
    return store.read_now(lambda db: db.execute(query).fetchall())


def test_message_is_on_disk_when_it_is_acknowledged(tmp_path: Path) -> None:
    async def work(queue: Queue, store: Store) -> None:
        await put(queue, uplink(1, time_s=5.0, received_s=6.0))

        # Another process sees what is committed only.
        (tmp_path / "copy").write_bytes((tmp_path / "q").read_bytes())
        (tmp_path / "copy-wal").write_bytes((tmp_path / "q-wal").read_bytes())
        other = sqlite3.connect(tmp_path / "copy")
        assert other.execute("SELECT seq, connection, dev_eui, time, received FROM message").fetchall() == [
            (1, 8, DEV_EUI, 5.0, 6.0)
        ]
        other.close()
        assert rows(store, "SELECT value FROM counter") == [(1,)]

    with_queue(tmp_path / "q", work)


def test_messages_come_back_in_their_order(tmp_path: Path) -> None:
    uplinks = [uplink(number) for number in range(1, 6)]

    async def work(queue: Queue, _store: Store) -> None:
        await put(queue, *uplinks)
        await put(queue, uplink(6), connection_id=9)
        assert await queue.fetch(8, EVERYTHING) == uplinks
        assert await queue.fetch(8, Gap(1, 4, 2)) == uplinks[1:3]

    with_queue(tmp_path / "q", work)


def test_settled_message_is_gone_with_its_event_and_count(tmp_path: Path) -> None:
    async def work(queue: Queue, store: Store) -> None:
        await put(queue, uplink(1), uplink(2))
        settled: list[int] = []
        queue.settle(1, [(8, "uplinksLost", -1)], EVENT, lambda: settled.append(1))
        await queue.flush()

        assert settled == [1]
        assert await queue.fetch(8, EVERYTHING) == [uplink(2)]
        assert rows(store, "SELECT kind, dev_eui FROM event") == [("UPLINK_LOST", DEV_EUI)]
        assert rows(store, "SELECT name, value FROM counter ORDER BY name") == [("uplinks", 2), ("uplinksLost", 1)]

    with_queue(tmp_path / "q", work)


def test_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    async def first(queue: Queue, _store: Store) -> None:
        await put(queue, uplink(7))

    async def second(queue: Queue, _store: Store) -> None:
        assert queue.number() == 8

    with_queue(tmp_path / "q", first)
    with_queue(tmp_path / "q", second)


def test_many_messages_share_a_commit(tmp_path: Path) -> None:
    async def work(queue: Queue, store: Store) -> None:
        commits = 0
        write = store.write

        async def counted(work: Callable[[sqlite3.Connection], object]) -> object:
            nonlocal commits
            commits += 1
            return await write(work)

        store.write = counted  # type: ignore[method-assign,assignment]
        await asyncio.gather(*(put(queue, uplink(number)) for number in range(1, 101)))
        assert commits <= 3

    with_queue(tmp_path / "q", work)


class Disk:
    """Plays a disk that is full as long as `full` is set."""

    def __init__(self, store: Store) -> None:
        self.full = True
        self.attempts = 0
        self._write = store.write
        store.write = self.write  # type: ignore[method-assign,assignment]

    async def write(self, work: Callable[[sqlite3.Connection], object]) -> object:
        """Write, or fail as SQLite does."""
        self.attempts += 1
        if self.full:
            raise sqlite3.OperationalError("database or disk is full")
        return await self._write(work)


def test_full_disk_refuses_messages_and_keeps_what_is_to_be_removed(tmp_path: Path) -> None:
    async def work(queue: Queue, store: Store) -> None:
        await put(queue, uplink(1))
        settled = asyncio.Event()
        disk = Disk(store)
        queue.settle(1, [(8, "uplinksDelivered", -1)], None, settled.set)
        with pytest.raises(QueueError, match="disk is full"):
            await put(queue, uplink(2))
        assert queue.failure == "database or disk is full"
        assert not settled.is_set()

        disk.full = False
        await put(queue, uplink(3))

        assert settled.is_set()
        assert not queue.failure
        assert await queue.fetch(8, EVERYTHING) == [uplink(3)]
        assert rows(store, "SELECT name, value FROM counter ORDER BY name") == [("uplinks", 2), ("uplinksDelivered", 1)]

    with_queue(tmp_path / "q", work)


def test_read_ends_where_its_bytes_do(tmp_path: Path) -> None:
    async def work(queue: Queue, _: Store) -> None:
        uplinks = [replace(uplink(seq), body=b"x" * 30) for seq in (1, 2, 3, 4)]
        await put(queue, *uplinks)
        assert await queue.fetch(8, Gap(0, 4, 512, 50)) == uplinks[:2]

    with_queue(tmp_path / "q", work)


def test_full_disk_is_not_tried_without_a_pause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("uplab.simulator.forwarder.delivery.queue.RETRY_S", 3600.0)

    async def work(queue: Queue, store: Store) -> None:
        disk = Disk(store)
        queue.settle(1, [], None, lambda: None)
        first = asyncio.create_task(queue.flush())
        for n in range(20):  # the queue has its turns
            if n == 1:
                queue.settle(2, [], None, lambda: None)
            await store.run(lambda _: None)
        with pytest.raises(QueueError):
            await first
        assert disk.attempts <= 3

        with pytest.raises(QueueError):  # who waits is answered at once
            await asyncio.wait_for(put(queue, uplink(3)), 5)
        assert disk.attempts <= 4
        disk.full = False
        await asyncio.wait_for(put(queue, uplink(4)), 5)
        said = [record.message for record in caplog.records if record.name == "uplab.forwarder"]
        assert said.count("the state file cannot be written") == 1

    with_queue(tmp_path / "q", work)


def test_failed_trimming_harms_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uplab.simulator.forwarder.delivery.queue.EVENTS_KEPT", 20)

    def fail(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("uplab.simulator.forwarder.delivery.queue._trim_events", fail)

    async def work(queue: Queue, _: Store) -> None:
        for seq in range(1, 6):
            queue.note(EVENT)
            await asyncio.wait_for(put(queue, uplink(seq)), 5)

    with_queue(tmp_path / "q", work)


def test_follower_that_fails_stops_no_other(tmp_path: Path) -> None:
    async def work(queue: Queue, _: Store) -> None:
        def fail() -> None:
            raise AssertionError("no transition")

        queue.put(Put([(8, uplink(1))], fail, lambda _: None), [])
        queue.settle(1, [], None, fail)
        await asyncio.wait_for(put(queue, uplink(2)), 5)
        await asyncio.wait_for(put(queue, uplink(3)), 5)

    with_queue(tmp_path / "q", work)


def test_full_disk_is_tried_again_without_anything_new(tmp_path: Path) -> None:
    async def work(queue: Queue, store: Store) -> None:
        await put(queue, uplink(1))
        settled = asyncio.Event()
        disk = Disk(store)
        queue.settle(1, [], None, settled.set)
        with pytest.raises(QueueError):
            await queue.flush()
        disk.full = False
        await asyncio.wait_for(settled.wait(), 5)

    with_queue(tmp_path / "q", work)


def test_disk_that_stays_full_does_not_keep_the_process_from_ending(tmp_path: Path) -> None:
    async def work(queue: Queue, store: Store) -> None:
        Disk(store)
        queue.settle(1, [], None, lambda: None)
        await asyncio.wait_for(queue.close(), 5)

    with_queue(tmp_path / "q", work)


def test_events_of_a_connection_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uplab.simulator.forwarder.delivery.queue.EVENTS_KEPT", 20)

    async def work(queue: Queue, store: Store) -> None:
        for _ in range(100):
            queue.note(EVENT)
            await queue.flush()
        assert 20 <= len(rows(store, "SELECT id FROM event")) <= 22
        assert rows(store, "SELECT max(id) FROM event") == [(100,)]

    with_queue(tmp_path / "q", work)


def test_what_is_known_of_devices_is_written(tmp_path: Path) -> None:
    async def work(queue: Queue, store: Store) -> None:
        queue.remember(DEV_EUI, b"{}")
        await put(queue, uplink(1, received_s=5.0))
        assert rows(store, "SELECT * FROM device") == [(DEV_EUI, b"{}", checksum(b"{}", DEV_EUI))]
        assert rows(store, "SELECT * FROM activity") == [(8, DEV_EUI, 5.0)]

    with_queue(tmp_path / "q", work)


def test_when_a_device_was_active_is_written_once_a_minute(tmp_path: Path) -> None:
    """A row for each uplink would cost more of the disk than the uplink itself; counters go by minutes, too."""

    async def work(queue: Queue, store: Store) -> None:
        for seq, received_s in enumerate((60.0, 61.0, 119.9, 120.0, 121.0), 1):
            await put(queue, uplink(seq, received_s=received_s))
            assert rows(store, "SELECT at FROM activity") == [(60.0 if received_s < 120 else 120.0,)]

    with_queue(tmp_path / "q", work)


def test_messages_of_one_device_alone_can_be_read(tmp_path: Path) -> None:
    async def work(queue: Queue, _store: Store) -> None:
        for seq in range(1, 7):
            await put(queue, uplink(seq, DEV_EUI if seq % 2 else OTHER_EUI))
        found = await queue.fetch(8, Gap(1, 6, 2, dev_eui=DEV_EUI))
        assert [one.seq for one in found] == [3, 5]

    with_queue(tmp_path / "q", work)
