"""`uplab load`: a fleet against a forwarder, every uplink judged; `uplab load judge DIR`: the same of stored files."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from uplab.scenarios.cli.app import Authority, Certificate, Key, Proxy, access_by, app, fail
from uplab.scenarios.cli.fleets.simulate import CTRL_C, Confirmed, Curve, Devices, Every, Fleet, Hours, Jitter, Seed
from uplab.scenarios.run.exit_codes import FAILED, NOT_STARTED, PASSED, UNKNOWN, UNWRITTEN, WRONG_USAGE

if TYPE_CHECKING:
    from uplab.scenarios.load.plan import LoadPlan
    from uplab.scenarios.under_test.target import RunOptions

__all__ = ["load"]

LOADS = Path("reports") / "runs" / "loads"
_CODES = {"passed": PASSED, "failed": FAILED, "unknown": UNKNOWN}

What = Annotated[
    list[str] | None,
    typer.Argument(metavar="[PLAN | judge DIR...]", help="A plan in TOML; or folders of a load, to be judged again."),
]
Models = Annotated[str | None, typer.Option(metavar="NAME:SHARE,...", help="Their models (default elsys_ers).")]
To = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KIND:CONNECTIONS:SHARE", help="A destination: http:3:70, thingsboard:1:30 (default http; repeated)."
    ),
]
Rate = Annotated[float | None, typer.Option(metavar="N", help="Uplinks a second (default: as fast as they are taken).")]
Speed = Annotated[float | None, typer.Option(metavar="N", help="Or its own hours, N times as fast.")]
Minutes = Annotated[float | None, typer.Option(metavar="M", help="It ends after so long (default: with its hours).")]
Processes = Annotated[int | None, typer.Option(metavar="N", help="Senders, each with its share of the devices.")]
Fault = Annotated[
    list[str] | None,
    typer.Option(
        metavar="DEST:AT_S:FOR_S:KIND",
        help="A destination misbehaves: 'http:60:20:status 503', slow S, hang, reset, half, down (repeated).",
    ),
]
Restart = Annotated[
    list[str] | None,
    typer.Option(metavar="AT_S:HOW", help="The forwarder is ended and started again: 120:kill, 200:stop (repeated)."),
]
LateAfter = Annotated[float | None, typer.Option(metavar="S", help="Late is what took longer (default delivery_s).")]
Expect = Annotated[
    list[str] | None,
    typer.Option(metavar="SENTENCE", help="'p99 < 2s', 'http rate > 500', 'late < 1%' (repeated); lost = 0 and so on."),
]
Out = Annotated[Path | None, typer.Option(metavar="DIR", help="Where everything is written.")]
Command = Annotated[
    str | None, typer.Option(envvar="UPLAB_FORWARDER_COMMAND", metavar="CMD", help="The forwarder, started here.")
]
Api = Annotated[
    str | None, typer.Option(envvar="UPLAB_FORWARDER_API", metavar="URL", help="Or the API of one that runs.")
]
Ingress = Annotated[str | None, typer.Option(envvar="UPLAB_FORWARDER_INGRESS", metavar="URL", help="And its ingress.")]
ProfileFile = Annotated[
    Path | None, typer.Option(envvar="UPLAB_FORWARDER_PROFILE", metavar="FILE", help="What it has and promises.")
]
AdvertiseHost = Annotated[
    str, typer.Option(envvar="UPLAB_ADVERTISE_HOST", metavar="HOST", help="Where that one reaches the destinations.")
]
Soak = Annotated[bool, typer.Option("--soak", help="Memory, files or latency that go on growing fail it.")]
Keep = Annotated[bool, typer.Option("--keep", help="Keep ledgers and arrivals, for `uplab load judge`.")]


@app.command()
def load(
    what: What = None,
    devices: Devices = None,
    models: Models = None,
    fleet: Fleet = None,
    every: Every = 600.0,
    jitter: Jitter = 0.1,
    curve: Curve = "flat",
    confirmed: Confirmed = 0.0,
    hours: Hours = None,
    seed: Seed = None,
    rate: Rate = None,
    speed: Speed = None,
    minutes: Minutes = None,
    processes: Processes = None,
    to: To = None,
    fault: Fault = None,
    restart: Restart = None,
    late_after: LateAfter = None,
    expect: Expect = None,
    soak: Soak = False,
    out: Out = None,
    keep: Keep = False,
    forwarder_command: Command = None,
    forwarder_api: Api = None,
    forwarder_ingress: Ingress = None,
    forwarder_profile: ProfileFile = None,
    advertise_host: AdvertiseHost = "127.0.0.1",
    forwarder_authority: Authority = None,
    forwarder_certificate: Certificate = None,
    forwarder_key: Key = None,
    forwarder_proxy: Proxy = None,
) -> None:
    """Send a fleet's uplinks through a forwarder, and judge every one of them.

    uplab load --devices 1000 --rate 500 --minutes 10 --expect "p99 < 2s"

    Lost, twice, out of order, altered, misplaced, invented: each is counted
    exactly and the first are named. Ctrl-C ends the posts, waits for what is
    owed and writes the whole report; a second one does not wait.

    Ends with 0; 1 where an uplink broke a promise or an expectation is not
    met, 2 after Ctrl-C, 3 where nothing could be started, 4 for what cannot
    be read, 10 where something could not be decided.
    """
    if what and what[0] == "judge":
        raise typer.Exit(_judge(what[1:], expect, out))
    given: dict[str, Any] = {
        "devices": devices, "models": models, "fleet": fleet, "hours": hours, "seed": seed, "rate": rate,
        "speed": speed, "minutes": minutes, "processes": processes, "to": to, "faults": fault, "restarts": restart,
        "late_after_s": late_after, "expect": [*(expect or ()), *(["growing = 0"] if soak else ())] or None,
    }  # fmt: skip
    each: dict[str, tuple[Any, Any]] = {
        "every_s": (every, 600.0),
        "jitter": (jitter, 0.1),
        "curve": (curve, "flat"),
        "confirmed": (confirmed, 0.0),
    }
    given |= {name: value for name, (value, usual) in each.items() if value != usual}
    access = {
        "--forwarder-authority": forwarder_authority,
        "--forwarder-certificate": forwarder_certificate,
        "--forwarder-key": forwarder_key,
        "--forwarder-proxy": forwarder_proxy,
    }
    plan = _plan(what or [], given)
    where = (forwarder_command, forwarder_api, forwarder_ingress)
    options = _options(plan, where, forwarder_profile, advertise_host, access)
    raise typer.Exit(_play(plan, options, out, keep=keep))


def _plan(what: list[str], given: Mapping[str, Any]) -> LoadPlan:
    from uplab.scenarios.load.expect import read_expectation  # noqa: PLC0415
    from uplab.scenarios.load.plan import load_plan, read_load_plan  # noqa: PLC0415
    from uplab.simulator.fleets.tables import PlanError  # noqa: PLC0415

    if len(what) > 1:
        fail(f"one plan at a time: {' '.join(what)}", WRONG_USAGE)
    try:
        said = read_load_plan(Path(what[0])) if what else {}
        asked = {name: value for name, value in given.items() if value is not None}
        if "devices" in asked or "fleet" in asked:
            said = {name: value for name, value in said.items() if name not in ("devices", "fleet")}
        if "expect" in asked:  # those of a plan go on
            more = tuple(read_expectation("--expect", one) for one in asked["expect"])
            asked["expect"] = (*said.get("expect", ()), *more)
        return load_plan({**said, **asked})
    except PlanError as error:
        fail(str(error), WRONG_USAGE)


def _options(
    plan: LoadPlan,
    where: tuple[str | None, str | None, str | None],
    profile_file: Path | None,
    advertise_host: str,
    access: Mapping[str, str | None],
) -> RunOptions:
    from uplab.scenarios.under_test.access.access import Access  # noqa: PLC0415
    from uplab.scenarios.under_test.profile import ProfileError, load_profile  # noqa: PLC0415
    from uplab.scenarios.under_test.target import REFERENCE_COMMAND, RunOptions  # noqa: PLC0415

    command, api, ingress = where
    if (api is None) != (ingress is None) or (api and command):
        fail("name --forwarder-command, or --forwarder-api with --forwarder-ingress", WRONG_USAGE)
    try:
        profile = load_profile(profile_file)
    except ProfileError as error:
        fail(str(error), WRONG_USAGE)
    if api is not None and not os.environ.get("UPLAB_AS_KEY"):
        fail("a forwarder that runs elsewhere has its own key: set UPLAB_AS_KEY", WRONG_USAGE)
    options = RunOptions(
        seed=int(plan.fleet.seed) if plan.fleet.seed.isdecimal() else 1,
        profile=profile,
        command=None if api is not None else command or REFERENCE_COMMAND,
        api=api.rstrip("/") if api else None,
        ingress=ingress,
        access=access_by(access, api, ingress) if api is not None else Access(),
        advertise_host=advertise_host,
        api_token=os.environ.get("UPLAB_FORWARDER_TOKEN"),
        as_id=os.environ.get("UPLAB_AS_ID") or "uplab.AS",
        as_key=os.environ.get("UPLAB_AS_KEY"),
        ingress_secret=os.environ.get("UPLAB_INGRESS_SECRET"),
        profile_file=str(profile_file) if profile_file else None,
    )
    for line in options.register_secrets():
        print(f"uplab: {line}", file=sys.stderr)
    return options


def _play(plan: LoadPlan, options: RunOptions, out: Path | None, *, keep: bool) -> int:
    from uplab.scenarios.cli.fleets.live import followed  # noqa: PLC0415
    from uplab.scenarios.load.conductor import Conductor, folder_for  # noqa: PLC0415
    from uplab.scenarios.load.stage import Stage, StageError  # noqa: PLC0415
    from uplab.scenarios.load.workers.worker import WorkerError  # noqa: PLC0415
    from uplab.scenarios.under_test.process import ForwarderStartError  # noqa: PLC0415

    try:
        folder = out or folder_for(LOADS, plan.fleet.seed)
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.glob("*.ndjson")):
            fail(f"{folder}: there is a load in it already: name another folder with --out", WRONG_USAGE)
        with _stoppable() as stopped:
            stage = Stage(plan, options, folder)
            try:
                stage.start("http://127.0.0.1:9")  # no downlink is sent
                with followed() as look:
                    result = Conductor(stage, look, stopped).play()
            except (StageError, ForwarderStartError, WorkerError) as error:
                fail(str(error), NOT_STARTED)
            finally:
                stage.stop()
        return _tell(result, folder, keep=keep)
    except OSError as error:
        fail(f"{error.filename or out}: {error.strerror or error}", UNWRITTEN)


def _judge(folders: list[str], expect: list[str] | None, out: Path | None) -> int:
    from uplab.scenarios.load.expect import read_expectation  # noqa: PLC0415
    from uplab.scenarios.load.reading import StoredLoadError, stored  # noqa: PLC0415
    from uplab.scenarios.load.result import judged_alone  # noqa: PLC0415
    from uplab.simulator.fleets.tables import PlanError  # noqa: PLC0415

    if not folders:
        fail("name the folders of a load: uplab load judge DIR...", WRONG_USAGE)
    try:
        expectations = tuple(read_expectation("--expect", one) for one in expect or ())
        _, judge, reading = stored([Path(one) for one in folders])
    except (PlanError, StoredLoadError) as error:
        fail(str(error), WRONG_USAGE)
    judge.finish(complete=reading.complete)
    result = judged_alone(judge, expectations, complete=reading.complete, apart=reading.apart)
    return _tell(result, out, keep=True)


def _tell(result: dict[str, Any], folder: Path | None, *, keep: bool) -> int:
    """Writes report and result, and says what came of it; the exit code."""
    from uplab.reports.load.page import write_load  # noqa: PLC0415
    from uplab.reports.load.words import summary  # noqa: PLC0415

    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "load.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        write_load(result, folder / "report.html")
        if not keep and result["outcome"] == "passed":
            for path in folder.glob("*.ndjson"):
                path.unlink()
    print("\n".join(summary(result)), file=sys.stderr)
    if folder is not None:
        print(f"  report  {folder / 'report.html'}", file=sys.stderr)
    if result["stopped"]:
        return CTRL_C
    return _CODES[result["outcome"]]


@contextmanager
def _stoppable() -> Iterator[list[int]]:
    """Has Ctrl-C and SIGTERM noted in the list."""
    stopped: list[int] = []
    before = {one: signal.signal(one, lambda number, _: stopped.append(number)) for one in (2, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
