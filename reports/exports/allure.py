"""Keeps secrets out of allure's results: everything that its file logger writes goes through a redacting filter first.

allure-pytest writes its files itself, while the run goes on; there is no moment afterwards at which all of them could
be cleaned. So the logger that it registers is made to redact before it writes, and nothing else reaches the disk.
"""

import json
import os
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, cast

import allure_commons
from allure_commons.logger import AllureFileLogger
from attr import asdict

from uplab.reports.run import Run, Verdict
from uplab.scenarios.history import unwritten

__all__ = ["RedactingFileLogger", "correct", "install"]

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


def correct(results: Path, run: Run) -> int:
    """Gives the results the outcome that the run came to in the end, and says how many were changed.

    A scenario may be found to have failed after its own end, by a copy that came late, when Allure has its result
    already. Scenario and result meet in the history that the result links. What broke the run as a whole becomes
    a result of its own. Texts come from the run's record, which holds no secret.
    """
    wrong = {Path(one.history).name: one for one in run.scenarios if one.history and one.outcome in ("failed", "error")}
    changed = 0
    newest: dict[str, tuple[int, Path, dict[str, Any]]] = {}
    for path in results.glob("*-result.json") if wrong else ():
        told = json.loads(path.read_bytes())
        name = next((PurePosixPath(link["url"]).name for link in told.get("links", ()) if _is_history(link)), "")
        if name in wrong and told.get("stop", 0) >= newest.get(name, (0,))[0]:  # of several tries the last one counts
            newest[name] = told.get("stop", 0), path, told
    for name, (_, path, told) in newest.items():
        scenario = wrong[name]
        status = "failed" if scenario.outcome == "failed" else "broken"
        if told.get("status") == "passed":
            told |= {"status": status, "statusDetails": _details(scenario.complaints, scenario.reason)}
            _rewrite(path, told)
            changed += 1
    for verdict in run.broken if results.is_dir() else ():
        status = "failed" if verdict.outcome == "failed" else "broken"
        name, now = f"the whole run: {verdict.check}", int(datetime.fromisoformat(run.started).timestamp() * 1000)
        labels = [{"name": "parentSuite", "value": "uplab"}, {"name": "suite", "value": "the whole run"}]
        told = {"uuid": str(uuid.uuid4()), "name": name, "fullName": name, "status": status, "labels": labels}
        told |= {"statusDetails": _details((verdict,), None), "start": now, "stop": now}
        _rewrite(results / f"{told['uuid']}-result.json", told)
        changed += 1
    return changed


def _is_history(link: dict[str, Any]) -> bool:
    return link.get("name") == "history"


def _details(complaints: Sequence[Verdict], reason: str | None) -> dict[str, str]:
    told = [f"{one.check}: {one.happened}" for one in complaints]
    more = [f"{one.check}\n  promised: {one.promised}\n  happened: {one.happened}" for one in complaints]
    return {"message": (told or [reason or "it failed after its end"])[0], "trace": "\n".join([*more, reason or ""])}


def _rewrite(path: Path, told: dict[str, Any]) -> None:
    unfinished = path.with_name(f"{path.name}.tmp")
    unfinished.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    unfinished.replace(path)
