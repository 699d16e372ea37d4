"""What the service reads from its file at the start, and removes from it with a connection."""

import sqlite3
from collections.abc import Collection
from typing import Any

__all__ = ["delete_connection", "delete_orphans", "read_all"]


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


def delete_connection(database: sqlite3.Connection, number: int) -> None:
    """Remove a connection and its messages; its events stay."""
    database.execute("DELETE FROM message WHERE connection = ?", (number,))
    database.execute("DELETE FROM connection WHERE id = ?", (number,))


def delete_orphans(database: sqlite3.Connection, connections: Collection[int]) -> None:
    """Remove messages and counters of connections that are not there, such as came while one was being deleted."""
    for table in ("message", "counter", "activity"):
        query = f"SELECT DISTINCT connection FROM {table}"  # noqa: S608 - constants only
        for (number,) in database.execute(query).fetchall():
            if number not in connections:
                database.execute(f"DELETE FROM {table} WHERE connection = ?", (number,))  # noqa: S608 - constants only
