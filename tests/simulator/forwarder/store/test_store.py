import asyncio
import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from uplab.simulator.forwarder.store.checksums import checksum
from uplab.simulator.forwarder.store.records import insert_connection, insert_flow, read_all
from uplab.simulator.forwarder.store.store import RESERVE_BYTES, VERSION, Store, StoreError


def tables(store: Store) -> set[str]:
    rows = store.read_now(lambda db: db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall())
    return {name for (name,) in rows}


def test_new_file_gets_its_tables(tmp_path: Path) -> None:
    store = Store(tmp_path / "deep" / "state.sqlite3")

    assert {"connection", "flow", "message", "event", "counter", "activity", "device"} <= tables(store)
    store.close()


def test_file_is_opened_again_with_what_it_holds(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.sqlite3")
    asyncio.run(store.write(lambda db: db.execute("INSERT INTO flow (body) VALUES ('x')")))
    store.close()

    again = Store(tmp_path / "state.sqlite3")
    assert again.read_now(lambda db: db.execute("SELECT body FROM flow").fetchall()) == [("x",)]
    again.close()


def test_file_in_use_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.sqlite3")
    with pytest.raises(StoreError, match="another forwarder is using it"):
        Store(tmp_path / "state.sqlite3")
    store.close()


def test_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite3").write_bytes(b"not a database at all, whatever its name" * 100)
    with pytest.raises(StoreError, match="it is corrupt"):
        Store(tmp_path / "state.sqlite3")


def test_corrupt_page_is_noticed_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    store = Store(path)
    asyncio.run(store.write(lambda db: db.executemany("INSERT INTO flow (body) VALUES (?)", [("x" * 500,)] * 200)))
    store.close()
    content = bytearray(path.read_bytes())
    content[-20_000:] = b"\xff" * 20_000
    path.write_bytes(content)

    with pytest.raises(StoreError, match="corrupt"):
        Store(path)


def test_file_of_the_first_version_is_taken_on(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    database = sqlite3.connect(path)
    database.execute(
        "CREATE TABLE message (seq INTEGER PRIMARY KEY, connection INTEGER NOT NULL, dev_eui TEXT NOT NULL, "
        "f_cnt INTEGER, time REAL, received REAL NOT NULL, validity REAL, body BLOB NOT NULL)"
    )
    database.execute("CREATE TABLE connection (id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, body BLOB NOT NULL)")
    database.execute("CREATE TABLE flow (id INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL)")
    database.execute("CREATE TABLE device (dev_eui TEXT PRIMARY KEY, facts BLOB NOT NULL) WITHOUT ROWID")
    database.execute("INSERT INTO message VALUES (1, 8, 'D', NULL, NULL, 5.0, NULL, x'7b7d')")
    database.execute("PRAGMA user_version = 1")
    database.commit()
    database.close()

    store = Store(path)
    assert store.read_now(lambda db: db.execute("SELECT seq, body, accepted FROM message").fetchall()) == [
        (1, b"{}", 0.0)
    ]
    assert store.read_now(lambda db: db.execute("PRAGMA user_version").fetchone()) == (VERSION,)
    store.close()


def test_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA user_version = {VERSION + 1}")
    database.close()

    with pytest.raises(StoreError, match="newer version"):
        Store(path)


def test_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="cannot use the state file"):
        Store(tmp_path / "file" / "state.sqlite3")


def test_work_that_raises_leaves_nothing_behind(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.sqlite3")

    def work(database: sqlite3.Connection) -> None:
        database.execute("INSERT INTO flow (body) VALUES ('x')")
        raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        asyncio.run(store.write(work))
    assert store.read_now(lambda db: db.execute("SELECT count(*) FROM flow").fetchone()) == (0,)
    store.close()


def insert(database: sqlite3.Connection, seq: int) -> None:
    body = b"body %d" % seq
    row = (seq, 1, "DEV", seq, 1.0, 1.0, None, body, 1.0, checksum(body, seq, 1, "DEV"))
    database.execute("INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def died(folder: Path, commits: int = 40) -> Path:
    """The files of a forwarder that was killed after so many commits."""
    store = Store(folder / "live" / "state.sqlite3")
    for seq in range(commits):
        asyncio.run(store.write(lambda database, seq=seq: insert(database, seq)))  # type: ignore[misc]
    shutil.copytree(folder / "live", folder / "dead")
    store.close()
    return folder / "dead" / "state.sqlite3"


def left(store: Store) -> int:
    count = store.read_now(lambda database: database.execute("SELECT count(*) FROM message").fetchone()[0])
    store.close()
    return int(count)


def test_killed_forwarder_has_lost_nothing(tmp_path: Path) -> None:
    path = died(tmp_path)
    for _ in range(2):
        store = Store(path)
        assert store.lost == ""
        assert left(store) == 40


def flip(path: Path, at: float) -> None:
    raw = bytearray(path.read_bytes())
    raw[int(len(raw) * at)] ^= 1
    path.write_bytes(raw)


@pytest.mark.parametrize(
    "damage",
    [
        lambda log: log.unlink(),
        lambda log: log.write_bytes(b""),
        lambda log: log.write_bytes(log.read_bytes()[: log.stat().st_size // 2]),
        lambda log: log.write_bytes(bytes(log.stat().st_size)),
        lambda log: flip(log, 0.3),
        lambda log: flip(log, 0.9),
        lambda log: flip(log, 0.9999),
        lambda log: flip(log, 0.0),
    ],
    ids=["gone", "empty", "half", "zeros", "flipped", "flipped late", "flipped last", "flipped first"],
)
def test_damaged_log_is_said_with_numbers(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    path = died(tmp_path)
    damage(path.with_name("state.sqlite3-wal"))

    with pytest.raises(
        StoreError, match=r"[1-9]\d* of 40 commits are missing.*with --accept-loss what is left"
    ) as said:
        Store(path)
    assert "\n" not in str(said.value)
    missing = int(re.findall(r"(\d+) of 40", str(said.value))[0])
    store = Store(path, accept_loss=True)
    assert str(missing) in store.lost
    assert left(store) == 40 - missing
    assert left(Store(path)) == 40 - missing, "what was accepted is not said again"


def test_altered_messages_are_said_with_their_number(tmp_path: Path) -> None:
    path = died(tmp_path)
    store = Store(path)
    store.read_now(lambda database: database.execute("UPDATE message SET body = 'x' WHERE seq IN (3, 4)"))
    store.read_now(lambda database: database.execute("UPDATE message SET connection = 2 WHERE seq = 9"))
    store.close()

    with pytest.raises(StoreError, match="3 messages were altered; with --accept-loss"):
        Store(path)
    assert left(Store(path, accept_loss=True)) == 37
    assert left(Store(path)) == 37


def configured(path: Path) -> Store:
    """A state of two connections, two flows and a device."""
    store = Store(path)

    def fill(database: sqlite3.Connection) -> None:
        for text in ("first", "second"):
            insert_connection(database, text, b"{}")
            insert_flow(database, b"{}")
        database.execute("INSERT INTO device VALUES (?, ?, ?)", ("DEV", b"{}", checksum(b"{}", "DEV")))

    asyncio.run(store.write(fill))
    return store


@pytest.mark.parametrize(
    ("damage", "said", "left"),
    [
        ("UPDATE connection SET body = x'7b20' WHERE id = 2", "1 connection was altered", ([1], [1, 2], 1)),
        ("UPDATE connection SET uuid = 'third' WHERE id = 1", "1 connection was altered", ([2], [1, 2], 1)),
        ("UPDATE connection SET uuid = CAST(x'ff' AS TEXT)", "1 connection was altered", ([2], [1, 2], 1)),
        ("UPDATE connection SET body = 5", "2 connections were altered", ([], [1, 2], 1)),
        ("UPDATE flow SET id = 7 WHERE id = 1", "1 flow was altered", ([1, 2], [2], 1)),
        ("UPDATE flow SET body = 'text', sum = 'text'", "2 flows were altered", ([1, 2], [], 1)),
        ("UPDATE device SET facts = x'00'", "1 device was altered", ([1, 2], [1, 2], 0)),
        ("UPDATE device SET dev_eui = CAST(x'44c556' AS TEXT)", "1 device was altered", ([1, 2], [1, 2], 0)),
    ],
)
def test_altered_rows_are_said_by_what_they_are(
    tmp_path: Path, damage: str, said: str, left: tuple[list[int], list[int], int]
) -> None:
    path = tmp_path / "state.sqlite3"
    store = configured(path)
    one_row = " WHERE id = 1" if damage.endswith("AS TEXT)") and "connection" in damage else ""
    store.read_now(lambda database: database.execute(damage + one_row))
    store.close()

    with pytest.raises(StoreError, match=f"was damaged: {said}; with --accept-loss"):
        Store(path)
    store = Store(path, accept_loss=True)
    assert store.lost == said
    stored = store.read_now(read_all)
    devices = store.read_now(lambda database: database.execute("SELECT count(*) FROM device").fetchone()[0])
    assert ([row[0] for row in stored["connection"]], [row[0] for row in stored["flow"]], devices) == left
    store.close()
    Store(path).close()


def test_kinds_of_altered_rows_are_said_together(tmp_path: Path) -> None:
    path = died(tmp_path)
    store = Store(path)
    store.read_now(lambda database: insert_flow(database, b"{}"))
    store.read_now(lambda database: database.execute("UPDATE message SET body = 'x' WHERE seq IN (3, 4)"))
    store.read_now(lambda database: database.execute("UPDATE flow SET body = 'x'"))
    store.close()

    with pytest.raises(StoreError, match="2 messages, 1 flow were altered"):
        Store(path)


def test_number_of_commits_that_is_gone_is_said(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    configured(path).close()
    path.with_name("state.sqlite3-commits").unlink()
    with pytest.raises(StoreError, match=r"state\.sqlite3-commits, which says how many commits it has had, is gone"):
        Store(path)
    Store(path, accept_loss=True).close()
    Store(path).close()


@pytest.mark.parametrize("text", ["UPDATE commits SET number = 'x'", "DELETE FROM commits"])
def test_commits_that_cannot_be_read_are_missing(tmp_path: Path, text: str) -> None:
    path = died(tmp_path)
    database = sqlite3.connect(path)
    database.execute(text)
    database.commit()
    database.close()
    with pytest.raises(StoreError, match="40 of 40 commits are missing"):
        Store(path)


def test_file_of_an_older_version_is_taken_up(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    Store(path).close()
    database = sqlite3.connect(path)
    database.execute("DROP TABLE commits")
    for table in ("message", "connection", "flow", "device"):
        database.execute(f"ALTER TABLE {table} DROP COLUMN sum")
    database.execute("INSERT INTO message (seq, connection, dev_eui, received, body) VALUES (1, 1, 'DEV', 1.0, 'old')")
    database.commit()
    database.close()
    (tmp_path / "state.sqlite3-commits").unlink()

    assert left(Store(path)) == 1


def test_full_disk_is_relieved_by_the_reserve(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.sqlite3")
    reserve = tmp_path / "state.sqlite3-reserve"
    assert reserve.stat().st_size == RESERVE_BYTES

    async def delete() -> str:
        if reserve.exists():
            raise sqlite3.OperationalError("database or disk is full")
        return "deleted"

    async def broken() -> str:
        raise sqlite3.OperationalError("disk I/O error")

    assert asyncio.run(store.relieve(delete)) == "deleted"
    with pytest.raises(sqlite3.OperationalError, match="I/O"):
        asyncio.run(store.relieve(broken))
    store.close()
