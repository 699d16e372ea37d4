from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest

from tests.reports.sample import NASTY
from uplab.reports.exports.junit import write_junit
from uplab.reports.findings import find
from uplab.reports.run import Run, Unreached

# What both common schemas allow (junit-10.xsd of Jenkins, JUnit.xsd of Ant), and the properties of a test case.
_ALLOWED: dict[str, tuple[set[str], set[str]]] = {
    "testsuites": (set(), {"testsuite"}),
    "testsuite": (
        {"id", "name", "package", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname"},
        {"properties", "testcase", "system-out", "system-err"},
    ),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": ({"name", "classname", "time"}, {"properties", "failure", "error", "skipped"}),
    "failure": ({"type", "message"}, set()),
    "error": ({"type", "message"}, set()),
    "skipped": ({"message"}, set()),
    "system-out": (set(), set()),
    "system-err": (set(), set()),
}


def _written(run: Run, tmp_path: Path) -> Element:
    write_junit(find(run), tmp_path / "junit.xml")
    return fromstring((tmp_path / "junit.xml").read_bytes())  # noqa: S314 - our own file


@pytest.fixture(scope="module")
def root(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Element:
    return _written(run, tmp_path_factory.mktemp("junit"))


def _case(root: Element, name: str) -> Element:
    return next(case for case in root.iter("testcase") if case.get("name") == name)


def test_only_what_both_schemas_allow_is_written(root: Element) -> None:
    for element in root.iter():
        attributes, children = _ALLOWED[element.tag]
        assert set(element.attrib) <= attributes
        assert {child.tag for child in element} <= children


def test_each_suite_begins_with_its_properties(root: Element) -> None:
    for suite in root:
        assert [child.tag for child in suite if child.tag != "testcase"] == ["properties", "system-out", "system-err"]
        assert suite[0].tag == "properties"


def test_counts_agree_with_the_cases(root: Element) -> None:
    for suite in root:
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(attribute, "")) == len(suite.findall(f"testcase/{tag}"))
        assert int(suite.get("tests", "")) == len(suite.findall("testcase"))
    assert sum(int(suite.get("tests", "")) for suite in root) == 30


def test_failed_is_a_failure_with_the_whole_text(root: Element) -> None:
    failure = _case(root, "test_accepted_uplinks_survive_kill_and_restart").find("failure")

    assert failure is not None
    assert failure.get("message", "").startswith("1 of 3 accepted uplinks lost: u2")
    assert "promised: each uplink" in (failure.text or "")
    assert "requirements: COM-18" in (failure.text or "")


def test_unknown_is_an_error_of_its_own_type(root: Element) -> None:
    error = _case(root, "test_certificate_of_an_unknown_authority_is_refused").find("error")

    assert error is not None
    assert error.get("type") == "unknown"
    assert "was never delivered" in (error.text or "")


def test_not_applicable_is_skipped_with_its_reason(root: Element) -> None:
    skipped = _case(root, "test_reconnect_attempts_follow_the_calm_table").find("skipped")

    assert skipped is not None
    assert skipped.get("message") == "the forwarder runs elsewhere: its time cannot be scaled"


def test_suite_says_with_what_it_was_run(root: Element) -> None:
    properties = {element.get("name"): element.get("value") for element in root[0].findall("properties/property")}

    assert properties["seed"] == "7"


def test_case_says_what_it_proves_and_why_it_went_wrong(root: Element, run: Run) -> None:
    def properties(name: str) -> list[tuple[str | None, str | None]]:
        return [(p.get("name"), p.get("value")) for p in _case(root, name).findall("properties/property")]

    broken = "test_configured_headers_arrive_with_exactly_their_values"
    cause = find(run).cause_ids[next(one.id for one in run.scenarios if one.name == broken)]
    assert properties(broken) == [
        ("requirement", "HTTP-05"),
        ("requirement", "HTTP-06"),
        ("clause", "HTTP-05"),
        ("cause", cause),
    ]
    passed = run.of("passed")[0]
    assert properties(passed.name) == [("requirement", id_) for id_ in passed.requirements]


def test_forbidden_characters_are_stripped(run: Run, tmp_path: Path) -> None:
    hostile = replace(run.of("failed")[0], suite=NASTY, id=f"f.py::{NASTY}", message=NASTY, reason=NASTY, verdicts=())

    root = _written(replace(run, scenarios=(hostile,)), tmp_path)

    failure = root.find("testsuite/testcase/failure")
    assert failure is not None
    assert "<script>alert('x')</script>" in (failure.text or "")
    assert "\x1b" not in (failure.text or "")
    assert "[31mred" in (failure.text or "")


def test_odd_start_time_still_makes_a_valid_file(run: Run, tmp_path: Path) -> None:
    assert _written(replace(run, started="yesterday"), tmp_path)[0].get("timestamp") == "1970-01-01T00:00:00"


def test_what_was_not_reached_is_skipped_and_says_so(run: Run, tmp_path: Path) -> None:
    later = (Unreached("http/test_a.py::test_b[x]", "b", "http", ()), Unreached("new/t.py::test_c", "c", "new", ()))

    root = _written(replace(run, unreached=later), tmp_path)

    case = _case(root, "test_b[x]")
    assert case.get("classname") == "http.test_a"
    assert [child.get("message") for child in case] == ["not reached: the run ended before it"]
    assert [(s.get("tests"), s.get("skipped")) for s in root if s.get("name") == "new"] == [("1", "1")]
    for suite in root:
        assert int(suite.get("skipped", "")) == len(suite.findall("testcase/skipped"))


def test_what_broke_the_run_as_a_whole_is_a_suite_of_its_own(run: Run, tmp_path: Path) -> None:
    invented = replace(run.scenarios[0].verdicts[0], check="none invented", outcome="failed", happened="one came")

    root = _written(replace(run, broken=(invented,)), tmp_path)

    test_only_what_both_schemas_allow_is_written(root)
    test_each_suite_begins_with_its_properties(root)
    assert [(s.get("name"), s.get("tests"), s.get("failures")) for s in root][-1] == ("the whole run", "1", "1")
    [failure] = _case(root, "none invented")
    assert (failure.tag, failure.get("message")) == ("failure", "one came")
