"""Keeps secrets out of allure's results: everything that its file logger writes goes through a redacting filter first.

allure-pytest writes its files itself, while the run goes on; there is no moment afterwards at which all of them could
be cleaned. So the logger that it registers is made to redact before it writes, and nothing else reaches the disk.
"""

import hashlib
import json
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import allure_commons
from allure_commons.logger import AllureFileLogger
from attr import asdict

from uplab.reports.bundle import bundle_of
from uplab.reports.findings import Findings
from uplab.reports.run import Run, Scenario, Verdict
from uplab.reports.text import one_line
from uplab.scenarios.history import unwritten

__all__ = ["RedactingFileLogger", "complete", "dressed", "install"]

_ID = "uplab"  # the label by which a result names its scenario
_STATUS = {"passed": "passed", "failed": "failed", "error": "broken", "unknown": "broken", "not applicable": "skipped"}
_SOURCES = {"D": "documented", "P": "public", "O": "our reading"}
_SEVERITIES = {"documented": "critical", "public": "normal", "our reading": "minor"}
_HOPS = ("device", "gateway", "network", "tunnel", "forwarder", "destination", "downlink", "api")
_CATEGORIES = [
    {"name": f"Diverged at the {hop}", "matchedStatuses": ["failed"], "messageRegex": f"(?s)at the {hop}: .*"}
    for hop in _HOPS
] + [
    {"name": "Failed elsewhere", "matchedStatuses": ["failed"]},
    {"name": "Unknown, or broken itself", "matchedStatuses": ["broken"]},
    {"name": "Not applicable", "matchedStatuses": ["skipped"]},
]
"""Failures by hop; the first that matches counts."""

Redact = Callable[[bytes], bytes]


class RedactingFileLogger(AllureFileLogger):
    """allure's file logger, with `redact` between it and the disk."""

    redact: Redact

    def _report_item(self, item: Any) -> None:
        """A result, a container or the run's globals: each text is redacted, then the file as a whole."""
        found = asdict(item, filter=lambda _, value: value or value is False)
        text = json.dumps(
            _redacted(found, self.redact),
            ensure_ascii=False,
            indent=4 if os.environ.get("ALLURE_INDENT_OUTPUT") else None,
        )
        self._write(item.file_pattern.format(prefix=uuid.uuid4()), text.encode("utf-8", "backslashreplace"))

    @allure_commons.hookimpl
    def report_attached_file(self, source: str | os.PathLike[str], file_name: str) -> None:
        """A file that a test attached; the original stays where it is."""
        self._write(file_name, Path(source).read_bytes())

    @allure_commons.hookimpl
    def report_attached_data(self, body: str | bytes, file_name: str) -> None:
        """Text or bytes that a test attached."""
        self._write(file_name, body.encode("utf-8", "backslashreplace") if isinstance(body, str) else bytes(body))

    def _write(self, name: str, data: bytes) -> None:
        final = Path(self._report_dir) / name
        unfinished = final.with_name(f"{name}.tmp")
        with unwritten.trouble(final):
            try:
                unfinished.write_bytes(self.redact(data))
                unfinished.replace(final)
            except OSError:
                unfinished.unlink(missing_ok=True)
                raise


def _redacted(value: Any, redact: Redact) -> Any:
    """The value with each text redacted before JSON escapes it, since an escape could hide a secret from the filter."""
    if isinstance(value, str):
        return redact(value.encode("utf-8", "backslashreplace")).decode("utf-8", "replace")
    if isinstance(value, dict):
        return {_redacted(key, redact): _redacted(item, redact) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(item, redact) for item in value]
    return value


def install(redact: Redact) -> int:
    """Makes every file logger that is registered with allure redact what it writes, and says how many those are.

    To be called in each process that writes results, after allure-pytest's own `pytest_configure` (from one marked
    `trylast`, or later). Calling it again changes the filter. Zero means that no results are being written.
    """
    manager = allure_commons.plugin_manager
    loggers = [plugin for plugin in manager.get_plugins() if isinstance(plugin, AllureFileLogger)]
    for logger in loggers:
        name = manager.get_name(logger)
        # The manager holds bound methods, so the logger is taken out and put back under its name. It must remain the
        # same object: allure-pytest's clean-up looks it up when the run ends, and fails when it is gone.
        manager.unregister(logger)
        logger.__class__ = RedactingFileLogger
        cast(RedactingFileLogger, logger).redact = redact
        manager.register(logger, name=name)
    return len(loggers)


def complete(results: Path, found: Findings) -> int:
    """Gives the results what only the whole run knows, and says how many there are.

    A scenario may be found to have failed after its own end, by a copy that came late, when Allure has its result
    already. What broke the run as a whole becomes a result of its own. Beside the results stand the environment and the
    categories, a failure for each hop. Texts come from the run's record, which holds no secret.
    """
    if not results.is_dir():
        return 0
    run = found.run
    known = {one.id: one for one in run.scenarios}
    number = 0
    for path in results.glob("*-result.json"):
        told = json.loads(path.read_bytes())
        scenario = known.get(next((one["value"] for one in told.get("labels", ()) if one["name"] == _ID), ""))
        if scenario is not None:
            _rewrite(path, dressed(told, scenario, found, _way(run.folder / "report.html", results)))
            number += 1
    for verdict in run.broken:
        told = _whole_run(run, verdict)
        _rewrite(results / f"{told['uuid']}-result.json", told)
        number += 1
    (results / "environment.properties").write_text("".join(_environment(run)), encoding="utf-8")
    (results / "categories.json").write_text(json.dumps(_CATEGORIES), encoding="utf-8")
    return number


def dressed(told: dict[str, Any], scenario: Scenario, found: Findings, report: str) -> dict[str, Any]:
    """A result with the scenario's outcome, steps, links and labels; `report` is the way to report.html.

    Its history is that of the scenario's id. Allure's own is made of the parameters as text, and two scenarios whose
    parameters print alike would be taken for two tries of one.
    """
    digest = hashlib.md5(scenario.id.encode(), usedforsecurity=False).hexdigest()  # of Allure's own form
    told = {**told, "fullName": scenario.id, "historyId": digest, "testCaseId": digest}
    if scenario.outcome in ("failed", "error", "unknown") and told.get("status") in ("passed", "failed", "broken"):
        told["status"] = _STATUS[scenario.outcome]
        told["statusDetails"] = _details(scenario.complaints, scenario.message or scenario.reason, scenario.outcome)
    told["steps"] = [*told.get("steps", ()), *(_step(verdict, told) for verdict in scenario.verdicts)]
    told["labels"] = [*told.get("labels", ()), {"name": "severity", "value": _severity(scenario, found.run)}]
    links = [{"type": "tms", "name": id_, "url": f"{report}#r-{id_}"} for id_ in dict.fromkeys(scenario.requirements)]
    if (cause := found.cause_ids.get(scenario.id)) is not None:
        links.append({"type": "link", "name": f"cause {cause}", "url": f"{report}#c-{cause}"})
    if (deviation := found.deviations.get(scenario.id)) is not None:
        links.append({"type": "issue", "name": deviation.ticket, "url": f"{report}#deviations"})
    if (bundle := bundle_of(found.run, scenario)) is not None:
        links.append({"type": "link", "name": "bundle", "url": report.replace("report.html", bundle.as_posix())})
    told["links"] = [*told.get("links", ()), *links]
    return told


def _way(report: Path, results: Path) -> str:
    """Relative, for a run's folder may be moved with all in it."""
    return Path(os.path.relpath(report, results)).as_posix()


def _step(verdict: Verdict, told: dict[str, Any]) -> dict[str, Any]:
    named = f"{verdict.check} ({verdict.requirement})" if verdict.requirement else verdict.check
    at_ms = told.get("stop", 0)
    step: dict[str, Any] = {
        "name": f"{named}: {verdict.happened}",
        "status": _STATUS[verdict.outcome],
        "stage": "finished",
    }
    if verdict.outcome != "passed":
        step["statusDetails"] = _details((verdict,), None, verdict.outcome)
    return {**step, "start": at_ms, "stop": at_ms}


def _severity(scenario: Scenario, run: Run) -> str:
    """By how far the documents say what it proves: documented, public, our reading."""
    labels = {clause.id: clause.label for row in run.requirements for clause in row.clauses}
    labels |= {row.id: _SOURCES.get(row.source, "") for row in run.requirements}
    named = {labels.get(id_, "") for id_ in scenario.requirements}
    return next((severity for label, severity in _SEVERITIES.items() if label in named), "normal")


def _whole_run(run: Run, verdict: Verdict) -> dict[str, Any]:
    name, now = f"the whole run: {verdict.check}", int(datetime.fromisoformat(run.started).timestamp() * 1000)
    digest = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    labels = [{"name": "parentSuite", "value": "uplab"}, {"name": "suite", "value": "the whole run"}]
    status = "failed" if verdict.outcome == "failed" else "broken"
    told = {"uuid": str(uuid.uuid4()), "name": name, "fullName": name, "historyId": digest, "status": status}
    return told | {
        "labels": labels,
        "statusDetails": _details((verdict,), None, verdict.outcome),
        "start": now,
        "stop": now,
    }


def _environment(run: Run) -> Iterator[str]:
    forwarder = run.forwarder
    told = {
        "Forwarder": forwarder.name,
        "Version": forwarder.version,
        "Digest": forwarder.digest,
        "Profile": forwarder.profile,
        "Seed": str(run.seed),
        "uplab": run.version + (f" ({run.commit})" if run.commit else ""),
        "Machine": run.machine,
    }
    for name, value in told.items():
        if value:
            yield f"{name}={one_line(value, 300)}\n"


def _details(complaints: Sequence[Verdict], reason: str | None, outcome: str) -> dict[str, str]:
    """Message and trace; a failure's message begins with its hop, by which the categories go."""
    counted = [one for one in complaints if one.outcome == outcome] or list(complaints)
    told = [f"{_place(one)}{one.check}: {one.happened}" for one in counted]
    more = [f"{one.check}\n  promised: {one.promised}\n  happened: {one.happened}" for one in complaints]
    message = told[0] if told else (reason or "it failed after its end").strip().partition("\n")[0]
    return {"message": message, "trace": "\n".join([*more, reason or ""])}


def _place(verdict: Verdict) -> str:
    return f"at the {verdict.hop.partition('.')[0]}: " if verdict.hop else ""


def _rewrite(path: Path, told: dict[str, Any]) -> None:
    unfinished = path.with_name(f"{path.name}.tmp")
    unfinished.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    unfinished.replace(path)
