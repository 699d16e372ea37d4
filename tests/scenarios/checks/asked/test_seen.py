"""What a scenario has seen: judged from the line that says it, then and again from what was stored."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from uplab.scenarios.bundles.recheck import judge_again
from uplab.scenarios.checks.asked.seen import Seen, Stepped, as_json
from uplab.scenarios.checks.check import Check, judged_alone
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.history import History, read_history
from uplab.scenarios.history.identity import Ledger
from uplab.scenarios.history.secrets import Secrets
from uplab.scenarios.under_test import hops


def told(history: History, seen: Any) -> int:
    """The number of the line that says what was seen at Widgelix."""
    said = hops.scenario_saw(place="Widgelix", what="it is right", told="as it was", raw=as_json(seen))
    return history.tell(*said)


def asked(seen: Any, wanted: dict[str, Any]) -> Verdict:
    """What the check says of it."""
    history = History(Ledger())
    check = Seen("it is right", told(history, seen), wanted)
    return judged_alone(history.events, check)


@pytest.mark.parametrize(
    ("seen", "wanted", "outcome"),
    [
        ([21.5, -3.4], {"is": [21.5, -3.4]}, "passed"),
        ((21.5, -3.4), {"is": (21.5, -3.4)}, "passed"),
        ([21.5], {"is": [21.5, -3.4]}, "failed"),
        ({"b", "a"}, {"is": {"a", "b"}}, "passed"),
        (1, {"is": True}, "failed"),
        ([0.1 + 0.2], {"near": [0.3]}, "passed"),
        ([0.31], {"near": [0.3]}, "failed"),
        ({"payload": 1}, {"lacks": "payload"}, "failed"),
        ({"payload": 1}, {"holds": "payload"}, "passed"),
        ("the field blamePeriod", {"holds": "blamePeriod"}, "passed"),
        (None, {"holds": "x"}, "failed"),
        ([], {"empty": True}, "passed"),
        ([0], {"empty": True}, "failed"),
        ("", {"empty": False}, "failed"),
        (404, {"least": 400, "below": 500}, "passed"),
        (500, {"least": 400, "below": 500}, "failed"),
        (None, {"least": 1}, "failed"),
        ({"lastHour": {"uplinks": 2}}, {"/lastHour/uplinks": {"is": 2}}, "passed"),
        ({"lastHour": {"uplinks": 2}}, {"/lastHour/uplinks": {"above": 2}}, "failed"),
        (datetime(2026, 1, 1, tzinfo=UTC), {"is": datetime(2026, 1, 1, tzinfo=UTC)}, "passed"),
        (2**70, {"is": 2**70}, "passed"),
        (2**70, {"is": 2**70 + 1}, "failed"),
    ],
)
def test_words(seen: Any, wanted: dict[str, Any], outcome: str) -> None:
    verdict = asked(seen, wanted)

    told, _, meant = verdict.happened.partition(", expected ")
    assert (verdict.outcome, verdict.check, told) == (outcome, "seen", "as it was")
    assert bool(meant) == (outcome == "failed")
    assert verdict.hop == (None if outcome == "passed" else "Widgelix")


def test_strange_word_is_an_error_of_the_harness() -> None:
    assert asked(1, {"looks like": 1}).outcome == "error"


def test_line_that_is_not_there_says_nothing() -> None:
    assert judged_alone(History(Ledger()).events, Seen("it is right", 7, {"is": 1})).outcome == "unknown"


def test_step_that_could_not_be_taken_is_the_pages() -> None:
    history = History(Ledger())
    lines = [
        history.tell(*hops.page_step(page="/x", step="Create", done=cause is None, cause=cause, picture=None))
        for cause in (None, "there is no button")
    ]

    taken, missed = (judged_alone(history.events, Stepped("Create", line)) for line in lines)

    assert (taken.outcome, taken.hop) == ("passed", None)
    assert (missed.outcome, missed.hop, missed.happened) == ("failed", "page", "there is no button")


def test_stored_line_is_judged_again_with_its_secrets_hidden(tmp_path: Path) -> None:
    key = Secrets(1).hex("key")
    history = History(Ledger())
    with history.scenario(tmp_path / "history.jsonl"):
        line = told(history, {"key": key})
        checks: list[Check] = [Seen("the key is shown", line, {"/key": {"is": key}})]
        checks += [Seen("the key is in it", line, {"has": key})]
        first = [judged_alone(history.events, check) for check in checks]
    stored = list(read_history(tmp_path / "history.jsonl"))

    assert key.encode() not in (tmp_path / "history.jsonl").read_bytes()
    for verdict in first:
        assert verdict.question is not None
        assert (verdict.outcome, judge_again(verdict.question, stored).outcome) == ("passed", "passed")
