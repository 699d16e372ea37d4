import asyncio
import sqlite3
from pathlib import Path

import pytest

from uplab.simulator.forwarder.store.store import VERSION, Store, StoreError


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
