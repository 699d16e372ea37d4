"""Bugs that show when the process was killed and is started again."""

from __future__ import annotations

import uuid
from typing import Any

import orjson

from tests.faulty.known_bad import Catalogue, Kill, Mark, swap
from uplab.simulator.forwarder.delivery import queue
from uplab.simulator.forwarder.delivery.queue import Queue
from uplab.simulator.forwarder.delivery.runner import Runner
from uplab.simulator.forwarder.service import Service
from uplab.simulator.forwarder.store import records
from uplab.simulator.forwarder.store.checksums import checksum

__all__ = ["BAD"]

BAD = Catalogue()
KILL = "common/test_restart.py::test_accepted_uplinks_survive_a_kill"
CHANGED = "common/test_restart.py::test_what_was_changed_last_is_what_survives_a_kill"


@BAD.bad(
    "accepted-before-stored",
    "the ingress answers before the document is on disk, and it stays in memory",
    requirement="COM-18.a",
    models="an acknowledgement that promises nothing",
    scenario=KILL,
    check="none lost",
    also=(Kill("COM-18.f", "common/test_restart.py::test_thingsboards_uplinks_survive_a_kill", "none lost"),),
)
def accepted_before_stored(mark: Mark) -> None:
    """Never writes messages."""

    def make(write: Any) -> Any:
        def forgetful(database: Any, batch: Any) -> None:
            if batch.puts:
                mark()
            kept, batch.puts = batch.puts, []
            write(database, batch)
            batch.puts = kept

        return forgetful

    swap(queue, "_write", make)


@BAD.bad(
    "repeats-after-restart",
    "delivered messages stay on disk and go out again after a restart",
    requirement="COM-18.b",
    models="a queue entry that is not removed",
    scenario="common/test_restart.py::test_delivered_uplinks_are_not_repeated_after_a_kill",
    check="none twice",
)
def repeats_after_restart(mark: Mark) -> None:
    """Never removes messages."""

    def make(settle: Any) -> Any:
        def keeping(self: Queue, _seq: int, *arguments: Any) -> None:
            mark()
            settle(self, -1, *arguments)

        return keeping

    swap(Queue, "settle", make)


@BAD.bad(
    "new-url-after-restart",
    "every start gives each connection another downlink URL",
    requirement="DL-01.d",
    models="an id that is made at start",
    scenario="common/test_restart.py::test_downlink_url_survives_a_restart",
    check="seen",
)
def new_url_after_restart(mark: Mark) -> None:
    """Draws the UUIDs anew."""

    def make(read: Any) -> Any:
        def anew(database: Any) -> Any:
            stored = read(database)
            if stored["connection"]:
                mark()
            return {
                **stored,
                "connection": [(number, str(uuid.uuid4()), body) for number, _, body in stored["connection"]],
            }

        return anew

    swap(records, "read_all", make)


@BAD.bad(
    "connections-forgotten",
    "connections do not survive a restart",
    requirement="COM-18.a",
    models="configuration kept in memory only",
    scenario=KILL,
    check="none lost",
)
def connections_forgotten(mark: Mark) -> None:
    """Begins empty."""

    def make(_: Any) -> Any:
        async def empty(self: Service) -> None:
            if self._store.read_now(lambda db: db.execute("SELECT count(*) FROM connection").fetchone()[0]):
                mark()

        return empty

    swap(Service, "_restore", make)


@BAD.bad(
    "tried-counts-as-done",
    "an uplink leaves the disk when it is sent, and not when it is answered",
    requirement="COM-18.c",
    models="at most once where at least once is promised",
    scenario="common/test_restart.py::test_delivery_that_was_open_at_the_kill_is_made_again",
    check="none lost",
)
def tried_counts_as_done(mark: Mark) -> None:
    """Removes it first."""

    def make(deliver: Any) -> Any:
        async def hasty(self: Runner, post: Any) -> None:
            mark()
            self._queue.settle(post.uplink.seq, (), None, lambda: None)
            await self._queue.flush()
            await deliver(self, post)

        return hasty

    swap(Runner, "_deliver", make)


@BAD.bad(
    "stop-cuts-off",
    "an orderly stop cuts off what is in flight, and it is sent again",
    requirement="COM-18.d",
    models="a stop that is no better than a kill",
    scenario="common/test_restart.py::test_orderly_stop_finishes_what_is_in_flight",
    check="seen",
)
def stop_cuts_off(mark: Mark) -> None:
    """Has no patience."""

    def make(stop: Any) -> Any:
        async def impatient(self: Runner, _patience_s: float) -> None:
            if self._posts:
                mark()
            await stop(self, 0.0)

        return impatient

    swap(Runner, "stop", make)


def _restored(mark: Mark, change: Any) -> None:
    """Changes the bodies of connections when they are read at a start, by `change(body)`."""

    def make(read: Any) -> Any:
        def changed(database: Any) -> Any:
            stored = read(database)
            bodies = []
            for number, text, body in stored["connection"]:
                before = orjson.loads(body)
                after = change(orjson.loads(body))
                if after != before:
                    mark()
                bodies.append((number, text, orjson.dumps(after)))
            return {**stored, "connection": bodies}

        return changed

    swap(records, "read_all", make)


@BAD.bad(
    "options-forgotten-at-start",
    "after a restart a connection works with the defaults of its options",
    requirement="COM-18.e",
    models="a table with a column for what is mandatory",
    scenario=CHANGED,
    check="shown",
)
def options_forgotten_at_start(mark: Mark) -> None:
    """Restores what is mandatory."""
    kept = {"destinationURL", "headers", "hostName", "username", "password", "uplinkTopicPattern", "protocol"}

    def change(body: Any) -> Any:
        configuration = body["configuration"]
        return {**body, "configuration": {name: configuration[name] for name in configuration if name in kept}}

    _restored(mark, change)


@BAD.bad(
    "put-forgotten-at-start",
    "after a restart a connection is as it was before its last PUT",
    requirement="COM-18.e",
    models="a change that is made in memory only",
    scenario=CHANGED,
    check="shown",
)
def put_forgotten_at_start(mark: Mark) -> None:
    """Stores the first body of each."""

    def make(_: Any) -> Any:
        def nothing(*_arguments: Any) -> None:
            mark()

        return nothing

    def insert(database: Any, text: str, body: bytes) -> int:
        number = database.execute("INSERT INTO connection (uuid, body) VALUES (?, ?)", (text, body)).lastrowid or 0
        row = (body, checksum(body, number, text), number)
        database.execute("UPDATE connection SET body = ?, sum = ? WHERE id = ?", row)
        return int(number)

    swap(records, "insert_connection", lambda _: insert)
    swap(records, "replace_connection", make)


@BAD.bad(
    "deleted-returns-at-start",
    "a connection that was deleted is there again after a restart",
    requirement="HTTP-03.a",
    models="a row that is removed from the cache only",
    scenario=CHANGED,
    check="answered",
)
def deleted_returns_at_start(mark: Mark) -> None:
    """Leaves it in the file."""

    def make(_: Any) -> Any:
        def keep(*_arguments: Any) -> None:
            mark()

        return keep

    swap(records, "delete_connection", make)


@BAD.bad(
    "starts-though-deactivated",
    "a connection that was made inactive works again after a restart, and is still shown as inactive",
    requirement="COM-01.b",
    models="a start that starts everything",
    scenario=CHANGED,
    check="none arrives",
)
def starts_though_deactivated(mark: Mark) -> None:
    """Looks at nothing when it starts what was restored."""
    restored: set[int] = set()

    def make_restore(restore: Any) -> Any:
        async def noting(self: Service) -> None:
            await restore(self)
            restored.update(runner.id for runner in self.runners if not runner.connection.body.active)

        return noting

    def make_start(start: Any) -> Any:
        def always(self: Runner) -> None:
            if self.id in restored:
                mark()
                self._perform(self._delivery.start(self._clock.now()))
            else:
                start(self)

        return always

    swap(Service, "_restore", make_restore)
    swap(Runner, "start", make_start)
