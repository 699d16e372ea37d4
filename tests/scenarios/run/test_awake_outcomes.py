"""One run with every outcome, once in one process and once with two workers: what it records, hides and shows."""

from __future__ import annotations

import json

import pytest

from tests.scenarios.suite_runs import Ended, read_allure, run_suite, write_suite

FOREIGN = 'my "own" key'  # with what JSON writes as an escape

# Every outcome once, with and without a lab, and a scenario that does all it can to show a secret.
FOUR = """
    import pytest
    from uplab.scenarios.history.secrets import Secrets
    from uplab.scenarios.checks.verdict import CheckUnknown

    @pytest.mark.smoke
    @pytest.mark.requirement("HTTP-01", "HTTP-12")
    def test_kept(lab):
        '''What was promised is kept.'''
        lab.expect("one is one", True, f"seed {lab.seed}")

    @pytest.mark.requirement("HTTP-02")
    def test_broken(lab):
        lab.expect("one is two", False, "1 is not 2", advice="count again")

    def test_unclear(lab):
        raise CheckUnknown("nothing was seen")

    @pytest.mark.needs("pages")
    @pytest.mark.needs("thingsboard", "pages")
    @pytest.mark.requirement("TB-01")
    def test_not_offered(lab):
        assert False

    @pytest.mark.parametrize("word", ["a/b"])
    def test_leaks(lab, word):
        secret = lab.secrets.hex("a token")
        print("printed", secret, lab.as_key)
        asked = {"method": "GET", "path": f"/{secret}", "raw": secret.encode()}
        lab.history.emit("api.asked", asked)
        from uplab.scenarios.checks.verdict import Verdict
        lab.verdicts.append(Verdict("leak", "passed", 1, secret, lab.as_key))
        assert [secret, lab.as_key] == ["other"], secret
"""
# Another tool that writes down what it is told of each scenario.
SPY = """
    def pytest_runtest_logreport(report):
        with open("spied.txt", "a") as file:
            file.write(repr((report.longrepr, report.sections, report.user_properties)))
"""
PROFILE = """
name = "mine"
[features]
api = true
flows = true
http = true
states = true
"""


@pytest.fixture(scope="module", params=["one process", "two workers"])
def four(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """A run with every outcome."""
    folder = write_suite(tmp_path_factory.mktemp("four"), alpha__test_four=FOUR, conftest=SPY)
    (folder / "mine.toml").write_text(PROFILE)
    arguments = ["--forwarder-profile", str(folder / "mine.toml"), "--tb=long", "-o", "addopts=-rA"]
    arguments += ["--import-mode=importlib", "--junitxml", str(folder / "own.xml"), "-p", "no:cacheprovider"]
    mode = ["-n", "2"] if request.param == "two workers" else ["--seed", "7"]
    return run_suite(folder, *arguments, *mode, UPLAB_AS_KEY=FOREIGN)


def test_four_outcomes_are_told_apart(four: Ended) -> None:
    assert four.outcomes == {
        "kept": "passed",
        "broken": "failed",
        "unclear": "unknown",
        "not offered": "not applicable",
        "leaks[a/b]": "failed",
    }
    assert four.code == four.record["exit_code"] == 1


def test_run_is_recorded_once_with_its_seed(four: Ended) -> None:
    record = four.record
    (folder,) = [path for path in four.folder.parent.iterdir() if path.is_dir() and path.name != "latest"]
    assert folder.name.endswith(f"-{record['seed']}")
    assert four.folder.resolve() == folder
    assert four.scenario("kept")["verdicts"][0]["happened"] == f"seed {record['seed']}"  # the worker had the same
    assert (record["forwarder"]["name"], record["forwarder"]["profile"]) == ("mine", "mine")
    assert record["requirements"][0].keys() == {"id", "document", "source", "subject", "text", "clauses"}
    assert four.out.splitlines()[0].startswith(f"uplab: seed {record['seed']}, forwarder mine")


def test_passed_scenario_is_recorded_whole(four: Ended) -> None:
    kept = four.scenario("kept")

    assert kept["id"] == "alpha/test_four.py::test_kept"
    assert (kept["suite"], kept["requirements"]) == ("alpha", ["HTTP-01", "HTTP-12"])
    assert kept["promise"] == "What was promised is kept."
    assert (kept["reason"], kept["message"]) == (None, None)
    assert [(v["check"], v["outcome"], v["examined"]) for v in kept["verdicts"]] == [("promise", "passed", 1)]
    assert 0 < kept["duration_s"] <= kept["ended_s"] < 60


def test_failed_scenario_tells_its_promise(four: Ended) -> None:
    broken = four.scenario("broken")

    assert broken["message"].splitlines()[1:3] == ["  promised: one is two", "  happened: 1 is not 2"]
    assert [(v["outcome"], v["hop"], v["advice"]) for v in broken["verdicts"]] == [
        ("failed", "forwarder", "count again")
    ]
    assert "one is two" in four.out


def test_unknown_and_not_applicable_tell_why(four: Ended) -> None:
    assert four.scenario("unclear")["reason"] == "nothing was seen"
    assert four.scenario("not offered")["reason"] == "the profile mine does not declare pages, thingsboard"
    assert "the profile mine does not declare pages, thingsboard" in " ".join(four.out.split())


def test_each_scenario_has_its_own_history(four: Ended) -> None:
    histories = {s["title"]: s["history"] for s in four.record["scenarios"]}

    assert histories.pop("not offered") is None
    assert len(set(histories.values())) == len(histories)
    assert all((four.folder / name).exists() for name in histories.values())
    assert b'"api.asked"' in (four.folder / histories["leaks[a/b]"]).read_bytes()


def test_allure_links_the_history_that_is_stored_once(four: Ended) -> None:
    results = four.folder / "allure-results"
    kept = read_allure(results)["kept"]

    [link] = [one for one in kept["links"] if one["name"] == "history"]
    assert (results / link["url"]).resolve() == (four.folder / four.scenario("kept")["history"]).resolve()
    assert not list(results.glob("*.jsonl"))


def test_worker_of_each_scenario_is_named(four: Ended) -> None:
    workers = {s["worker"] for s in four.record["scenarios"]}
    logs = {path.stem for path in (four.folder / "logs").glob("*.log")}

    assert workers == {"main"} or workers <= {"gw0", "gw1"}
    assert logs <= {f"forwarder-{worker}" for worker in workers | {"gw0", "gw1"}}
    assert logs


def test_no_secret_is_in_any_file_or_on_the_screen(four: Ended) -> None:
    escaped = json.dumps(FOREIGN)[1:-1]
    files = [path for path in four.folder.rglob("*") if path.is_file()]
    files += [four.folder.parent.parent / name for name in ("own.xml", "spied.txt")]
    assert len(files) > 15
    for path in files:
        raw = path.read_bytes()
        assert b"5ec0de5a" not in raw.lower(), path
        assert not [form for form in (FOREIGN, escaped) if form.encode() in raw], path
    assert "5ec0de5a" not in four.out + four.err
    assert FOREIGN not in four.out + four.err
    # And what was hidden had been there: in the message, the verdict, the output, the history.
    assert b"SECRET-" in (four.folder / four.scenario("leaks[a/b]")["history"]).read_bytes()
    assert "SECRET-" in four.scenario("leaks[a/b]")["verdicts"][0]["promised"]
    assert "printed SECRET-" in four.out


def test_allure_shows_the_same_outcomes(four: Ended) -> None:
    results = read_allure(four.folder / "allure-results")

    assert {name: result["status"] for name, result in results.items()} == {
        "kept": "passed",
        "broken": "failed",
        "unclear": "broken",
        "not offered": "skipped",
        "leaks[a/b]": "failed",
    }
    assert "nothing was seen" in results["unclear"]["statusDetails"]["message"]
    assert "does not declare pages, thingsboard" in results["not offered"]["statusDetails"]["message"]
    assert "promise: 1 is not 2" in results["broken"]["statusDetails"]["message"]


def test_allure_knows_suite_requirements_and_promise(four: Ended) -> None:
    results = read_allure(four.folder / "allure-results")
    kept = results["kept"]
    labels = [(label["name"], label["value"]) for label in kept["labels"]]

    assert [value for name, value in labels if name == "tag"] == ["HTTP-01", "HTTP-12", "smoke"]
    assert [value for name, value in labels if name in ("parentSuite", "suite", "subSuite")] == [
        "uplab",
        "alpha",
        "test_four",
    ]
    assert kept["description"] == "What was promised is kept."
    assert ("tag", "TB-01") in [(label["name"], label["value"]) for label in results["not offered"]["labels"]]


def test_junit_and_page_are_written(four: Ended) -> None:
    assert (four.folder / "junit.xml").read_text().count("<testcase ") == 5
    page = (four.folder / "report.html").read_text()
    assert not [title for title in four.outcomes if title not in page]
