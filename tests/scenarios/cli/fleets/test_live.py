from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from uplab.scenarios.cli.fleets.live import followed, table
from uplab.scenarios.load.judging.judge import Judge
from uplab.scenarios.load.judging.series import Series
from uplab.scenarios.load.judging.under_way import Arrival
from uplab.scenarios.load.result import Band


def load(**changes: Any) -> Any:
    places = [("http-1", "http"), ("thingsboard-1", "thingsboard")]
    judge = Judge(places, {"A": [0], "B": [1]}, series=Series(0, ["http", "thingsboard"]), late_after_us=10**6)
    for number in range(1, 1_300):
        judge.posted("A", "u", number, number, "d", 0, "accepted")
        judge.arrived(Arrival(0, "A", "u", number, number, "d", 17_000, 17_001, True))
    judge.posted("B", "u", 1, 1, "d", 0, "accepted")
    judge.posted("B", "u", 2, 2, "d", 0, "refused")
    facts = SimpleNamespace(bands=[Band(1.0, 2.0, "over"), Band(3.0, None, "http: hang")])
    given = {
        "judge": judge,
        "at_s": 12.3,
        "posted": 1_302,
        "share": 0.4,
        "phase": "posting",
        "memory_bytes": 70_400_000,
    }
    return SimpleNamespace(**{**given, "facts": facts, **changes})


def test_the_table_has_a_row_for_each_destination_and_one_for_all() -> None:
    console = Console(width=100, record=True, color_system=None)
    console.print(table(load(), 120.0, 100))
    told = console.export_text()

    assert "12 s  1,302 sent, 1,300 accepted, 1 refused  120/s  forwarder 70 MB" in told
    assert "http: hang" in told
    assert told.splitlines()[2].split()[0] == "destination", "the bar has a line of its own"
    assert "over" not in told.replace("forwarder", "")
    rows = [line.split() for line in told.splitlines() if line.startswith(("http", "thingsboard", "all"))]
    assert [row[:4] for row in rows] == [
        ["http", "1,299", "1,299", "0"],
        ["thingsboard", "1", "0", "1"],
        ["all", "1,300", "1,299", "1"],
    ]
    assert rows[0][-4:] == ["17", "ms", "17", "ms"]


def test_elsewhere_than_on_a_terminal_a_line_is_told_every_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("uplab.scenarios.cli.fleets.live._LINE_EACH_S", 0.0)
    with followed() as look:
        look(load(phase="waiting"))

    told = capsys.readouterr().err
    assert told.startswith("uplab load: 12 s, waiting: 1,302 sent, 1,300 owed, 1,299 delivered, 1 waiting, 0 late")
    assert len(told.splitlines()) == 1
