"""What the service reads from its file at the start, and removes from it with a connection."""

import sqlite3
from collections.abc import Collection
from typing import Any

from uplab.simulator.forwarder.store.checksums import checksum

__all__ = [
    "count_events",
    "delete_connection",
    "delete_counters",
    "delete_messages",
    "find_orphans",
    "insert_connection",
    "insert_flow",
    "read_all",
    "read_events",
    "replace_connection",
    "replace_flow",
]

SLICE = 2000


def read_all(database: sqlite3.Connection) -> dict[str, Any]:
    """Read connections, flows and counters, and of each connection how many messages wait and up to which."""

    def rows(query: str) -> list[Any]:
        return database.execute(query).fetchall()

    waiting = rows("SELECT connection, max(seq), count(*) FROM message GROUP BY connection")
    return {
        "connection": rows("SELECT id, uuid, body FROM connection ORDER BY id"),
        "flow": rows("SELECT id, body FROM flow ORDER BY id"),
        "counter": rows("SELECT connection, name, minute, value FROM counter"),
        "activity": rows("SELECT connection, dev_eui, at FROM activity"),
        "highest": {number: highest for number, highest, _ in waiting},
        "waiting": sum(count for _, _, count in waiting),
    }


def read_events(database: sqlite3.Connection, number: int | None, limit: int, offset: int) -> list[tuple[int, bytes]]:
    """Read some events of one connection (of all where it is None), the newest first: id and body."""
    where, values = ("", ()) if number is None else ("WHERE connection = ?", (number,))
    query = f"SELECT id, body FROM event {where} ORDER BY id DESC LIMIT ? OFFSET ?"  # noqa: S608 - constants only
    return database.execute(query, (*values, limit, offset)).fetchall()


def count_events(database: sqlite3.Connection, number: int) -> int:
    """How many events of one connection there are; the index alone answers that."""
    (count,) = database.execute("SELECT count(*) FROM event WHERE connection = ?", (number,)).fetchone()
    return int(count)


def insert_connection(database: sqlite3.Connection, text: str, body: bytes) -> int:
    """Store a new connection with its UUID, and give its id."""
    number = database.execute("INSERT INTO connection (uuid, body) VALUES (?, ?)", (text, body)).lastrowid or 0
    replace_connection(database, number, text, body)
    return number


def replace_connection(database: sqlite3.Connection, number: int, text: str, body: bytes) -> None:
    """Store another body of a connection."""
    row = (body, checksum(body, number, text), number)
    database.execute("UPDATE connection SET body = ?, sum = ? WHERE id = ?", row)


def insert_flow(database: sqlite3.Connection, body: bytes) -> int:
    """Store a new flow, and give its id."""
    number = database.execute("INSERT INTO flow (body) VALUES (?)", (body,)).lastrowid or 0
    replace_flow(database, number, body)
    return number


def replace_flow(database: sqlite3.Connection, number: int, body: bytes) -> None:
    """Store another body of a flow."""
    database.execute("UPDATE flow SET body = ?, sum = ? WHERE id = ?", (body, checksum(body, number), number))


def delete_connection(database: sqlite3.Connection, number: int) -> None:
    """Remove a connection; its events stay, and its messages are orphans now."""
    database.execute("DELETE FROM connection WHERE id = ?", (number,))


def delete_messages(database: sqlite3.Connection, number: int) -> bool:
    """Remove some messages of a connection, so few that nobody waits long for the file; whether there were any."""
    query = "DELETE FROM message WHERE seq IN (SELECT seq FROM message WHERE connection = ? ORDER BY seq LIMIT ?)"
    return database.execute(query, (number, SLICE)).rowcount > 0


def find_orphans(database: sqlite3.Connection, connections: Collection[int]) -> list[int]:
    """Find the connections that are not there but still have messages."""
    found = database.execute("SELECT DISTINCT connection FROM message").fetchall()
    return [number for (number,) in found if number not in connections]


def delete_counters(database: sqlite3.Connection, connections: Collection[int]) -> None:
    """Remove the counters of connections that are not there."""
    for table in ("counter", "activity"):
        query = f"SELECT DISTINCT connection FROM {table}"  # noqa: S608 - constants only
        for (number,) in database.execute(query).fetchall():
            if number not in connections:
                database.execute(f"DELETE FROM {table} WHERE connection = ?", (number,))  # noqa: S608 - constants only
