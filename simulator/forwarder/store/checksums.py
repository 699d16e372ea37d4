"""A checksum beside each row that says what goes where: one that was altered on the disk is not believed any more."""

import sqlite3
import zlib
from typing import NamedTuple

__all__ = ["add_columns", "altered", "checksum", "remove", "words"]


class _Rows(NamedTuple):
    """The rows of one table: its name is also what people call one of them."""

    table: str
    key: str
    whose: str  # the columns that say whose it is, the key among them
    body: str


_CHECKED = (
    _Rows("message", "seq", "seq, connection, dev_eui", "body"),
    _Rows("connection", "id", "id, uuid", "body"),
    _Rows("flow", "id", "id", "body"),
    _Rows("device", "dev_eui", "dev_eui", "facts"),
)


def checksum(body: bytes, *whose: object) -> int:
    """What tells whether a row is the one that was stored: CRC-32 over whose it is and what it says."""
    return zlib.crc32(body, zlib.crc32(" ".join(map(str, whose)).encode()))


def add_columns(database: sqlite3.Connection) -> None:
    """Give the tables of an older version their column; what stands in them already cannot be told."""
    for rows in _CHECKED:
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({rows.table})")]
        if "sum" not in columns:
            database.execute(f"ALTER TABLE {rows.table} ADD COLUMN sum INTEGER")


def altered(database: sqlite3.Connection) -> dict[str, list[object]]:
    """By table the keys of the rows that are not what was stored; only tables that have such."""
    found = {}
    reads, database.text_factory = database.text_factory, bytes  # what was altered need not be UTF-8 any more
    try:
        for rows in _CHECKED:
            query = f"SELECT sum, {rows.key}, {rows.body}, {rows.whose} FROM {rows.table} WHERE sum IS NOT NULL"  # noqa: S608 - constants only
            if wrong := [key for kept, key, body, *whose in database.execute(query) if kept != _of(body, whose)]:
                found[rows.table] = wrong
    finally:
        database.text_factory = reads
    return found


def _of(body: object, whose: list[object]) -> int:
    """The same of values that may have become anything, texts as bytes."""
    if not isinstance(body, bytes):
        return -1
    return checksum(body, *(one.decode(errors="replace") if isinstance(one, bytes) else one for one in whose))


def remove(database: sqlite3.Connection, keys: dict[str, list[object]]) -> None:
    """Remove the rows that `altered` has found."""
    for rows in _CHECKED:
        for key in keys.get(rows.table, ()):
            column = f"CAST({rows.key} AS BLOB)" if isinstance(key, bytes) else rows.key
            database.execute(f"DELETE FROM {rows.table} WHERE {column} = ?", (key,))  # noqa: S608 - constants only


def words(keys: dict[str, list[object]]) -> str:
    """How many of what were altered, in a phrase."""
    counts = [f"{len(found)} {table}{'' if len(found) == 1 else 's'}" for table, found in keys.items()]
    one = sum(map(len, keys.values())) == 1
    return f"{', '.join(counts)} {'was' if one else 'were'} altered"
