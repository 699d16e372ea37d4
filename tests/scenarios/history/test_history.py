import threading
from pathlib import Path

import pytest

from tests.scenarios.history_lines import BIN, DEV, Story, document
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


def test_secret_in_the_payload_alone_or_in_the_facts_alone_is_hidden() -> None:
    story = Story()
    story.arrives(f'{{"a": "{SECRET}"}}'.encode())
    story.arrives(b"\xff\xfe", url=f"/{SECRET}")
    first, second = story.events

    assert (first.raw or b"").startswith(b'{"a": "SECRET-')
    assert len(first.raw or b"") == len(SECRET) + 9
    assert first.facts["url"] == BIN
    assert (second.raw, second.facts["url"][:8]) == (b"\xff\xfe", "/SECRET-")


def test_waiting_sees_what_was_told_before_and_what_comes(tmp_path: Path) -> None:
    story = Story()
    with story.history.scenario(tmp_path / "one.jsonl"):
        story.sent(1)
        threading.Timer(0.05, lambda: story.delivered(1)).start()
        met = story.history.wait_for(lambda e: "u1" in e.ids, count=6, timeout_s=5)
        assert story.history.wait_for(lambda e: "u1" in e.ids, timeout_s=0) == met

    assert [e.hop for e in met][-2:] == ["destination.arrived", "destination.answered"]


def test_each_moment_has_its_wall_time(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story()
    story.history._wall_offset_s = 1_767_225_600.0
    for now_s in (1.2345, 1.9999, 2.0, 1.5):
        monkeypatch.setattr("uplab.scenarios.history.history.time.monotonic", lambda now_s=now_s: now_s)
        story.history.emit(*RECEIVED)
    monkeypatch.undo()

    seconds = [event.wall.removeprefix("2026-01-01T00:00:") for event in story.events]
    assert seconds == ["01.234+00:00", "01.999+00:00", "02.000+00:00", "01.500+00:00"]


def test_what_is_told_between_scenarios_has_a_file_of_its_own(tmp_path: Path) -> None:
    history = History(Ledger(), between=tmp_path / "between.jsonl")
    for number in range(4):
        if number % 2:
            with history.scenario(tmp_path / f"{number}.jsonl"):
                history.emit("network.joined", {"dev_eui": "", "dev_addr": str(number)})
        else:
            history.emit("network.joined", {"dev_eui": "", "dev_addr": str(number)})
            assert [event.facts["dev_addr"] for event in history.events] == [str(number)]
    history.close()

    assert [event.facts["dev_addr"] for event in read_history(tmp_path / "between.jsonl")] == ["0", "2"]
