from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.fake_config import config
from uplab.scenarios.run.gate import Gate, KnownFailing, read_known_failing


def scenario(outcome: str = "passed", *, examined: int = 1, requirements: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"outcome": outcome, "requirements": list(requirements), "verdicts": [{"examined": examined}]}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UPLAB_GATE", "UPLAB_MUST_APPLY", "UPLAB_GATE_CHECKS", "UPLAB_GATE_FAULTS", "UPLAB_KNOWN_FAILING"):
        monkeypatch.delenv(name, raising=False)


def test_gate_is_off_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Gate.from_config(config(), []).on is False
    assert Gate.from_config(config(gate=True), []).on is True
    monkeypatch.setenv("UPLAB_GATE", "1")
    assert Gate.from_config(config(), []).on is True


def test_closed_gate_changes_no_exit_code() -> None:
    assert [Gate(on=False).judge({}, code) for code in (0, 1, 2, 5, 10)] == [0, 1, 2, 5, 10]


@pytest.mark.parametrize("code", [0, 1, 10])
def test_hollow_run_is_red(code: int) -> None:
    gate = Gate(on=True)

    assert gate.judge({}, code) == 1
    assert gate.lines == ["gate: 0 checks examined something, at least 1 are wanted"]


@pytest.mark.parametrize("code", [2, 3, 4, 5])
def test_run_that_is_red_by_itself_stays_what_it_was(code: int) -> None:
    gate = Gate(on=True)

    assert gate.judge({}, code) == code
    assert gate.lines == []


def test_check_that_examined_nothing_does_not_count() -> None:
    gate = Gate(on=True, checks=2)

    assert gate.judge({"a": scenario(), "b": scenario(examined=0)}, 0) == 1
    assert gate.lines == ["gate: 1 checks examined something, at least 2 are wanted"]


def test_enough_checks_leave_the_code_as_it_is() -> None:
    assert Gate(on=True, checks=2).judge({"a": scenario(), "b": scenario()}, 10) == 10


def test_too_few_faults_are_red() -> None:
    gate = Gate(on=True, faults=3)

    assert gate.judge({"a": {**scenario(), "faults": 2}}, 0) == 1
    assert gate.lines == ["gate: 2 faults were delivered, at least 3 are wanted"]
    assert Gate(on=True, faults=2).judge({"a": {**scenario(), "faults": 2}}, 0) == 0


@pytest.mark.parametrize(
    ("outcome", "line"),
    [
        ("not applicable", "gate: HTTP-01 must apply, but is not applicable"),
        ("passed", None),
        ("unknown", None),
    ],
)
def test_requirement_that_must_apply_is_looked_for(outcome: str, line: str | None) -> None:
    gate = Gate(on=True, must_apply=("HTTP-01",))

    code = gate.judge({"a": scenario(outcome, requirements=("HTTP-01",))}, 0)

    assert (code, gate.lines) == ((1, [line]) if line else (0, []))


def test_requirement_that_nothing_proves_does_not_apply() -> None:
    gate = Gate(on=True, must_apply=("HTTP-02",))

    assert gate.judge({"a": scenario(requirements=("HTTP-01",))}, 0) == 1
    assert gate.lines == ["gate: HTTP-02 must apply, but is proven by no scenario of this run"]


def test_requirements_that_must_apply_come_from_both_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPLAB_MUST_APPLY", "HTTP-02,HTTP-03")

    assert Gate.from_config(config(), ["HTTP-01"]).must_apply == ("HTTP-01", "HTTP-02", "HTTP-03")


@pytest.mark.parametrize("text", ["few", "-1", "1.5", "²"])
def test_wrong_number_is_named(text: str) -> None:
    with pytest.raises(pytest.UsageError, match=r"--gate-checks takes a whole number, not "):
        Gate.from_config(config(gate_checks=text), [])


@pytest.mark.parametrize(
    ("listed", "outcomes", "before", "code", "lines"),
    [
        (("a",), {"a": "failed", "b": "passed"}, 1, 0, []),
        ((), {"a": "passed"}, 0, 0, []),
        (("a",), {"a": "failed", "b": "failed"}, 1, 1, []),
        (("a",), {"a": "failed", "b": "unknown"}, 1, 10, []),
        (("a",), {"a": "passed"}, 0, 1, ["known failing: a did not fail: take it off the list"]),
        (("a",), {"a": "not applicable"}, 0, 1, ["known failing: a did not fail: take it off the list"]),
        (("a",), {"a": "unknown"}, 10, 1, ["known failing: a is unknown, which is no failure"]),
        (("a", "c"), {"a": "failed"}, 1, 1, ["known failing: c was not run"]),
        ((), {"a": "passed"}, 1, 1, []),  # something failed outside of every scenario
        (("a",), {}, 2, 2, []),
        (("a",), {}, 5, 5, []),
    ],
)
def test_known_failures_must_fail_exactly(
    listed: tuple[str, ...], outcomes: dict[str, str], before: int, code: int, lines: list[str]
) -> None:
    known = KnownFailing(listed)

    assert known.judge({id_: scenario(outcome) for id_, outcome in outcomes.items()}, before) == code
    assert known.lines == lines


def test_list_has_blank_lines_and_comments(tmp_path: Path) -> None:
    path = tmp_path / "known.txt"
    path.write_text("# since May\n\nhttp/test_a.py::test_b\n  http/test_a.py::test_c[x #1]  \n  # more\n")

    assert read_known_failing(path).ids == ("http/test_a.py::test_b", "http/test_a.py::test_c[x #1]")


def test_list_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(pytest.UsageError, match=r"--known-failing .*nowhere\.txt: No such file or directory$"):
        read_known_failing(tmp_path / "nowhere.txt")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    with pytest.raises(pytest.UsageError, match=r"--known-failing .*bytes: it is no text in UTF-8$"):
        read_known_failing(tmp_path / "bytes")


def test_requirement_that_must_apply_is_checked_wherever_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPLAB_MUST_APPLY", "http-12, dl-04")
    assert Gate.from_config(config(), ["COM-01"]).must_apply == ("COM-01", "HTTP-12", "DL-04")

    monkeypatch.setenv("UPLAB_MUST_APPLY", "HTTP-99")
    with pytest.raises(pytest.UsageError, match="UPLAB_MUST_APPLY: there is no requirement HTTP-99"):
        Gate.from_config(config(), [])


def test_what_no_check_has_read_needs_a_line(tmp_path: Path) -> None:
    file = tmp_path / "unread.txt"
    file.write_text("# the forwarder's own trace\nposthere header x-trace\n")
    gate = Gate.from_config(config(gate=True, gate_unread=str(file)), [])

    unread = ["posthere header x-trace", "thingsboard telemetry mode"]
    assert gate.judge({"a": scenario()}, 0, unread=unread) == 1
    assert gate.lines == ["gate: thingsboard telemetry mode arrived, and no check has read it"]
    assert Gate(on=True).judge({"a": scenario()}, 0, unread=unread) == 0


def test_too_few_kinds_of_bugs_that_are_excluded_are_red() -> None:
    gate = Gate(on=True, checks=0, doubt=50)
    assert gate.judge({}, 0, excluded=49) == 1
    assert gate.lines == ["gate: 49 kinds of bugs are excluded, at least 50 are wanted"]
    assert Gate(on=True, checks=0, doubt=50).judge({}, 0, excluded=50) == 0


def test_conditions_that_must_be_reached_are_asked_for_by_name_in_any_case() -> None:
    gate = Gate.from_config(config(gate=True, must_reach=["fport 0", "late"]), [])
    assert gate.must_reach == ("FPort 0", "late")

    assert gate.judge({"a": scenario()}, 0, never=lambda names: [name for name in names if name == "late"]) == 1
    assert gate.lines == ["gate: the condition 'late' was never met where it is judged"]


def test_condition_that_is_none_is_named_with_the_nearest() -> None:
    with pytest.raises(pytest.UsageError, match="there is no condition 'FPort 00'; did you mean 'FPort 0'"):
        Gate.from_config(config(gate=True, must_reach=["FPort 00"]), [])
