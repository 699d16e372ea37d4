"""Whole runs in which a forwarder shows a secret of the user, and in which the secret is none."""

from __future__ import annotations

import pytest

from tests.scenarios.suite_runs import Ended, run_suite, write_suite

KEY = "Qz8-the-tunnel-key"
SUITE = """
import pytest

KEY = "Qz8-the-tunnel-key"

def answer(lab, text):
    lab.history.emit(
        "api.answered", {"method": "GET", "path": "/connections", "status": 404, "headers": [], "raw": text.encode()}
    )
    lab.expect("it is judged", True, "it is")

def test_leaks(lab):
    answer(lab, f"no such thing, {lab.as_key}")

def test_is_about_words(lab):
    lab.expect("the test of uplab is shown", True, "test uplab TEST")
    answer(lab, "test uplab")

@pytest.mark.parametrize("key", [KEY], ids=[KEY])
def test_is_named_by_it(lab, key):
    lab.expect("it is judged", False, "it is not")

def test_breaks_over_lines(lab):
    raise SystemError(KEY[:6] + "\\n" + KEY[6:])

def test_compares(record_property):
    record_property("said", KEY)
    print(KEY)
    assert {"key": KEY} == {"key": "x"}
"""


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    words = {"UPLAB_FORWARDER_TOKEN": "test", "UPLAB_FORWARDER_OAUTH_URL": "http://me:forwarder@127.0.0.1:9/token"}
    return run_suite(write_suite(tmp_path_factory.mktemp("shown"), test_it=SUITE), UPLAB_AS_KEY=KEY, **words)


def test_answer_that_shows_a_secret_fails_its_scenario(ended: Ended) -> None:
    assert {title: ended.outcomes[title] for title in ("leaks", "is about words")} == {
        "leaks": "failed",
        "is about words": "passed",
    }
    verdict = ended.scenario("leaks")["verdicts"][-1]
    assert (verdict["requirement"], verdict["outcome"], verdict["hop"]) == ("COM-21", "failed", "forwarder")
    assert verdict["happened"] == "the tunnel key stands in the answer 404 to GET /connections"
    assert KEY not in ended.out + ended.err


def test_secret_that_is_a_word_is_said_once_and_then_left_alone(ended: Ended) -> None:
    said = [line for line in ended.out.splitlines() if "neither hidden" in line]
    assert [line.split(": ")[1] for line in said] == [
        "the API token has fewer than 8 characters",
        "the password in UPLAB_FORWARDER_OAUTH_URL is a word that uplab itself writes",
    ]
    words = ended.scenario("is about words")["verdicts"][0]
    assert (words["promised"], words["happened"]) == ("the test of uplab is shown", "test uplab TEST")


def test_nothing_that_a_run_leaves_holds_the_secret(ended: Ended) -> None:
    files = [path for path in ended.folder.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []
    assert [path for path in files if KEY in str(path)] == []
    told = b"".join(path.read_bytes() for path in files) + (ended.out + ended.err).encode()
    assert KEY[:6].encode() not in told


def test_scenario_that_is_named_by_a_secret_keeps_its_history_and_its_bundle(ended: Ended) -> None:
    (named,) = [one for one in ended.record["scenarios"] if one["title"].startswith("is named by it")]
    assert KEY not in named["title"]
    assert (ended.folder / named["history"]).is_file()
    assert len(list((ended.folder / "bundles").iterdir())) == 2
