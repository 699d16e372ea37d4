import sqlite3

from uplab.simulator.forwarder.store.checksums import add_columns, altered, checksum, remove, words


def database() -> sqlite3.Connection:
    """The tables as an older version had them, with one flow."""
    made = sqlite3.connect(":memory:")
    made.execute("CREATE TABLE message (seq INTEGER PRIMARY KEY, connection INTEGER, dev_eui TEXT, body BLOB)")
    made.execute("CREATE TABLE connection (id INTEGER PRIMARY KEY, uuid TEXT, body BLOB)")
    made.execute("CREATE TABLE flow (id INTEGER PRIMARY KEY, body BLOB)")
    made.execute("CREATE TABLE device (dev_eui TEXT PRIMARY KEY, facts BLOB) WITHOUT ROWID")
    made.execute("INSERT INTO flow VALUES (1, x'7b7d')")
    add_columns(made)
    return made


def test_row_without_a_checksum_is_believed() -> None:
    made = database()
    add_columns(made)
    assert altered(made) == {}


def test_each_part_of_a_row_counts() -> None:
    known = checksum(b"{}", 1, 2, "DEV")
    assert known not in {checksum(b"{ }", 1, 2, "DEV"), checksum(b"{}", 2, 2, "DEV"), checksum(b"{}", 1, 2, "DEW")}


def test_altered_rows_are_found_and_removed() -> None:
    made = database()
    for seq in (1, 2, 3):
        made.execute("INSERT INTO message VALUES (?, 8, 'é', ?, ?)", (seq, b"{}", checksum(b"{}", seq, 8, "é")))
    assert altered(made) == {}
    made.execute("UPDATE message SET connection = 9 WHERE seq = 2")

    found = altered(made)
    assert found == {"message": [2]}
    remove(made, found)
    assert altered(made) == {}
    assert made.execute("SELECT seq FROM message").fetchall() == [(1,), (3,)]


def test_numbers_have_their_nouns() -> None:
    assert words({"message": [1, 2], "flow": [3]}) == "2 messages, 1 flow were altered"
    assert words({"connection": [1]}) == "1 connection was altered"
