from pathlib import Path

from uplab.simulator.forwarder.delivery.queue import many
from uplab.simulator.forwarder.store.checksums import altered
from uplab.simulator.forwarder.store.records import (
    count_events,
    delete_connection,
    delete_counters,
    delete_messages,
    find_orphans,
    insert_connection,
    insert_flow,
    read_all,
    read_events,
    replace_connection,
    replace_flow,
)
from uplab.simulator.forwarder.store.store import Store


def filled(path: Path) -> Store:
    store = Store(path)

    def fill(database: object) -> None:
        connections = [(8, "a", b"{}", None), (9, "b", b"{}", None)]
        messages = [(seq, 8 + seq % 2, "D", None, None, 0.0, None, b"{}", 0.0) for seq in range(1, 8)]
        many(database, "INSERT INTO connection VALUES", connections)  # type: ignore[arg-type]
        into = "INSERT INTO message (seq, connection, dev_eui, f_cnt, time, received, validity, body, accepted) VALUES"
        many(database, into, messages)  # type: ignore[arg-type]
        many(database, "INSERT INTO counter VALUES", [(8, "uplinks", -1, 3), (9, "uplinks", -1, 4)])  # type: ignore[arg-type]

    store.read_now(fill)
    return store


def test_everything_is_read_at_the_start(tmp_path: Path) -> None:
    store = filled(tmp_path / "q")
    stored = store.read_now(read_all)

    assert [number for number, _, _ in stored["connection"]] == [8, 9]
    assert stored["highest"] == {8: 6, 9: 7}
    assert stored["waiting"] == 7
    store.close()


def test_what_is_stored_has_its_checksum_also_when_it_was_replaced(tmp_path: Path) -> None:
    store = Store(tmp_path / "q")
    store.read_now(lambda db: insert_connection(db, "a", b"{}"))
    flow = store.read_now(lambda db: insert_flow(db, b"{}"))
    store.read_now(lambda db: replace_connection(db, insert_connection(db, "b", b"{}"), "b", b"[]"))
    store.read_now(lambda db: replace_flow(db, flow, b"[]"))

    stored = store.read_now(read_all)
    assert (stored["connection"], stored["flow"]) == ([(1, "a", b"{}"), (2, "b", b"[]")], [(flow, b"[]")])
    assert store.read_now(altered) == {}
    store.read_now(lambda db: db.execute("UPDATE connection SET uuid = 'c' WHERE id = 2"))
    store.read_now(lambda db: db.execute("UPDATE flow SET body = x'7b7d'"))
    assert store.read_now(altered) == {"connection": [2], "flow": [flow]}
    store.close()


def test_deleted_connection_leaves_no_messages(tmp_path: Path) -> None:
    store = filled(tmp_path / "q")
    store.read_now(lambda db: delete_connection(db, 8))
    assert store.read_now(lambda db: delete_messages(db, 8))
    assert not store.read_now(lambda db: delete_messages(db, 8))
    assert store.read_now(lambda db: find_orphans(db, [9])) == []
    stored = store.read_now(read_all)

    assert [number for number, _, _ in stored["connection"]] == [9]
    assert stored["highest"] == {9: 7}
    store.close()


def test_what_belongs_to_no_connection_is_found_and_removed(tmp_path: Path) -> None:
    store = filled(tmp_path / "q")
    store.read_now(lambda db: delete_counters(db, [9]))

    assert store.read_now(lambda db: find_orphans(db, [9])) == [8]
    assert store.read_now(lambda db: find_orphans(db, [8, 9])) == []
    assert store.read_now(read_all)["counter"] == [(9, "uplinks", -1, 4)]
    store.close()


def test_events_are_read_in_parts_and_counted_without_being_read(tmp_path: Path) -> None:
    store = filled(tmp_path / "q")
    rows = [(8 + number % 2, "STATE_CHANGED", None, b"%d" % number) for number in range(10)]
    store.read_now(lambda db: many(db, "INSERT INTO event (connection, kind, dev_eui, body) VALUES", rows))

    assert store.read_now(lambda db: count_events(db, 8)) == 5
    assert store.read_now(lambda db: count_events(db, 7)) == 0
    assert [body for _, body in store.read_now(lambda db: read_events(db, 8, 2, 1))] == [b"6", b"4"]
    assert [body for _, body in store.read_now(lambda db: read_events(db, None, 2, 0))] == [b"9", b"8"]
    plan = store.read_now(
        lambda db: db.execute("EXPLAIN QUERY PLAN SELECT count(*) FROM event WHERE connection = 8").fetchall()
    )
    assert "COVERING INDEX" in str(plan)
    store.close()
