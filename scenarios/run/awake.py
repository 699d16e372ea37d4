"""The pytest plugin of a run: the fixtures of the scenarios, their four outcomes, and the record that the reports read.

It is loaded by `plugin.py`, in a test run whose configuration says `uplab = true`, and in no other.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from uplab.scenarios.checks.standing.watch import NAMES
from uplab.scenarios.checks.verdict import CheckError, CheckFailed, CheckUnknown, Verdict, raise_for
from uplab.scenarios.history import unwritten
from uplab.scenarios.history.history import of_hop
from uplab.scenarios.history.lines import between_file
from uplab.scenarios.history.secrets import redact, redact_text
from uplab.scenarios.lab.authority import AuthorityError
from uplab.scenarios.lab.ports import PortError
from uplab.scenarios.run import allure_results, interrupt, selection
from uplab.scenarios.run.again import Again, excuse, note_lateness, tries
from uplab.scenarios.run.controller import WORST_LAST, Run
from uplab.scenarios.run.cost import Costs
from uplab.scenarios.run.looked import look, take_looked
from uplab.scenarios.run.mistakes import check_names, mistake_of
from uplab.scenarios.run.options import add_options, check_workers, make_folder, read_options, read_verbosity
from uplab.scenarios.run.outcome import NoLabError, late_of, outcome_of, verdicts_of
from uplab.scenarios.run.record import (
    blank_record,
    line_of,
    promise_of,
    scenario_file,
    shown_path,
    steps_of,
    write_selected,
)
from uplab.scenarios.run.tiers import Tiers
from uplab.scenarios.under_test.probe import TokenRefusedError
from uplab.scenarios.under_test.process import ForwarderStartError
from uplab.scenarios.under_test.target import RunOptions
from uplab.scenarios.under_test.ways.reach import NotApplicableError, lacking

if TYPE_CHECKING:
    from uplab.scenarios.lab.device import LabDevice
    from uplab.scenarios.lab.lab import Lab
    from uplab.scenarios.under_test.promise.variant import Variant

__all__ = ["device", "devices", "lab"]

_options = pytest.StashKey[RunOptions]()
_folder = pytest.StashKey[Path]()
_lab_of_item = pytest.StashKey["Lab"]()
_left = pytest.StashKey[list[str]]()
_measured = pytest.StashKey[dict[str, Any]]()
_running: list[Lab] = []  # that of this process, while there is one
_standing = pytest.StashKey[list[Verdict]]()

_TOLD = (CheckError, CheckFailed, CheckUnknown, NoLabError)  # what tells a reader all that he needs


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options of a run."""
    add_options(parser)


@pytest.hookimpl(tryfirst=True)  # before allure-pytest, which decides here where it writes
def pytest_configure(config: pytest.Config) -> None:
    """Reads the options and makes the run folder; workers share the controller's."""
    config.addinivalue_line("markers", "requirement(*ids): the requirements that a scenario proves")
    config.addinivalue_line(
        "markers", "needs(*features): features of the profile without which a scenario is not applicable"
    )
    config.addinivalue_line("markers", f"breaks(*names): the standing invariants that it breaks: {', '.join(NAMES)}")
    config.addinivalue_line("markers", "delivery: what every forwarder can be asked; --only delivery selects it")
    config.addinivalue_line("markers", "smoke: a quick sign of life, part of every detection run")
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        config.option.seed = str(worker["uplab_seed"])  # all workers share one seed
    config.stash[_options] = options = read_options(config)
    config.pluginmanager.register(Tiers(config, options), "uplab-tiers")
    selection.read(config)
    unhidden = options.register_secrets()
    if worker is not None:
        # CI ends a whole group of processes so; the controller then ends its workers, and each one stops its lab.
        signal.signal(signal.SIGTERM, interrupt.ignore)
        config.stash[_folder] = Path(worker["uplab_folder"])
        config.pluginmanager.register(_Worker(), "uplab-worker")
    else:
        selection.check_suites(config)
        check_workers(config, options)
        verbosity = read_verbosity(config)
        if config.option.collectonly:
            interrupt.raise_again(*interrupt.BOTH)
            return  # a list of scenarios is no run
        config.stash[_folder] = folder = make_folder(config, options)
        config.pluginmanager.register(Run(config, options, folder, verbosity, said=unhidden), "uplab-run")
    # What ends a job stops a run in order, as Ctrl-C does.
    interrupt.raise_again(*(interrupt.BOTH if worker is None else (signal.SIGINT,)))
    config.pluginmanager.register(Again(), "uplab-again")
    config.pluginmanager.register(Costs(), "uplab-costs")
    if getattr(config.option, "allure_report_dir", "no allure-pytest") is None:
        config.option.allure_report_dir = str(config.stash[_folder] / "allure-results")


@pytest.hookimpl(wrapper=True)
def pytest_sessionstart(session: pytest.Session) -> Generator[None]:
    """Puts the redaction before whatever allure-pytest writes; it has made its logger by now."""
    if _folder in session.config.stash:
        from uplab.scenarios.run.publish import redact_allure  # noqa: PLC0415 - only there may reports be imported

        redact_allure()
    # pytest-xdist starts its workers here: they hold Ctrl-C back until their own pytest_configure has run.
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if _options in session.config.stash else None
    try:
        yield
    finally:
        if held is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, held)


class _Worker:
    """What a worker of pytest-xdist does beside its scenarios."""

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Tells the controller what could not be written down."""
        session.config.workeroutput["uplab_unwritten"] = unwritten.said()  # type: ignore[attr-defined]

    def pytest_keyboard_interrupt(self) -> None:
        """Lets its lab stop in peace: Ctrl-C once more is the controller's to hear."""
        signal.signal(signal.SIGINT, interrupt.ignore)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tells a worker of pytest-xdist the seed and the folder of the run."""
    if _options in node.config.stash:
        node.workerinput["uplab_seed"] = node.config.stash[_options].seed
        node.workerinput["uplab_folder"] = str(node.config.stash[_folder])


@pytest.hookimpl(tryfirst=True)  # it must see every suite, also with -k
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Selects by suite, requirement and stored run, and shuffles."""
    if _options in config.stash:
        selection.select(config, items, config.stash[_options])
        if config.getoption("timeout", None) is None:
            limit = pytest.mark.timeout(config.stash[_options].profile.deadlines.scenario_s)
            for item in items:
                item.add_marker(limit)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Notes what was selected, so that a run that ends early can say what was not reached."""
    if _folder in session.config.stash and session.items:
        write_selected(session.config.stash[_folder], [(i.nodeid, selection.requirements_of(i)) for i in session.items])


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A scenario that needs what the profile does not declare is not applicable, and says so."""
    if _options not in item.config.stash:
        return
    needed = [feature for marker in item.iter_markers("needs") for feature in marker.args]
    check_names(item, needed)
    options = item.config.stash[_options]
    if why := lacking(options.profile, options.withheld, needed) or selection.not_scored(item, options.frozen):
        pytest.skip(why)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """A secret that the forwarder has shown by the way fails the scenario in which it did; our lateness fails none."""
    with _excused(item):
        result = yield
    if (lab := item.stash.get(_lab_of_item, None)) is not None:
        lab.judge_barriers()
        lab.judge_secrets()
        if not lab.verdicts and (left_out := lab.told.get("not_scored")):
            pytest.skip(left_out[0]["why"])
    return result


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(request: pytest.FixtureRequest) -> Generator[None, object, object]:
    """What a fixture waits for may come too late as well."""
    with _excused(request.node):
        return (yield)


@contextmanager
def _excused(item: Any) -> Iterator[None]:
    try:
        yield
    except (Exception, pytest.fail.Exception) as error:
        lab = item.stash.get(_lab_of_item, None)
        if isinstance(error, NotApplicableError):
            pytest.skip(str(error))
        if isinstance(error, TokenRefusedError):
            raise NoLabError(str(error)) from None
        unknown = excuse(lab, error) if lab is not None else None
        if unknown is None:
            raise
        raise unknown from None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turns what happened into one of the five outcomes and hands the record to whoever collects."""
    report = yield
    if _options not in item.config.stash:
        return report
    error = call.excinfo.value if call.excinfo is not None else None
    if isinstance(error, _TOLD):
        report.longrepr = redact_text(str(error))  # the reader wants the promise, not our stack
    elif report.failed:
        report.longrepr = redact_text(str(report.longrepr))
    report.sections = [(name, redact_text(text)) for name, text in report.sections]
    lab = item.stash.get(_lab_of_item, None)
    died = _death(item, report, lab, error)
    message = died or (report.longrepr if isinstance(report.longrepr, str) else None)
    outcome = "failed" if died else outcome_of(report, error)
    mistake = None if died else mistake_of(report, error, lab)
    if mistake is not None:
        outcome, message = "error", redact_text(mistake)
        report.longrepr = message
    lost = unwritten.said(item.config.stash[_folder] if WORST_LAST.index(outcome) > 1 else None)
    if lost:  # what was not written down cannot be proven, and a forwarder may have met the same full disk
        outcome, message = "unknown", f"nothing more could be written: {lost}"
        item.session.shouldstop = message
    again = None if died or lost else note_lateness(item, lab, error, outcome)
    if again is not None:
        # As other tools call a try that does not count; pytest knows three words only, and lets others pass.
        report.outcome = "rerun"  # type: ignore[assignment]
    if isinstance(error, NoLabError):
        item.session.shouldstop = "the lab could not be started"  # the next scenario could not be judged either
    if lab and lab.spoilt and report.when == "teardown":
        item.session.shouldstop = "something is left on the forwarder"  # it would take part in every later scenario
    verdicts = verdicts_of(lab, report, error, item.stash.get(_standing, []), only_passed=bool(died or lost))
    took: dict[str, Any] = item.stash.get(_measured, {})
    record = {
        **blank_record(item.nodeid, outcome, message),
        "promise": promise_of(item),
        "path": shown_path(item.path),
        "line": line_of(item) if report.when == "setup" else None,
        "requirements": selection.requirements_of(item),
        "breaks": selection.breaks_of(item),
        "worker": os.environ.get("PYTEST_XDIST_WORKER", "main"),
        "verdicts": [v.as_dict() for v in verdicts],
        "late": [(id_, v.as_dict()) for id_, v in late_of(lab, report)],
        "read": lab.watch.read.take() if lab and report.when == "teardown" else {},
        "conditions": lab.reached.take(lab.verdicts) if lab and report.when == "teardown" else {},
        "faults": len(of_hop(lab.history.events, "fault.delivered")) if lab and report.when == "call" else 0,
        "history": scenario_file(item.nodeid) if lab else None,
        **(lab.told if lab and report.when == "call" else {}),
        "steps": steps_of(lab.history.events) if lab and report.when != "teardown" else [],
        "no_lab": message if isinstance(error, NoLabError) else None,
        "died": died,
        "forwarder_says": {name: lab.forwarder_says(name) for name in ("version", "digest")} if lab else {},
        "looked": take_looked(item.config),
        "again": redact_text(again) if again is not None else None,
        "left": item.stash.get(_left, []) if report.when == "teardown" else [],
        "spoilt": bool(lab and lab.spoilt),
        "unwritten": lost,
        **(took if report.when == "teardown" else {}),
    }
    if isinstance(report.longrepr, tuple):
        record["reason"] = report.longrepr[2].removeprefix("Skipped: ")
    elif error is not None and died is None and mistake is None and not isinstance(error, _TOLD):
        # A secret that is cut in two would be known by nobody.
        record["reason"] = redact_text(f"{type(error).__name__}: {error}").partition("\n")[0]
    report.user_properties.append(("uplab", orjson.loads(redact(orjson.dumps(record)))))
    return report


def _death(item: pytest.Item, report: pytest.TestReport, lab: Lab | None, error: BaseException | None) -> str | None:
    if lab is None:
        return None
    from uplab.scenarios.run.death import note_death  # noqa: PLC0415 - with the lab, all that it imports is here already

    return note_death(item, report, lab, error)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Tells Allure at the end, when the history is closed, and also of a scenario that was not applicable."""
    try:
        yield
    finally:
        if _folder in item.config.stash:
            allure_results.describe(
                item.nodeid,
                promise=promise_of(item),
                requirements=selection.requirements_of(item),
                history=item.config.stash[_folder] / scenario_file(item.nodeid),
                results=getattr(item.config.option, "allure_report_dir", None),
            )


def pytest_report_teststatus(
    report: pytest.CollectReport | pytest.TestReport, config: pytest.Config
) -> tuple[str, str, str] | None:
    """Shows unknown and not applicable as what they are."""
    record = dict(getattr(report, "user_properties", ())).get("uplab")
    if _options not in config.stash or record is None:
        return None
    if record["again"] is not None:
        return "", "", ""  # a later try counts
    run = config.pluginmanager.get_plugin("uplab-run")
    if run is not None and run.names_each:
        return record["outcome"], "", ""  # a line with its name takes the place of its letter
    if record["no_lab"]:
        return "unknown", "", ""  # said once, at the end
    if record["outcome"] == "unknown":
        return "unknown", "?", "UNKNOWN"
    if record["outcome"] == "error":
        return "error", "E", "ERROR"
    if record["outcome"] == "not applicable":
        return "not applicable", "-", "NOT APPLICABLE"
    return None


def pytest_keyboard_interrupt(excinfo: pytest.ExceptionInfo[BaseException]) -> None:  # noqa: ARG001 - pytest's hook
    """Whoever stops a run wants his prompt back, and the report: no step of the end takes long."""
    for lab in _running:
        lab.hurry()


@pytest.fixture(scope="session")
def running_lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """The lab of this worker, started once."""
    # Importing the whole lab costs half a second, which `--help` and the controller of workers need not pay.
    from uplab.scenarios.lab.lab import Lab  # noqa: PLC0415
    from uplab.scenarios.under_test.oauth import OAuthError  # noqa: PLC0415

    config = request.config
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    folder = config.stash[_folder]
    lab = Lab(config.stash[_options], folder=folder, worker=worker, between=folder / between_file(worker))
    try:
        lab.start()
    except (AuthorityError, ForwarderStartError, OAuthError) as error:
        raise NoLabError(str(error)) from None
    except PortError as error:
        raise NoLabError(f"the lab cannot be started: {error}") from None
    except OSError as error:
        raise NoLabError(f"the lab cannot be started: {error.strerror or error}") from None
    look(lab, config.stash[_folder], config)
    _running.append(lab)
    yield lab
    _running.remove(lab)
    try:
        lab.stop()
        lab.look_on()
        lab.late += lab.watch.take()
        lab.history.close()
    except Exception as error:  # noqa: BLE001 - whatever it is, no forwarder has failed by it
        raise CheckUnknown(f"the lab did not stop in order: {type(error).__name__} {error}".strip()) from None


@pytest.fixture
def lab(running_lab: Lab, variant: Variant, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """The lab, cleared for this scenario; its history goes to a file of its own."""
    request.node.stash[_lab_of_item] = running_lab
    folder = request.config.stash[_folder]
    broken: list[Verdict] = []
    running_lab.play(variant)
    running_lab.look_on()
    with running_lab.history.scenario(folder / scenario_file(request.node.nodeid)):
        requirements, breaks = selection.requirements_of(request.node), selection.breaks_of(request.node)
        running_lab.begin(request.node.nodeid, requirements, breaks)
        running_lab.tries = tries(request.node)
        try:
            yield running_lab
        finally:
            measured = running_lab.measure()
            # How it delivers is told of the usual generation: one figure of several would be none of any.
            own = measured.as_data() if variant.generation is None else None
            request.node.stash[_measured] = {"measured": own, "latency": running_lab.latency().as_data()}
            request.node.stash[_left] = running_lab.end()
            request.node.stash[_standing] = broken = running_lab.look_back()
    if broken:
        raise_for(broken)


@pytest.fixture
def device(lab: Lab) -> LabDevice:
    """One joined Elsys ERS."""
    return lab.device()


@pytest.fixture
def devices(lab: Lab) -> list[LabDevice]:
    """Three joined Elsys ERS."""
    return [lab.device() for _ in range(3)]
