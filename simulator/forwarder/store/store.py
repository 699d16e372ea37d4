"""The file in which everything durable lives: SQLite with a write-ahead log, used by one thread of one process.

Beside it stands how many commits it has had, since a log that was damaged loses its last ones without a word of SQLite;
and a reserve, which is given up where a full disk is to be relieved.
"""

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from uplab.simulator.forwarder.store import checksums

__all__ = ["Store", "StoreError"]

T = TypeVar("T")

VERSION = 2
CHECK_MAX_BYTES = 256 * 1024 * 1024  # a bigger file is checked page by page as it is used; the whole would take minutes

_SCHEMA = """
CREATE TABLE connection (
  id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, body BLOB NOT NULL, sum INTEGER);
CREATE TABLE flow (id INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL, sum INTEGER);
CREATE TABLE message (
  seq INTEGER PRIMARY KEY, connection INTEGER NOT NULL, dev_eui TEXT NOT NULL, f_cnt INTEGER, time REAL,
  received REAL NOT NULL, validity REAL, body BLOB NOT NULL, accepted REAL NOT NULL DEFAULT 0, sum INTEGER);
CREATE INDEX message_of_connection ON message (connection, seq);
CREATE TABLE event (
  id INTEGER PRIMARY KEY AUTOINCREMENT, connection INTEGER NOT NULL, kind TEXT NOT NULL, dev_eui TEXT,
  body BLOB NOT NULL);
CREATE INDEX event_of_connection ON event (connection, id);
CREATE TABLE counter (
  connection INTEGER, name TEXT, minute INTEGER, value INTEGER NOT NULL,
  PRIMARY KEY (connection, name, minute)) WITHOUT ROWID;
CREATE TABLE activity (
  connection INTEGER, dev_eui TEXT, at REAL NOT NULL, PRIMARY KEY (connection, dev_eui)) WITHOUT ROWID;
CREATE TABLE device (dev_eui TEXT PRIMARY KEY, facts BLOB NOT NULL, sum INTEGER) WITHOUT ROWID;
"""


RESERVE_BYTES = 8 * 1024 * 1024  # twice what the log holds before its pages go to the file


class StoreError(Exception):
    """The file cannot be used; the message is one line for the user."""


class Store:
    """One SQLite file; all work on it is done in one thread, in the order in which it was given."""

    def __init__(self, path: Path, *, synchronous: str = "FULL", accept_loss: bool = False) -> None:
        """Open or create the file; StoreError when it is locked, corrupt, unwritable or of a newer version.

        Also when commits are missing or rows were altered, unless `accept_loss`: what is left is used then.
        """
        self.lost = ""
        """What was lost and accepted, in a phrase."""
        self._reserve = path.with_name(f"{path.name}-reserve")
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            existed = path.exists()  # whoever has removed the file itself begins anew
            self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=2.0)
            self._prepare(path, synchronous)
            self._count_commits(path, accept_loss, existed=existed)
            self._keep_reserve()
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"cannot use the state file {path}: {_explain(error)}") from None

    def _prepare(self, path: Path, synchronous: str) -> None:
        database = self._database
        # The lock is held as long as the process lives, so that two forwarders never share one file.
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(f"PRAGMA synchronous = {synchronous}")
        database.execute("PRAGMA journal_size_limit = 67108864")
        database.execute("BEGIN EXCLUSIVE")
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            for statement in filter(str.strip, _SCHEMA.split(";")):
                database.execute(statement)
        elif version == 1:
            database.execute("ALTER TABLE message ADD COLUMN accepted REAL NOT NULL DEFAULT 0")
        if version < VERSION:
            database.execute(f"PRAGMA user_version = {VERSION}")
        database.execute("COMMIT")
        if version > VERSION:
            raise StoreError(f"the state file {path} was written by a newer version of this program")
        if path.stat().st_size <= CHECK_MAX_BYTES:
            finding = database.execute("PRAGMA quick_check(1)").fetchone()[0]
            if finding != "ok":
                raise sqlite3.DatabaseError(f"it is corrupt ({finding.splitlines()[0]})")

    def _count_commits(self, path: Path, accept_loss: bool, *, existed: bool) -> None:
        """Hold what the file has had against what was noted beside it."""
        database = self._database
        beside = path.with_name(f"{path.name}-commits")
        database.execute("CREATE TABLE IF NOT EXISTS commits (number INTEGER NOT NULL)")
        found = database.execute("SELECT number FROM commits").fetchone()
        number = found[0] if found and isinstance(found[0], int) else 0
        there = existed and beside.exists()
        noted = int.from_bytes(beside.read_bytes()[:8]) if there else number
        checksums.add_columns(database)
        altered = checksums.altered(database)
        findings = []
        if existed and found and not there:
            findings.append(f"{beside.name}, which says how many commits it has had, is gone")
        if number < noted:
            log = path.with_name(f"{path.name}-wal")
            findings.append(f"{noted - number} of {noted} commits are missing, as when its log {log.name} was damaged")
        if altered:
            findings.append(checksums.words(altered))
        if findings and not accept_loss:
            database.close()
            raise StoreError(
                f"the state file {path} was damaged: {'; '.join(findings)}; with --accept-loss what is left of it "
                "is used"
            )
        self.lost = "; ".join(findings)
        checksums.remove(database, altered)
        self._commits = number
        self._beside = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._note()
        os.fsync(self._beside)  # once, so that it is there even when the machine itself fails
        if found is None:  # last: who has this row has had its companion too
            database.execute("INSERT INTO commits VALUES (0)")

    def _note(self) -> None:
        """Note how many commits there were; not synced, since it must never be ahead of the file."""
        with contextlib.suppress(OSError):
            os.pwrite(self._beside, self._commits.to_bytes(8), 0)

    def _keep_reserve(self) -> None:
        """Take some room on the disk, where there is any."""
        with contextlib.suppress(OSError):
            if not self._reserve.exists():
                try:
                    self._reserve.write_bytes(bytes(RESERVE_BYTES))
                except OSError:
                    self._reserve.unlink()

    async def relieve(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do what makes room: where the disk is too full even for that, the reserve is given up for it."""
        try:
            return await work()
        except Exception as error:
            if "full" not in str(error) or not self._reserve.exists():
                raise
            self._reserve.unlink()
            return await work()

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do some work on the database in its thread; what it raises comes back."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, self._database)

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """The same in one transaction, which is undone when the work raises."""
        return await self.run(lambda database: self._transaction(database, work))

    def read_now(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do some work before the loop runs."""
        return self._thread.submit(work, self._database).result()

    def close(self) -> None:
        """Close the file, after all work that was given."""
        self._thread.submit(self._database.close).result()
        self._thread.shutdown()
        os.close(self._beside)

    def _transaction(self, database: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
        database.execute("BEGIN IMMEDIATE")
        try:
            result = work(database)
            database.execute("UPDATE commits SET number = number + 1")
            database.execute("COMMIT")
        except BaseException:
            if database.in_transaction:  # some errors, such as a full disk, have undone it already
                database.execute("ROLLBACK")
            raise
        self._commits += 1
        self._note()
        return result


def _explain(error: Exception) -> str:
    text = str(error)
    if "locked" in text:
        return "it is locked; another forwarder is using it"
    if "not a database" in text or "malformed" in text:
        return f"it is corrupt ({text})"
    return text
