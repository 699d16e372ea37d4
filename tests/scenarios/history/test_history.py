import threading
from pathlib import Path

from tests.scenarios.history_lines import DEV, Story, document
from uplab.scenarios.history.history import History, of_hop, read_history
from uplab.scenarios.history.identity import Ledger
from uplab.simulator.hops import device_received

RECEIVED = device_received(dev_eui=DEV, f_port=6, payload_hex="01", f_cnt_down=0, window="RX1", confirmed=False)
SECRET = "5ec0de5a" + "a" * 24


def test_stored_history_reads_back_as_it_was(tmp_path: Path) -> None:
    story = Story()
    with story.history.scenario(tmp_path / "h" / "one.jsonl"):
        story.sent(1)
        story.delivered(1)
        story.arrives(b"\xff\x00")
        told = story.events

    assert list(read_history(tmp_path / "h" / "one.jsonl")) == told


def test_what_was_in_doubt_is_stored_as_such(tmp_path: Path) -> None:
    story = Story(Ledger(remember=1))
    for f_cnt in (1, 2, 3):
        story.sent(f_cnt, outcome="refused")
    with story.history.scenario(tmp_path / "one.jsonl"):
        story.arrives(document(DEV, 1))
        told = story.events

    assert [(event.ids, event.doubt) for event in told] == [((), 2)]
    assert list(read_history(tmp_path / "one.jsonl")) == told


def test_scenario_that_is_over_may_be_forgotten(tmp_path: Path) -> None:
    story = Story(Ledger(remember=1))
    with story.history.scenario(tmp_path / "one.jsonl"):
        for f_cnt in (1, 2, 3):
            story.sent(f_cnt, outcome="refused")
        story.arrives(document(DEV, 1))
        assert story.events[-1].id == "u1"
    story.arrives(document(DEV, 1))

    assert [(event.ids, event.doubt) for event in story.events[-1:]] == [((), 2)]


def test_secret_reaches_neither_memory_nor_file(tmp_path: Path) -> None:
    story = Story()
    with story.history.scenario(tmp_path / "one.jsonl"):
        story.arrives(document(DEV, 1, token=SECRET), headers=[["Authorization", f"Bearer {SECRET}"]])
        told = story.events

    assert SECRET not in (tmp_path / "one.jsonl").read_text()
    assert SECRET not in str(told)
    assert told[0].facts["headers"][0][1].startswith("Bearer SECRET-")


def test_waiting_ends_with_the_fact() -> None:
    story = Story()
    threading.Timer(0.05, lambda: story.history.emit(*RECEIVED)).start()

    met = story.history.wait_for(lambda e: e.hop == "device.received", timeout_s=5)

    assert len(met) == 1


def test_waiting_ends_with_the_deadline() -> None:
    assert Story().history.wait_for(lambda _event: True, timeout_s=0.01) == []


def test_events_after_a_mark() -> None:
    story = Story()
    story.sent(1)
    mark = story.history.mark
    story.delivered(1)

    assert [e.hop for e in story.history.since(mark)] == ["destination.arrived", "destination.answered"]


def test_memory_is_bounded_where_asked() -> None:
    history = History(Ledger(), keep=10)
    for _ in range(100):
        history.emit(*RECEIVED)

    assert len(history.events) < 20
    assert history.events[-1].seq == 100


def test_events_of_some_hops() -> None:
    story = Story()
    story.sent(1)

    assert [e.hop for e in of_hop(story.events, "tunnel.sent", "device.sent")] == ["device.sent", "tunnel.sent"]
