import asyncio
import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from uplab.simulator.forwarder.store.store import RESERVE_BYTES, VERSION, Store, StoreError, checksum


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
    row = (seq, 1, "DEV", seq, 1.0, 1.0, None, body, 1.0, checksum(seq, 1, "DEV", body))
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

    with pytest.raises(StoreError, match=r"[1-9]\d* of 40 commits are missing.*with --accept-loss it is used") as said:
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


def test_file_of_an_older_version_is_taken_up(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    Store(path).close()
    database = sqlite3.connect(path)
    database.execute("DROP TABLE commits")
    database.execute("ALTER TABLE message DROP COLUMN sum")
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
