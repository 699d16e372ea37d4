import re
from pathlib import Path
from typing import Any

from uplab.reports.load.page import write_load
from uplab.scenarios.load.judging.judge import Judge
from uplab.scenarios.load.judging.series import Series
from uplab.scenarios.load.judging.under_way import Arrival
from uplab.scenarios.load.result import judged_alone

PLACES = [("http-1", "http"), ("thingsboard-1", "thingsboard")]


def page(tmp_path: Path, judge: Judge, **more: Any) -> str:
    path = tmp_path / "report.html"
    write_load(judged_alone(judge, (), **more), path)
    return path.read_text(encoding="utf-8")


def played() -> Judge:
    judge = Judge(PLACES, {"A": [0]}, series=Series(0, ["http", "thingsboard"]), late_after_us=1)
    judge.posted("A", "u", 1, 1_000, "d", 1_000_000, "accepted")
    judge.arrived(Arrival(0, "A", "u", 1, 1_000, "d", 1_500_000, 1_500_100, True))
    judge.posted("A", "u", 2, 2_000, "d", 2_000_000, "accepted")
    judge.unreadable(0, 3_000_000, "<script>alert(1)</script>")
    judge.series.at(2_000_000).memory_bytes = 50_000_000
    judge.finish()
    return judge


def test_it_shows_verdict_plots_and_what_was_lost(tmp_path: Path) -> None:
    text = page(tmp_path, played(), bands=[{"begins_s": 1.0, "ends_s": None, "words": "http: down"}])

    assert ">1 lost, 1 invented" in text
    titles = re.findall(r"<figcaption>([^<]+)", text)
    assert [title.strip().partition(",")[0] for title in titles] == [
        "Uplinks a second",
        "Latency",
        "How long they took",
        "Memory of the forwarder",
    ]
    assert "1 s to the end: http: down" in text
    assert "A, FCntUp 2" in text


def test_nothing_in_it_runs_or_is_loaded(tmp_path: Path) -> None:
    text = page(tmp_path, played())

    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "default-src 'none'" in text
    assert not re.search(r"(?:src|href)=", text)


def test_a_load_without_anything_has_a_page_too(tmp_path: Path) -> None:
    judge = Judge(PLACES, {}, series=Series(0, ["http", "thingsboard"]), late_after_us=1)

    assert "nothing was accepted" in page(tmp_path, judge)
