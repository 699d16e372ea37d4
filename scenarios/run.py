"""One run, as its controller sees it: the scenarios of every worker, the exit code, run.json."""

from __future__ import annotations

import importlib.metadata
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scenarios.gate import Gate, read_known_failing
from scenarios.options import RunOptions, option
from scenarios.record import blank_record, run_record, write_record
from scenarios.secrets import redact_text

__all__ = ["EXIT_UNKNOWN", "Run"]

EXIT_UNKNOWN = 10
WORST_LAST = ("passed", "not applicable", "unknown", "failed")


class Run:
    """A pytest plugin of its own, registered only where a run is controlled: never in a worker of pytest-xdist."""

    def __init__(self, config: pytest.Config, options: RunOptions, folder: Path) -> None:
        self.config = config
        self.options = options
        self.folder = folder
        self.started = datetime.now(UTC)
        self.scenarios: dict[str, dict[str, Any]] = {}
        self.lines: list[str] = []  # what is said about the run as a whole, for the terminal
        self._ended: set[str] = set()
        self._no_lab: str | None = None
        self._wrong_usage: str | None = None
        self.gate = Gate.from_config(config, config.getoption("--must-apply"))
        known = option(config, "--known-failing")
        self.known_failing = read_known_failing(Path(known)) if known else None

    def pytest_sessionstart(self) -> None:
        """Says the seed first: with it a failure can be repeated."""
        terminal = self.config.pluginmanager.get_plugin("terminalreporter")
        if terminal is not None:
            name, folder = self.options.forwarder_name, _shown(self.folder)
            terminal.write_line(f"uplab: seed {self.options.seed}, forwarder {name}, report in {folder}")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A suite that cannot be read is said; pytest then runs nothing."""
        if report.failed:
            words = [line.removeprefix("E").strip() for line in str(report.longrepr).splitlines() if line.strip()]
            self.lines.append(
                f"{report.nodeid} cannot be read: {redact_text(words[-1]) if words else 'no reason given'}"
            )

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker that selects can only say later that it was asked for a suite that is not there."""
        self._wrong_usage = self._wrong_usage or getattr(node, "workeroutput", {}).get("uplab_usage")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Folds setup, call and teardown into one record; the worst of the three counts."""
        record: Any = dict(report.user_properties).get("uplab")
        if record is None:  # from a worker that crashed: it sent no record, and its scenario has failed all the same
            record = blank_record(report.nodeid, report.outcome, redact_text(str(report.longrepr)))
        scenario = self.scenarios.setdefault(report.nodeid, {**record, "duration_s": 0.0, "verdicts": [], "faults": 0})
        scenario["duration_s"] = round(scenario["duration_s"] + report.duration, 3)
        scenario["ended_s"] = round((datetime.now(UTC) - self.started).total_seconds(), 3)
        scenario["verdicts"] = scenario["verdicts"] + record["verdicts"]
        scenario["faults"] += record["faults"]
        for key in ("reason", "message", "history"):
            scenario[key] = scenario[key] or record[key]
        scenario["outcome"] = max(scenario["outcome"], record["outcome"], key=WORST_LAST.index)
        self._no_lab = self._no_lab or record["no_lab"]
        if report.when not in ("setup", "call"):
            self._ended.add(report.nodeid)

    def _settle(self) -> None:
        """What did not come to its end is unknown: it may have been about to fail."""
        for id_, scenario in self.scenarios.items():
            scenario.pop("no_lab", None)
            if id_ not in self._ended:
                scenario["outcome"] = max(scenario["outcome"], "unknown", key=WORST_LAST.index)
                scenario["reason"] = scenario["reason"] or "the run was stopped before the scenario had ended"

    def _exit_code(self, status: int) -> int:
        if self._wrong_usage:
            return int(pytest.ExitCode.USAGE_ERROR)
        if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return status
        outcomes = {scenario["outcome"] for scenario in self.scenarios.values()}
        # A status that no scenario explains stays: something failed outside of all of them.
        return 1 if "failed" in outcomes else EXIT_UNKNOWN if "unknown" in outcomes else status

    def _judge(self, status: int) -> int:
        """The exit code after the list of known failures and the gate; `lines` says what they found."""
        code = self._exit_code(status)
        if self._no_lab or self._wrong_usage:
            self.lines.append(self._no_lab or self._wrong_usage or "")
            return code
        if code == pytest.ExitCode.NO_TESTS_COLLECTED:
            self.lines.append(f"nothing was run: no scenario is selected by {_selection(self.config)}")
        if self.known_failing is not None:
            code = self.known_failing.judge(self.scenarios, code)
            self.lines += self.known_failing.lines
        code = self.gate.judge(self.scenarios, code)
        self.lines += self.gate.lines
        return code

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Decides the exit code and writes run.json."""
        self._settle()
        session.exitstatus = code = self._judge(int(exitstatus))
        record = run_record(
            self.options,
            self.scenarios.values(),
            version=importlib.metadata.version("uplab"),
            started=self.started,
            exit_code=code,
            shuffled=bool(self.config.getoption("--shuffle")),
        )
        selection = _selection(self.config) if not _is_whole(self.config) else None
        write_record(self.folder, {**record, "gate": self.lines, "selection": selection})

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Prints the verdict table; the reports are rendered from what was stored."""
        from scenarios.publish import publish  # noqa: PLC0415 - the last step, the only one that knows the reports

        table = bool(self.scenarios) and self._no_lab is None
        publish(self.folder, terminalreporter, table=table)
        for line in [] if table else self.lines:  # the table says them itself
            terminalreporter.write_line(f"uplab: {line}")


def _is_whole(config: pytest.Config) -> bool:
    """Whether nothing but the suites as a whole was asked for."""
    narrowed = any(config.getoption(name) for name in ("--only", "--requirement", "keyword", "markexpr"))
    return not narrowed and config.args == [str(config.rootpath)]


def _selection(config: pytest.Config) -> str:
    """What the user asked for, in his own words."""
    words = [f"{name} {value}" for name in ("--only", "--requirement") for value in config.getoption(name)]
    flags = (("-k", "keyword"), ("-m", "markexpr"))
    words += [f"{flag} {config.getoption(name)!r}" for flag, name in flags if config.getoption(name)]
    places = ", ".join(_shown(Path(argument)) for argument in config.args)
    return f"{' '.join(words)} in {places}" if words else places


def _shown(folder: Path) -> str:
    """The folder as the user would type it."""
    return str(folder.relative_to(Path.cwd())) if folder.is_relative_to(Path.cwd()) else str(folder)
