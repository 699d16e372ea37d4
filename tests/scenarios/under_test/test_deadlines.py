"""The deadlines: one table in CONTRACT.md and in the code, and a profile that may change each."""

import re
from pathlib import Path

from tests.scenarios.suite_runs import run_suite, write_suite
from uplab.scenarios.under_test.deadlines import Deadlines
from uplab.scenarios.under_test.profile import load_profile

CONTRACT = Path(__file__).parents[3] / "scenarios" / "CONTRACT.md"

# A forwarder that is slow to open, and a suite that waits for it as every scenario does.
SUITE = """
    def test_it_opens_late(lab):
        shown = iter([False] * 5 + [True])
        lab.poll(lambda: next(shown), bool, awaited="it opens", timeout_s=lab.deadlines.state_s)

    def test_it_never_opens(lab):
        lab.poll(lambda: 0, bool, awaited="it opens", timeout_s=lab.deadlines.state_s)

    def test_what_has_no_deadline_of_its_own(lab):
        lab.poll(lambda: 0, bool, awaited="an event")

    def test_whole_scenario(lab):
        import threading
        threading.Event().wait(60)
"""
PROFILE = """
name = "mine"
[features]
api = true
[deadlines]
state_s = 0.75
shown_s = 0.5
scenario_s = 20
"""


def test_contract_shows_the_same_table() -> None:
    rows = re.findall(r"^\| `(\w+_s)` \| (\d+) \| (.+) \|$", CONTRACT.read_text(encoding="utf-8"), re.MULTILINE)

    fields = Deadlines.model_fields
    assert rows == [(name, f"{field.default:g}", field.description) for name, field in fields.items()]


def test_each_deadline_names_its_source() -> None:
    sources = ("Chosen", "COM-", "Section ")
    assert [n for n, f in Deadlines.model_fields.items() if not any(s in str(f.description) for s in sources)] == []


def test_profile_without_deadlines_has_those_of_the_documents(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('name = "mine"\n[deadlines]\ndelivery_s = 90\n')

    found = load_profile(path).deadlines

    assert (found.delivery_s, found.opening_s, found.isolation_s) == (90, 60, 1)


def test_scenarios_wait_as_long_as_the_profile_says(tmp_path: Path) -> None:
    folder = write_suite(tmp_path, test_slow=SUITE)
    (folder / "mine.toml").write_text(PROFILE)

    ended = run_suite(folder, "--forwarder-profile", str(folder / "mine.toml"))

    assert ended.outcomes["it opens late"] == "passed"
    assert "after 0.75 s: 0" in ended.scenario("it never opens")["message"]
    assert "after 0.5 s: 0" in ended.scenario("what has no deadline of its own")["message"]
    assert ended.outcomes["whole scenario"] == "unknown", "whose time it was, nothing on the wire says"
    assert "20.0s) from pytest-timeout" in str(ended.scenario("whole scenario"))
