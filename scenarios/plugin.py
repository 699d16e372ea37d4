"""The pytest plugin `uplab`: the fixtures of the scenarios, their four outcomes, and the record that the reports read.

It is asleep in every test run whose configuration does not say `uplab = true`.
"""

from __future__ import annotations

import importlib.metadata
import os
import random
import re
import signal
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from scenarios.forwarder_process import ForwarderStartError
from scenarios.gate import Gate, read_known_failing
from scenarios.oauth import OAuthError
from scenarios.options import RunOptions, add_options, option, read_options
from scenarios.profile import FEATURES
from scenarios.record import make_run_folder, run_record, scenario_file, write_record
from scenarios.requirements import catalogue
from scenarios.secrets import redact_text
from scenarios.verdict import CheckFailed, CheckUnknown

if TYPE_CHECKING:
    from scenarios.device import LabDevice
    from scenarios.lab import Lab

__all__ = ["device", "devices", "lab"]

EXIT_UNKNOWN = 10

_options = pytest.StashKey[RunOptions]()
_folder = pytest.StashKey[Path]()
_run = pytest.StashKey["Run"]()
_lab_of_item = pytest.StashKey["Lab"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options, and the switch that wakes this plugin."""
    add_options(parser)
    parser.addini("uplab", "the tests are uplab scenarios", type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Reads the options and makes the run folder; workers share the controller's."""
    config.addinivalue_line("markers", "requirement(*ids): the requirements that a scenario proves")
    config.addinivalue_line(
        "markers", "needs(*features): features of the profile without which a scenario is not applicable"
    )
    config.addinivalue_line("markers", "smoke: a quick sign of life, part of every detection run")
    if not config.getini("uplab"):
        return
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        os.environ["UPLAB_SEED"] = str(worker["uplab_seed"])  # before the options are read: all workers share one seed
        config.option.seed = str(worker["uplab_seed"])
        config.stash[_options] = read_options(config)
        config.stash[_folder] = Path(worker["uplab_folder"])
        return
    signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getpid(), signal.SIGINT))  # CI ends a job so: stop in order
    _check_ids(config)
    config.stash[_options] = options = read_options(config)
    if options.command is None and config.getoption("numprocesses", None):
        raise pytest.UsageError("a forwarder that runs elsewhere is tested by one worker: leave -n away")
    config.stash[_folder] = make_run_folder(
        Path(option(config, "--report-dir") or "reports/runs").resolve(), options.seed
    )
    config.stash[_run] = Run(config)
    config.pluginmanager.register(config.stash[_run], "uplab-run")


def _check_ids(config: pytest.Config) -> None:
    for name in ("--requirement", "--must-apply"):
        for id_ in config.getoption(name):
            if id_ not in catalogue():
                near = [known for known in catalogue() if known.startswith(str(id_).split("-")[0].upper())]
                raise pytest.UsageError(
                    f"{name}: there is no requirement {id_}" + (f"; there are {near[0]} to {near[-1]}" if near else "")
                )


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tells a worker of pytest-xdist the seed and the folder of the run."""
    if _options in node.config.stash:
        node.workerinput["uplab_seed"] = node.config.stash[_options].seed
        node.workerinput["uplab_folder"] = str(node.config.stash[_folder])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Selects by suite and requirement, and shuffles."""
    if _options not in config.stash:
        return
    suites, ids = set(config.getoption("--only")), set(config.getoption("--requirement"))
    known = {_suite(item.nodeid) for item in items}
    if suites - known and items:
        raise pytest.UsageError(
            f"--only: there is no suite {', '.join(sorted(suites - known))}; there are {', '.join(sorted(known))}"
        )
    chosen = [
        i for i in items if (not suites or _suite(i.nodeid) in suites) and (not ids or ids & set(_requirements(i)))
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
    if config.getoption("--shuffle"):
        random.Random(config.stash[_options].seed).shuffle(chosen)
    items[:] = chosen


def _suite(node_id: str) -> str:
    parts = node_id.partition("::")[0].replace("\\", "/").split("/")
    return parts[-2] if len(parts) > 1 else "scenarios"


def _requirements(item: pytest.Item) -> list[str]:
    return [id_ for marker in item.iter_markers("requirement") for id_ in marker.args]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A scenario that needs what the profile does not declare is not applicable, and says so."""
    if _options not in item.config.stash:
        return
    unknown = [id_ for id_ in _requirements(item) if id_ not in catalogue()]
    needed = [feature for marker in item.iter_markers("needs") for feature in marker.args]
    if unknown or set(needed) - FEATURES:
        raise pytest.UsageError(
            f"{item.nodeid} names {unknown or sorted(set(needed) - FEATURES)}, which the catalogue does not know"
        )
    profile = item.config.stash[_options].profile
    missing = [feature for feature in needed if not getattr(profile.features, feature)]
    if missing:
        pytest.skip(f"the profile {profile.name} does not declare {', '.join(missing)}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turns what happened into one of the four outcomes and hands the record to whoever collects."""
    report = yield
    if _options not in item.config.stash:
        return report
    error = call.excinfo.value if call.excinfo is not None else None
    if isinstance(error, (CheckFailed, CheckUnknown)):
        report.longrepr = redact_text(str(error))  # the reader wants the promise, not our stack
    elif report.failed:
        report.longrepr = redact_text(str(report.longrepr))
    lab = item.stash.get(_lab_of_item, None)
    record: dict[str, Any] = {
        "outcome": _outcome(report, error),
        "suite": _suite(item.nodeid),
        "title": re.sub(r"^test_", "", item.name).replace("_", " "),
        "promise": (getattr(item, "obj", None).__doc__ or "").strip() or None,
        "requirements": _requirements(item),
        "worker": lab.worker if lab else "main",
        "verdicts": [verdict.as_dict() for verdict in lab.verdicts] if lab and report.when == "call" else [],
        "history": scenario_file(item.nodeid) if lab else None,
    }
    report.user_properties.append(("uplab", record))
    return report


def _outcome(report: pytest.TestReport, error: BaseException | None) -> str:
    if isinstance(error, CheckUnknown):
        return "unknown"
    return {"passed": "passed", "failed": "failed", "skipped": "not applicable"}[report.outcome]


def pytest_report_teststatus(
    report: pytest.CollectReport | pytest.TestReport, config: pytest.Config
) -> tuple[str, str, str] | None:
    """Shows unknown and not applicable as what they are."""
    record = dict(getattr(report, "user_properties", ())).get("uplab")
    if _options not in config.stash or record is None:
        return None
    if record["outcome"] == "unknown":
        return "unknown", "?", "UNKNOWN"
    if record["outcome"] == "not applicable":
        return "not applicable", "-", "NOT APPLICABLE"
    return None


class Run:
    """Collects the scenarios of a run, on the controller where there are workers, and writes the reports at its end."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.started = datetime.now(UTC)
        self.scenarios: dict[str, dict[str, Any]] = {}
        self.gate = Gate.from_config(config, _requirements_never_na=config.getoption("--must-apply"))
        known = option(config, "--known-failing")
        self.known_failing = read_known_failing(Path(known)) if known else None

    def pytest_sessionstart(self) -> None:
        """Says the seed first: with it a failure can be repeated."""
        options = self.config.stash[_options]
        terminal = self.config.pluginmanager.get_plugin("terminalreporter")
        if terminal is not None:
            terminal.write_line(
                f"uplab: seed {options.seed}, forwarder {options.profile.name}, report in {_shown(self.config.stash[_folder])}"
            )

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Folds setup, call and teardown into one record; the worst of the three counts."""
        record: Any = dict(report.user_properties).get("uplab")
        if record is None:
            return
        scenario = self.scenarios.setdefault(
            report.nodeid, {"id": report.nodeid, "duration_s": 0.0, "reason": None, "message": None, **record}
        )
        scenario["duration_s"] = round(scenario["duration_s"] + report.duration, 3)
        scenario["verdicts"] += record["verdicts"] if record["verdicts"] is not scenario["verdicts"] else []
        scenario["history"] = scenario["history"] or record["history"]
        order = ("passed", "not applicable", "unknown", "failed")
        scenario["outcome"] = max(scenario["outcome"], record["outcome"], key=order.index)
        if record["outcome"] == "not applicable" and isinstance(report.longrepr, tuple):
            scenario["reason"] = report.longrepr[2].removeprefix("Skipped: ")
        elif record["outcome"] in ("unknown", "failed") and report.longrepr is not None:
            scenario["message"] = scenario["message"] or str(report.longrepr)
            scenario["reason"] = scenario["reason"] or (str(report.longrepr).splitlines() or [""])[0]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Decides the exit code and writes run.json and the reports."""
        outcomes = [scenario["outcome"] for scenario in self.scenarios.values()]
        code = int(exitstatus)
        if code in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            code = 1 if "failed" in outcomes else EXIT_UNKNOWN if "unknown" in outcomes else 0
        if self.known_failing is not None:
            code = self.known_failing.judge(self.scenarios, code)
        code = self.gate.judge(self.scenarios, code)
        session.exitstatus = code
        folder, options = self.config.stash[_folder], self.config.stash[_options]
        version = importlib.metadata.version("uplab")
        record = run_record(
            options,
            self.scenarios.values(),
            version=version,
            started=self.started,
            exit_code=code,
            shuffled=self.config.getoption("--shuffle"),
        )
        record["gate"] = self.gate.lines + (self.known_failing.lines if self.known_failing else [])
        write_record(folder, record)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Prints the verdict table; the reports are rendered from what was stored."""
        from scenarios.publish import publish  # noqa: PLC0415 - the last step, the only one that knows the reports

        publish(self.config.stash[_folder], terminalreporter)


def _shown(folder: Path) -> str:
    """The folder as the user would type it."""
    return str(folder.relative_to(Path.cwd())) if folder.is_relative_to(Path.cwd()) else str(folder)


@pytest.fixture(scope="session")
def running_lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """The lab of this worker, started once."""
    from scenarios.lab import Lab  # noqa: PLC0415 - importing the whole lab costs half a second, which `--help` need not pay

    config = request.config
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    lab = Lab(config.stash[_options], folder=config.stash[_folder], worker=worker)
    try:
        lab.start()
    except (ForwarderStartError, OAuthError) as error:
        pytest.exit(str(error), returncode=int(pytest.ExitCode.TESTS_FAILED))
    yield lab
    lab.stop()


@pytest.fixture
def lab(running_lab: Lab, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """The lab, cleared for this scenario; its history goes to a file of its own."""
    request.node.stash[_lab_of_item] = running_lab
    folder = request.config.stash[_folder]
    with running_lab.history.scenario(folder / scenario_file(request.node.nodeid)):
        running_lab.begin()
        try:
            yield running_lab
        finally:
            running_lab.end()


@pytest.fixture
def device(lab: Lab) -> LabDevice:
    """One joined Elsys ERS."""
    return lab.device()


@pytest.fixture
def devices(lab: Lab) -> list[LabDevice]:
    """Three joined Elsys ERS."""
    return [lab.device() for _ in range(3)]
