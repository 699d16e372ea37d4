"""junit.xml: the verdicts for continuous integration servers.

Each test case has its requirements, and the id of the cause where it went wrong, as properties of its own, as pytest
does it. But for those the file is valid by both schemas in use, that of Jenkins' xUnit plugin and the older one of Ant.
"""

import socket
from datetime import datetime
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from uplab.reports.findings import Findings
from uplab.reports.headline import repeat_command
from uplab.reports.run import Deviation, Run, Scenario, Unreached
from uplab.reports.text import shorten, xml_safe

__all__ = ["write_junit"]

_TEXT = 100_000  # characters of one failure's text


def write_junit(found: Findings, path: Path) -> None:
    """Writes one test suite for each suite of the run.

    What breaks a standing invariant, and has no scenario for its cause, makes a suite of its own.

    Failed is a failure; error and unknown are errors, because nothing was proven and the build must not be green; not
    applicable and not reached are skipped, with their reason.
    """
    root = Element("testsuites")
    run = found.run
    suites, unreached = run.suites(), run.unreached_suites()
    for number, suite in enumerate(dict.fromkeys((*suites, *unreached))):
        root.append(_suite(found, number, suite, suites.get(suite, ()), unreached.get(suite, ())))
    if run.broken:
        root.append(_whole_run(run, len(root)))
    tree = ElementTree(root)
    indent(tree)
    tree.write(path, encoding="utf-8", xml_declaration=True)


def _suite(
    found: Findings, number: int, name: str, scenarios: tuple[Scenario, ...], unreached: tuple[Unreached, ...]
) -> Element:
    run, why, deviations = found.run, found.cause_ids, found.deviations
    outcomes = [scenario.outcome for scenario in scenarios]
    suite = Element(
        "testsuite",
        id=str(number),
        name=_token(name),
        package="uplab",
        tests=str(len(scenarios) + len(unreached)),
        failures=str(outcomes.count("failed")),
        errors=str(outcomes.count("unknown") + outcomes.count("error")),
        skipped=str(outcomes.count("not applicable") + len(unreached)),
        time=_seconds(sum(scenario.duration_s for scenario in scenarios)),
        timestamp=_timestamp(run.started),
        hostname=_token(socket.gethostname()),
    )
    properties = SubElement(suite, "properties")
    for key, value in _properties(run).items():
        SubElement(properties, "property", name=_token(key), value=xml_safe(value))
    for scenario in scenarios:
        suite.append(_case(scenario, why.get(scenario.id), deviations.get(scenario.id)))
    for later in unreached:
        case = SubElement(suite, "testcase", _names(later.id), time=_seconds(0))
        SubElement(case, "skipped", message="not reached: the run ended before it")
    SubElement(suite, "system-out")
    SubElement(suite, "system-err")
    return suite


def _whole_run(run: Run, number: int) -> Element:
    """What holds against the run as a whole: one case for each invariant."""
    suite = Element("testsuite", id=str(number), name="the whole run", package="uplab", tests=str(len(run.broken)))
    failed = sum(verdict.outcome == "failed" for verdict in run.broken)
    suite.attrib |= {"failures": str(failed), "errors": str(len(run.broken) - failed), "skipped": "0", "time": "0.000"}
    suite.attrib |= {"timestamp": _timestamp(run.started), "hostname": _token(socket.gethostname())}
    SubElement(suite, "properties")
    for verdict in run.broken:
        case = SubElement(suite, "testcase", classname="run", name=_token(verdict.check), time="0.000")
        tag = "failure" if verdict.outcome == "failed" else "error"
        message = xml_safe(shorten(verdict.happened.strip().partition("\n")[0], 300))
        element = SubElement(case, tag, type=verdict.outcome, message=message)
        element.text = xml_safe(shorten(f"promised: {verdict.promised}\nhappened: {verdict.happened}", _TEXT))
    SubElement(suite, "system-out")
    SubElement(suite, "system-err")
    return suite


def _properties(run: Run) -> dict[str, str]:
    return {
        "seed": str(run.seed),
        "uplab": run.version,
        "forwarder": run.forwarder.name,
        "profile": run.forwarder.profile,
        "repeat": repeat_command(run),
    }


def _classname(id_: str) -> str:
    return id_.partition("::")[0].removesuffix(".py").replace("/", ".")


def _names(id_: str) -> dict[str, str]:
    return {"classname": _token(_classname(id_)), "name": _token(id_.partition("::")[2] or id_)}


def _case(scenario: Scenario, cause: str | None, deviation: Deviation | None) -> Element:
    case = Element("testcase", _names(scenario.id), time=_seconds(scenario.duration_s))
    broken = dict.fromkeys(verdict.requirement for verdict in scenario.complaints if verdict.requirement)
    known = [("requirement", id_) for id_ in scenario.requirements] + [("clause", id_) for id_ in broken]
    known += [("cause", cause)] if cause else []
    known += [("deviation", f"{deviation.ticket} until {deviation.until}")] if deviation else []
    if known:
        properties = SubElement(case, "properties")
        for key, value in known:
            SubElement(properties, "property", name=key, value=_token(value))
    if scenario.outcome == "failed":
        _told(case, "failure", "failed", scenario)
    elif scenario.outcome in ("error", "unknown"):
        _told(case, "error", scenario.outcome, scenario)
    elif scenario.outcome == "not applicable":
        SubElement(case, "skipped", message=xml_safe(scenario.reason or "not applicable to this forwarder"))
    return case


def _told(case: Element, tag: str, kind: str, scenario: Scenario) -> None:
    """The outcome with a one-line message and the whole text, which also names the requirements."""
    first = scenario.complaints[0].happened if scenario.complaints else (scenario.message or scenario.reason or kind)
    element = SubElement(case, tag, type=kind, message=xml_safe(shorten(first.strip().partition("\n")[0], 300)))
    parts = [
        scenario.title,
        f"requirements: {', '.join(scenario.requirements) or 'none'}",
        scenario.why,
        scenario.message,
    ]
    element.text = xml_safe(shorten("\n\n".join(part for part in parts if part), _TEXT))


def _token(text: str) -> str:
    return " ".join(xml_safe(text).split()) or "-"


def _seconds(duration_s: float) -> str:
    return f"{max(duration_s, 0):.3f}"


def _timestamp(iso: str) -> str:
    """ISO 8601 to the second and without a zone, the one form that the older schema allows."""
    try:
        return datetime.fromisoformat(iso).strftime("%Y-%m-%dT%H:%M:%S")
    except ValueError:
        return "1970-01-01T00:00:00"
