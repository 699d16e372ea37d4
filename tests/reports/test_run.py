import base64
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.reports.sample import make_run
from uplab.reports.run import ReportError, Run, Unreached, read_lines, read_run
from uplab.reports.text import RAW_LIMIT

ANSWERED = {"attempt": 1, "outcome": "accepted", "status": 202, "reason": ""}
LINE = {"seq": 1, "monotonic_s": 2.5, "wall": "w", "hop": "tunnel.answered", "id": "u1", "facts": ANSWERED}


def test_stored_run_is_read_whole(run: Run) -> None:
    assert (run.seed, run.forwarder.name, run.exit_code, len(run.scenarios)) == (7, "reference", 1, 30)
    assert {outcome: len(run.of(outcome)) for outcome in ("failed", "unknown", "not applicable")} == {
        "failed": 4,
        "unknown": 2,
        "not applicable": 2,
    }


def test_suites_keep_the_order_of_the_run(run: Run) -> None:
    assert list(run.suites()) == ["http", "widgelix", "thingsboard", "common", "downlink", "faults", "load"]


def test_complaints_leave_the_passes_out(run: Run) -> None:
    scenario = next(s for s in run.scenarios if s.name == "test_configured_headers_arrive_with_exactly_their_values")

    assert [verdict.check for verdict in scenario.complaints] == ["right headers"]
    assert scenario.examined == 6


def test_missing_run_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"run\.json does not exist: is .* the folder of a run\?$"):
        read_run(tmp_path)


def _drop(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda run: run.pop(name)


def _put(index: int, name: str, value: object) -> Callable[[dict[str, Any]], None]:
    return lambda run: run["scenarios"][index].update({name: value})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_drop("seed"), "run.json: seed is missing"),
        (lambda run: run.update(seed="7"), "run.json: seed must be a whole number, not str"),
        (lambda run: run.update(seed=True), "run.json: seed must be a whole number, not bool"),
        (lambda run: run.update(forwarder=[]), "run.json: forwarder must be an object, not list"),
        (_put(3, "outcome", "green"), "run.json: scenarios[3]: outcome must be one of"),
        (_put(3, "requirements", [1]), "run.json: scenarios[3]: requirements must be a list of texts"),
        (_put(0, "verdicts", [{"check": "none lost"}]), "run.json: scenarios[0]: verdicts[0]: requirement"),
        (lambda run: run.update(scenarios=[7]), "run.json: scenarios[0]: an object was expected, not int"),
    ],
)
def test_broken_field_is_named(tmp_path: Path, change: Callable[[dict[str, Any]], None], message: str) -> None:
    make_run(tmp_path, change=change)

    with pytest.raises(ReportError) as caught:
        read_run(tmp_path)

    assert message.removesuffix(": requirement") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_broken_json_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"seed": ')

    with pytest.raises(ReportError, match=r"run\.json is no JSON: "):
        read_run(tmp_path)


def test_optional_fields_may_be_there_or_not(tmp_path: Path) -> None:
    make_run(tmp_path, change=lambda run: run.update(commit="2b81a38", gate=["gate: too little"], repeat="make run"))
    assert (read_run(tmp_path).commit, read_run(tmp_path).gate) == ("2b81a38", ("gate: too little",))

    make_run(tmp_path)
    assert (read_run(tmp_path).commit, read_run(tmp_path).gate) == (None, ())
    assert read_run(tmp_path).unreached == ()


def test_scenario_may_tell_its_place_and_its_promise(tmp_path: Path) -> None:
    def tell(run: dict[str, Any]) -> None:
        run["scenarios"][0].update(promise="All of it.", path="mine/test_x.py", line=24)
        run["not_reached"] = [{"id": "a.py::test_b", "title": "b", "suite": "a", "requirements": ["HTTP-01"]}]

    make_run(tmp_path, change=tell)

    run = read_run(tmp_path)
    told, silent = run.scenarios[:2]
    assert (told.promise, told.path, told.line) == ("All of it.", "mine/test_x.py", 24)
    assert told.typed == f"mine/test_x.py::{told.name}"
    assert (silent.promise, silent.path, silent.line, silent.typed) == (None, None, None, silent.id)
    assert run.unreached_suites() == {"a": (Unreached("a.py::test_b", "b", "a", ("HTTP-01",)),)}


@pytest.mark.parametrize(
    ("outcome", "message", "why"),
    [
        ("failed", None, None),
        ("unknown", None, "the lab was late"),
        ("unknown", "unknown: the lab was late by 1 s", None),
        ("not applicable", None, "the lab was late"),
    ],
)
def test_reason_is_told_once(run: Run, outcome: str, message: str | None, why: str | None) -> None:
    scenario = replace(run.of("failed")[0], outcome=outcome, message=message, reason="the lab was late")

    assert scenario.why == why


def test_fields_of_a_newer_run_are_ignored(tmp_path: Path) -> None:
    make_run(tmp_path, change=lambda run: run.update(newer={"than": "this"}))

    assert read_run(tmp_path).seed == 7


def _history(folder: Path, *lines: object) -> Path:
    (folder / "h.jsonl").write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    return folder


def test_lines_are_read_with_their_bytes(tmp_path: Path) -> None:
    binary = {"base64": "AP8="}
    told: list[dict[str, Any]] = [{"raw": "täxt"}, {"raw": binary}, {}, {"id": None}]
    folder = _history(tmp_path, *(LINE | {"seq": seq} | more for seq, more in enumerate(told)))

    read = list(read_lines(folder, "h.jsonl"))

    assert [(line.raw, line.raw_size) for line in read] == [("täxt", 5), ("00 ff", 2), (None, 0), (None, 0)]
    assert [line.ids for line in read] == [("u1",), ("u1",), ("u1",), ()]


def test_text_inside_of_a_packet_can_be_read(tmp_path: Path) -> None:
    packet = b"2J\x00\x12v1/gateway/connect\x00\x02" + b'{"device":"02E4"}\xff'
    folder = _history(tmp_path, LINE | {"raw": {"base64": base64.b64encode(packet).decode()}})

    assert next(read_lines(folder, "h.jsonl")).raw == '2J\\x00\\x12v1/gateway/connect\\x00\\x02{"device":"02E4"}\\xff'


def test_huge_binary_bodies_say_what_is_missing(tmp_path: Path) -> None:
    folder = _history(tmp_path, LINE | {"raw": {"base64": base64.b64encode(b"\x00" * 10_000).decode()}})

    assert (next(read_lines(folder, "h.jsonl")).raw or "").endswith("00 … (9,744 more bytes)")


def test_line_of_several_documents_keeps_all_ids(tmp_path: Path) -> None:
    folder = _history(tmp_path, LINE | {"id": None, "ids": ["u1", "u2"]})

    assert next(read_lines(folder, "h.jsonl")).ids == ("u1", "u2")


def test_huge_bodies_are_kept_as_previews(tmp_path: Path) -> None:
    folder = _history(tmp_path, LINE | {"raw": "x" * 10_000_000})

    line = next(read_lines(folder, "h.jsonl"))

    assert len(line.raw or "") < RAW_LIMIT + 100
    assert line.raw_size == 10_000_000


def test_broken_line_is_named_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "history").mkdir()
    (tmp_path / "history" / "h.jsonl").write_bytes(orjson.dumps(LINE) + b'\n{"seq": 1, "mono')

    with pytest.raises(ReportError, match=r"^history/h\.jsonl, line 2: no JSON"):
        list(read_lines(tmp_path, "history/h.jsonl"))


def test_lines_are_read_by_the_format_of_their_run(tmp_path: Path) -> None:
    old = {"fake": "thingsboard", "session": 1, "exchange": 1, "kind": "PUBACK"}
    folder = _history(tmp_path, LINE | {"hop": "destination.acknowledged", "facts": old})

    assert next(read_lines(folder, "h.jsonl", 1)).facts == old
    with pytest.raises(ReportError, match="code is missing"):
        list(read_lines(folder, "h.jsonl"))


def test_run_of_a_newer_format_is_refused(tmp_path: Path) -> None:
    make_run(tmp_path, change=lambda run: run.update(format=99))

    with pytest.raises(ReportError, match=r"^run\.json: it is of format 99, and this uplab reads formats up to"):
        read_run(tmp_path)


def test_run_without_a_number_is_of_the_first_format(tmp_path: Path) -> None:
    make_run(tmp_path, change=lambda run: run.pop("format"))

    assert read_run(tmp_path).format == 1


def test_missing_history_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"history/none\.jsonl cannot be read: No such file"):
        list(read_lines(tmp_path, "history/none.jsonl"))


def test_history_outside_of_the_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="outside of the run's folder"):
        list(read_lines(tmp_path, "../../etc/passwd"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("worker", "../../../../etc/passwd"),
        ("worker", ""),
        ("history", "../../told.jsonl"),
        ("history", "/etc/passwd"),
        ("history", "history/../../told.jsonl"),
        ("history", "history/a\x00.jsonl"),
    ],
)
def test_name_that_would_lead_out_of_the_folder_is_refused(tmp_path: Path, name: str, value: str) -> None:
    make_run(tmp_path, change=lambda run: run["scenarios"][0].update({name: value}))

    with pytest.raises(ReportError, match=rf"{name} must be a plain name"):
        read_run(tmp_path)
