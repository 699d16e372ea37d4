"""The durable queue: what is accepted is on disk before it is acknowledged, many messages to one commit.

While one commit runs, the next batch gathers; so a single message waits for one commit, and a thousand for about one.
"""

import asyncio
import contextlib
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

import orjson

from uplab.simulator.forwarder.delivery.backlog import Gap, Uplink
from uplab.simulator.forwarder.logs import log
from uplab.simulator.forwarder.store.checksums import checksum
from uplab.simulator.forwarder.store.event import Event
from uplab.simulator.forwarder.store.metrics import DAY_MINUTES, Tally
from uplab.simulator.forwarder.store.store import Store

__all__ = ["Put", "Queue", "QueueError", "many"]

RETRY_S = 0.5
EVENTS_KEPT = 10_000
"""Events kept of each connection."""

_ROWS_MAX = 256
_COLUMNS = "seq, dev_eui, f_cnt, time, received, body, validity, accepted"


class QueueError(Exception):
    """A message could not be stored."""


@dataclass(frozen=True, slots=True)
class Put:
    """One accepted document, once for each connection that it goes to."""

    rows: Sequence[tuple[int, Uplink]]  # connection and message
    stored: Callable[[], None]
    failed: Callable[[Exception], None]


@dataclass(slots=True)
class _Batch:
    puts: list[Put] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    settled: list[Callable[[], None]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    counts: Counter[Tally] = field(default_factory=Counter)
    seen: dict[tuple[int, str], float] = field(default_factory=dict)
    devices: dict[str, bytes] = field(default_factory=dict)
    waiting: list[asyncio.Future[None]] = field(default_factory=list)

    def merge(self, other: "_Batch") -> None:
        """Put what another batch, which comes before this one, could not write into this one."""
        self.gone = other.gone + self.gone
        self.settled = other.settled + self.settled
        self.events = (other.events + self.events)[-EVENTS_KEPT:]
        self.counts += other.counts
        self.seen = other.seen | self.seen
        self.devices = other.devices | self.devices
        self.waiting = other.waiting + self.waiting

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write and nobody waits."""
        return not (self.puts or self.gone or self.events or self.counts or self.devices or self.waiting)


class Queue:
    """Gathers what has to be written, and writes it in the order in which it came."""

    def __init__(self, store: Store) -> None:
        """Continue the numbers where the file ends."""
        self._store = store
        self._seq: int = store.read_now(
            lambda db: db.execute("SELECT coalesce(max(seq), 0) FROM message").fetchone()[0]
        )
        self._batch = _Batch()
        self._work = asyncio.Event()
        self._closing = False
        self._task: asyncio.Task[None] | None = None
        self._trimmed: Counter[int] = Counter()
        self._active: dict[tuple[int, str], int] = {}  # the minute that is written, or waits to be
        self.failure: str | None = None
        """Why the last commit failed; None when it did not."""

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._run(), name="queue")

    def number(self) -> int:
        """Give the next message its number."""
        self._seq += 1
        return self._seq

    def put(self, put: Put, counts: Iterable[Tally]) -> None:
        """Store messages; `stored` is called after the commit, or `failed` when there was none."""
        self._batch.puts.append(put)
        self._batch.counts.update(counts)
        for connection_id, uplink in put.rows:
            minute = int(uplink.received_s // 60)  # finer than that nobody asks when a device was active
            if self._active.get((connection_id, uplink.dev_eui)) != minute:
                self._active[connection_id, uplink.dev_eui] = minute
                self._batch.seen[connection_id, uplink.dev_eui] = uplink.received_s
        self._work.set()

    def settle(self, seq: int, counts: Iterable[Tally], event: Event | None, settled: Callable[[], None]) -> None:
        """Take a message off the disk, with its counts and its event in the same commit, then call `settled`."""
        self._batch.gone.append(seq)
        self._batch.settled.append(settled)
        self.note(event, counts)

    def note(self, event: Event | None, counts: Iterable[Tally] = ()) -> None:
        """Write an event and counts with the next commit."""
        if event is not None:
            self._batch.events.append(event)
        self._batch.counts.update(counts)
        self._work.set()

    def remember(self, dev_eui: str, facts: bytes) -> None:
        """Write what is known of a device with the next commit."""
        self._batch.devices[dev_eui] = facts

    async def flush(self) -> None:
        """Wait until everything given so far is written; QueueError when it cannot be."""
        done = asyncio.get_running_loop().create_future()
        self._batch.waiting.append(done)
        self._work.set()
        await done

    async def fetch(self, connection_id: int, gap: Gap) -> list[Uplink]:
        """Read messages of one connection in their order."""
        return await self._store.run(lambda database: _fetch(database, connection_id, gap))

    async def close(self) -> None:
        """Write what is left, and stop."""
        self._closing = True
        self._work.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            while not self._batch.empty:
                await self._commit()
            if self._closing:
                return

    async def _commit(self) -> None:
        batch, self._batch = self._batch, _Batch()
        try:
            await self._store.write(lambda database: _write(database, batch))
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
            await self._failed(batch, error)
            return
        if self.failure is not None:
            log.info("the state file can be written again")
            self.failure = None
        for put in batch.puts:
            _tell(put.stored)
        for settled in batch.settled:
            _tell(settled)
        for waiting in batch.waiting:
            if not waiting.done():
                waiting.set_result(None)
        await self._trim(batch.events)

    async def _failed(self, batch: _Batch, error: Exception) -> None:
        """Refuse what was to be stored; what was to be removed is tried again, so that nothing goes out twice."""
        cause = str(error)
        if cause != self.failure:  # said once, not at each of many attempts: the log may be on the same full disk
            log.error("the state file cannot be written", extra={"facts": {"cause": cause}})
        self.failure = cause
        _refuse(batch, cause)
        if self._closing:
            _refuse(self._batch, cause)
            self._batch = _Batch()
            return
        urgent = self._batch.puts or self._batch.waiting  # somebody waits for an answer
        self._batch.merge(batch)
        if not urgent:
            self._work.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._work.wait(), RETRY_S)

    async def _trim(self, events: list[Event]) -> None:
        """Keep the newest events of each connection only."""
        for event in events:
            self._trimmed[event.connection_id] += 1
        for connection_id in [key for key, count in self._trimmed.items() if count >= EVENTS_KEPT // 10]:
            del self._trimmed[connection_id]
            try:
                await self._store.write(partial(_trim_events, connection_id=connection_id))
            except sqlite3.Error as error:  # a few events too many harm nobody; the next thousand try it again
                log.warning("old events cannot be removed", extra={"facts": {"cause": str(error)}})


def _tell(done: Callable[[], None]) -> None:
    """Call back; one connection that fails at it must not keep the others from hearing."""
    try:
        done()
    except Exception:  # noqa: BLE001 - whatever it is
        log.exception("what was written is not followed up")


def _refuse(batch: _Batch, cause: str) -> None:
    """Tell all who wait for a batch that it is not written, and forget what they wanted stored."""
    for put in batch.puts:
        for connection_id, uplink in put.rows:
            minute = int(uplink.received_s // 60)
            batch.counts -= Counter({(connection_id, "uplinks", minute): 1, (connection_id, "uplinks", -1): 1})
        put.failed(QueueError(cause))
    for waiting in batch.waiting:
        if not waiting.done():
            waiting.set_exception(QueueError(cause))
    batch.puts, batch.waiting = [], []


def _write(database: sqlite3.Connection, batch: _Batch) -> None:
    rows = [
        (
            *(u.seq, connection_id, u.dev_eui, u.f_cnt, u.time_s, u.received_s, u.validity_s, u.body, u.accepted_s),
            checksum(u.body, u.seq, connection_id, u.dev_eui),
        )
        for put in batch.puts
        for connection_id, u in put.rows
    ]
    many(database, "INSERT INTO message VALUES", rows)
    many(database, "DELETE FROM message WHERE seq IN (VALUES", [(seq,) for seq in batch.gone], ")")
    events = [(event.connection_id, event.kind, event.dev_eui, orjson.dumps(event.shown())) for event in batch.events]
    many(database, "INSERT INTO event (connection, kind, dev_eui, body) VALUES", events)
    counts = [(*tally, value) for tally, value in batch.counts.items()]
    many(database, "INSERT INTO counter VALUES", counts, "ON CONFLICT DO UPDATE SET value = value + excluded.value")
    newest = max((minute for _, _, minute in batch.counts), default=-1)
    if newest > 0 and newest % 60 == 0:  # about once an hour, and harmless to repeat
        database.execute("DELETE FROM counter WHERE minute BETWEEN 0 AND ?", (newest - DAY_MINUTES,))
    devices = [(dev_eui, facts, checksum(facts, dev_eui)) for dev_eui, facts in batch.devices.items()]
    many(database, "INSERT OR REPLACE INTO device VALUES", devices)
    many(database, "INSERT OR REPLACE INTO activity VALUES", [(*key, at) for key, at in batch.seen.items()])


def many(database: sqlite3.Connection, before: str, rows: Sequence[tuple[object, ...]], after: str = "") -> None:
    """Write rows with few statements of many rows each.

    A statement lets other threads run once, when it is executed; one for each row would hand the interpreter back and
    forth between this thread and the loop's, at ten times the price. The sizes are powers of two, so that SQLite keeps
    each statement prepared.
    """
    at = 0
    while at < len(rows):
        size = min(_ROWS_MAX, 1 << ((len(rows) - at).bit_length() - 1))
        row = f"({', '.join('?' * len(rows[at]))})"
        statement = f"{before} {', '.join([row] * size)} {after}"
        database.execute(statement, [value for values in rows[at : at + size] for value in values])
        at += size


def _fetch(database: sqlite3.Connection, connection_id: int, gap: Gap) -> list[Uplink]:
    only = "" if gap.dev_eui is None else "AND dev_eui = ?"
    query = f"SELECT {_COLUMNS} FROM message WHERE connection = ? AND seq > ? AND seq <= ? {only} ORDER BY seq LIMIT ?"  # noqa: S608 - constants only
    device = () if gap.dev_eui is None else (gap.dev_eui,)
    found, size = [], 0
    for row in database.execute(query, (connection_id, gap.after, gap.up_to, *device, gap.limit)):
        found.append(uplink := Uplink(*row))
        size += len(uplink.body)
        if size >= gap.limit_bytes:
            break
    return found


def _trim_events(database: sqlite3.Connection, connection_id: int) -> None:
    database.execute(
        "DELETE FROM event WHERE connection = ? AND id <= coalesce("
        "(SELECT id FROM event WHERE connection = ? ORDER BY id DESC LIMIT 1 OFFSET ?), 0)",
        (connection_id, connection_id, EVENTS_KEPT),
    )
