"""One run, as its controller sees it: the scenarios of every worker, the exit code, run.json."""

from __future__ import annotations

import importlib.metadata
import shlex
import shutil
import sys
from collections.abc import Generator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from uplab.scenarios.checks.conditions.reached import Totals
from uplab.scenarios.checks.policy.latency import Latency
from uplab.scenarios.checks.policy.measured import Measured
from uplab.scenarios.checks.standing.read import Read
from uplab.scenarios.history import unwritten
from uplab.scenarios.history.secrets import redact_text
from uplab.scenarios.run import interrupt
from uplab.scenarios.run.asked import asked, selection, whole_was_asked
from uplab.scenarios.run.cost import CPU_S
from uplab.scenarios.run.deviations import agreed
from uplab.scenarios.run.exit_codes import ERROR, FAILED, NOT_STARTED, STOPPED, UNKNOWN, UNWRITTEN
from uplab.scenarios.run.gate import JUDGED, Gate
from uplab.scenarios.run.options import option
from uplab.scenarios.run.record import blank_record, point_latest, run_record, take_selected, write_record
from uplab.scenarios.run.workers import counted_workers, silence
from uplab.scenarios.under_test.promise.left_out import not_promised
from uplab.scenarios.under_test.target import RunOptions
from uplab.scenarios.worlds.answer import take

__all__ = ["Run"]

# What the record of a scenario says of the run as a whole.
_OF_THE_RUN = (
    *("no_lab", "died", "spoilt", "late", "read", "forwarder_says", "measured", "looked", "unwritten"),
    "conditions",
)
WORST_LAST = ("passed", "not applicable", "unknown", "error", "failed")


class Run:
    """A pytest plugin of its own, registered only where a run is controlled: never in a worker of pytest-xdist."""

    def __init__(
        self, config: pytest.Config, options: RunOptions, folder: Path, verbosity: int = 0, *, said: Sequence[str] = ()
    ) -> None:
        self.config = config
        self.verbosity = verbosity
        self.options = options
        self.folder = folder
        self.started = datetime.now(UTC)
        self.scenarios: dict[str, dict[str, Any]] = {}
        self._first = said  # of the options, below the seed
        self.lines: list[str] = []  # what is said about the run as a whole, for the terminal
        self._ended: set[str] = set()
        self._no_lab: dict[str, str] = {}  # by scenario: why it had no lab
        self._deaths: dict[str, str] = {}  # by scenario: how the forwarder ended in it by itself
        self._ownerless: list[dict[str, Any]] = []  # broken invariants of which no scenario is known as the cause
        self._late: list[tuple[str | None, dict[str, Any]]] = []  # broken invariants, and by which scenario
        self.read = Read()
        self.reached = Totals()
        self._unwritten: str | None = None  # what could not be written down, and why
        self._spoilt = ""  # the scenario of which something is left that would take part in every later one
        self._measured = Measured()
        self._latency = Latency()
        self._again: dict[str, str] = {}  # by scenario: why its first try does not count
        self._said: dict[str, str] = {}  # by the forwarder, in its ready line: its version, its digest
        self._terminal: Any = None
        self._writer: Any = None
        self._finished = False
        self.gate = Gate.from_config(config, config.getoption("--must-apply"))
        self.known_failing, self.deviations = agreed(config)

    def pytest_sessionstart(self) -> None:
        """Says the seed first: with it a failure can be repeated."""
        self._terminal = self.config.pluginmanager.get_plugin("terminalreporter")
        if self._terminal is not None:
            self._writer = self.config.get_terminal_writer()
        workers = self.config.getoption("numprocesses", None)
        beside = f", {counted_workers(workers)}" if workers else ""
        self._say(f"seed {self.options.seed}, forwarder {redact_text(self.options.forwarder_name)}{beside}")
        for line in self._first:
            self._say(line)
        silence(self.config)

    @property
    def names_each(self) -> bool:
        """Whether each scenario is named when it has ended; of -vv pytest does it in its own way."""
        return self.verbosity == 1

    def _say(self, line: str) -> None:
        shown = line if line.startswith(" ") else f"uplab: {line}"
        if self._terminal is not None:
            if self._writer.width_of_current_line:  # after the dots
                self._writer.line()
            self._terminal.write_line(shown)
        else:
            print(f"\n{shown}", file=sys.stderr)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A suite that cannot be read is said; pytest then runs nothing."""
        if report.failed:
            words = [line.removeprefix("E").strip() for line in str(report.longrepr).splitlines() if line.strip()]
            self.lines.append(
                f"{report.nodeid} cannot be read: {redact_text(words[-1]) if words else 'no reason given'}"
            )

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """A worker that went down by itself is said; one that could not write something tells it last."""
        self._unwritten = self._unwritten or getattr(node, "workeroutput", {}).get("uplab_unwritten")
        if error and error != "keyboard-interrupt":
            self.lines.append(f"worker {node.gateway.id} went down: {redact_text(str(error))}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Folds setup, call and teardown into one record; the worst of the three counts."""
        record: Any = dict(report.user_properties).get("uplab")
        if record is None:  # from a worker that crashed: it sent no record, and its scenario has failed all the same
            record = blank_record(report.nodeid, report.outcome, redact_text(str(report.longrepr)))
        scenario = self.scenarios.setdefault(
            report.nodeid, {**record, "duration_s": 0.0, "verdicts": [], "faults": 0, "left": []}
        )
        scenario["duration_s"] = round(scenario["duration_s"] + report.duration, 3)
        scenario["ended_s"] = round((datetime.now(UTC) - self.started).total_seconds(), 3)
        scenario["verdicts"] = scenario["verdicts"] + record["verdicts"]
        scenario["faults"] += record["faults"]
        scenario["left"] = scenario["left"] + record["left"]
        scenario["cpu_s"] = dict(report.user_properties).get(CPU_S)
        for key in ("reason", "message", "history", "path", "line", "worlds", "doubts", "not_scored"):
            scenario[key] = scenario[key] or record[key]
        scenario["steps"] = record["steps"] or scenario["steps"]
        scenario["outcome"] = max(scenario["outcome"], record["outcome"], key=WORST_LAST.index)
        self._said |= {name: value for name, value in record.get("forwarder_says", {}).items() if value}
        for line in record.get("looked", ()):
            self._say(line)
        self._measure(scenario, record)
        if record["no_lab"]:
            self._no_lab[report.nodeid] = record["no_lab"]
        self._unwritten = self._unwritten or record.get("unwritten")
        if record.get("spoilt"):
            self._spoilt = report.nodeid
        if record.get("died"):
            self._deaths.setdefault(report.nodeid, record["died"])
        if record.get("again") is not None:
            scenario["again"] = record["again"].partition("\n")[0]
            if report.when == "teardown":  # this try does not count: the next one begins from nothing
                self._again[report.nodeid] = self.scenarios.pop(report.nodeid)["again"]
            return
        self._late += record.get("late", ())
        self.read.add(record.get("read", {}))
        self.reached.add(record.get("conditions", {}))
        if report.when not in ("setup", "call"):
            scenario["again"] = self._again.get(report.nodeid)
            self._ended.add(report.nodeid)
            if self.names_each:
                took = f"{scenario['duration_s']:6.2f} s"
                self._say(f"  {scenario['outcome']:<15} {took}  {scenario['suite']}: {scenario['title']}")

    def _measure(self, scenario: dict[str, Any], record: dict[str, Any]) -> None:
        if record.get("measured"):
            self._measured.add(Measured.from_data(record["measured"]))
        if record.get("latency"):
            took = Latency.from_data(record["latency"])
            self._latency.add(took)
            scenario["latency"] = took.row("carried")

    def _settle(self) -> None:
        """What did not come to its end is unknown: it may have been about to fail."""
        for id_, scenario in self.scenarios.items():
            for name in _OF_THE_RUN:
                scenario.pop(name, None)
            if id_ not in self._ended:
                scenario["outcome"] = max(scenario["outcome"], "unknown", key=WORST_LAST.index)
                scenario["reason"] = scenario["reason"] or "the run was stopped before the scenario had ended"

    def _look_back(self) -> None:
        """What a scenario has caused and was seen only after it counts against it; against the run, where none has."""
        late, self._late = self._late, []
        for id_, verdict in late:
            scenario, check = self.scenarios.get(id_ or ""), verdict["check"]
            if scenario is None:
                self._ownerless.append(verdict)
                self.lines.append(f"{check}: {verdict['happened']}; no scenario is known as its cause")
            elif not any(one["check"] == check and one["outcome"] != "passed" for one in scenario["verdicts"]):
                scenario["verdicts"] = [*scenario["verdicts"], verdict]
                scenario["outcome"] = max(scenario["outcome"], verdict["outcome"], key=WORST_LAST.index)
                scenario["message"] = scenario["message"] or f"{check}: {verdict['happened']}"
                scenario["reason"] = scenario["reason"] or "it was seen only after the scenario had ended"

    @property
    def _judged(self) -> bool:
        """Whether there is something to show: a scenario that had its lab and came to its end."""
        return bool(self._ended - set(self._no_lab))

    def _exit_code(self, status: int) -> int:
        outcomes = {scenario["outcome"] for scenario in self.scenarios.values()}
        if self._unwritten:
            return UNWRITTEN
        if self._deaths:
            return FAILED
        if self._no_lab:
            return FAILED if "failed" in outcomes else NOT_STARTED
        enough = self.config.getoption("maxfail", 0)
        if status == STOPPED and enough and len(self._bad()) >= enough:
            status = FAILED  # -x with workers: pytest-xdist calls it an interruption, without them it is none
        if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return status
        if any(verdict["outcome"] == "failed" for verdict in self._ownerless):
            return FAILED
        # A status that no scenario explains stays: something failed outside of all of them.
        worst = {"failed": FAILED, "error": ERROR, "unknown": UNKNOWN}
        return next((code for outcome, code in worst.items() if outcome in outcomes), status)

    def _bad(self) -> list[str]:
        return [id_ for id_, scenario in self.scenarios.items() if WORST_LAST.index(scenario["outcome"]) > 1]

    def _judge(self, status: int, excluded: int = 0) -> int:
        """The exit code after the list of known failures and the gate; `lines` says what they found."""
        code = self._exit_code(status)
        if self._unwritten:  # said last of all
            return code
        if self._deaths:  # of a run that broke off here, the gate and a list of known failures have nothing to say
            told = (death.partition("\n")[0] for death in self._deaths.values())
            self.lines += [f"{line}; the run stopped there" for line in told]
            return code
        if self._no_lab:
            self.lines += next(iter(self._no_lab.values())).splitlines()
            return code
        if self._spoilt:
            self.lines.append(
                f"the run stopped after {self._spoilt}: this forwarder brings every device to every connection, "
                "so what is left there would be taken for an error of each later scenario"
            )
        if code == pytest.ExitCode.NO_TESTS_COLLECTED:
            self.lines.append(f"nothing was run: no scenario is selected by {selection(self.config)}")
        if code == STOPPED and not self._judged and not self.lines:
            self.lines.append("stopped before the first scenario ended")
        if self.known_failing is not None:
            code = self.known_failing.judge(self.scenarios, code)
            self.lines += self.known_failing.lines
        if self.deviations is not None:
            today = self.started.astimezone().date()
            code = self.deviations.judge(self.scenarios, code, causes=self._causes, today=today)
            self.lines += self.deviations.lines
        if code in JUDGED and any(verdict["outcome"] == "failed" for verdict in self._ownerless):
            code = FAILED  # what no scenario has caused is on no list
        code = self.gate.judge(
            self.scenarios, code, unread=self.read.unread, never=self.reached.not_judged, excluded=excluded
        )
        self.lines += self.gate.lines
        return code

    def _causes(self) -> dict[str, str]:
        """The cause of each scenario, by which reports name it."""
        from uplab.scenarios.run.publish import cause_ids  # noqa: PLC0415 - the only one that knows the reports

        return cause_ids(list(self.scenarios.values()))

    def pytest_keyboard_interrupt(self) -> None:
        """Takes pytest's banner away: the report says that the run was stopped, and where it is."""
        interrupt.be_patient()
        if self._terminal is not None:
            self.config.pluginmanager.unregister(self._terminal)
            self._writer.line()  # after the dots, and the ^C that the terminal shows

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None]:
        """Last of all, when workers and labs have ended: judges the run, writes it down and shows it."""
        interrupt.be_patient()  # all is judged: one Ctrl-C more does not take the report away
        yield
        session.exitstatus = self.finish(int(session.exitstatus))

    def finish(self, status: int) -> int:
        """Decides the exit code, writes run.json and the reports, and prints the verdicts."""
        self._finished = True
        self._settle()
        self._look_back()
        worlds = take(self.scenarios.values())
        code = self._judge(status, worlds.excluded)
        selected = take_selected(self.folder)
        record = run_record(
            self.options,
            self.scenarios.values(),
            version=importlib.metadata.version("uplab"),
            started=self.started,
            exit_code=code,
            shuffled=bool(self.config.getoption("--shuffle")),
            said=self._said,
        )
        record |= {
            "repeat": self._repeat(),
            "gate": self.lines,
            "broken": self._ownerless,
            "arrived": self.read.take(),
            "latency": self._latency.rows(),
            "conditions": self.reached.rows(),
            "datasheet": [{"what": what, "seen": seen} for what, seen in self._measured.rows()],
            **worlds.record,
            "not_promised": not_promised(self.options.profile),
            "policy": self.options.profile.policy.words(),
            "not_scored": dict(self.options.frozen),
            "selection": selection(self.config) if not whole_was_asked(self.config) else None,
            "compare": option(self.config, "--compare"),
            "deviations": self.deviations.states if self.deviations is not None else [],
            "not_reached": [one for one in selected if one["id"] not in self.scenarios],
        }
        write_record(self.folder, record)
        for line in worlds.said:
            self._say(line)
        if self._judged:
            point_latest(self.folder)
        self._show()
        if lost := self._unwritten or unwritten.said():
            self._say(f"the run stopped, since nothing more could be written: {lost}; make room, and run it again")
            return UNWRITTEN
        return code

    def _show(self) -> None:
        """Prints the verdicts; the reports are rendered from what was stored."""
        from uplab.scenarios.run.publish import publish  # noqa: PLC0415 - the last step, the only one that knows the reports

        if self._terminal is None or not (self.folder / "run.json").exists():
            return
        publish(self.folder, self._terminal, table=self._judged, verbosity=self.verbosity)
        if self._again:
            tried = "1 scenario was" if len(self._again) == 1 else f"{len(self._again)} scenarios were"
            self._say(f"{tried} tried once more: {next(iter(self._again.values()))}")
        for line in [] if self._judged else self.lines:  # the verdicts say them themselves
            self._say(line)

    def pytest_unconfigure(self) -> None:
        """A run that judged nothing leaves nothing, but for the log of a forwarder that did not start."""
        if not self._finished:
            self._say("stopped before the first scenario ended")
        if not self._judged and not self._no_lab:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _repeat(self) -> str:
        """The command that does the same again: with this seed, everything that was asked for."""
        words = [self.options.repeat]
        words += [shlex.join(words) for words in asked(self.config, list(self.scenarios.values()))]
        return " ".join(words)
