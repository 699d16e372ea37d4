"""`uplab simulate`: a fleet over hours, as documents and frames in files, or to an ingress."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from uplab.scenarios.cli.app import app, fail
from uplab.scenarios.run.exit_codes import FAILED, NOT_STARTED, WRONG_USAGE

if TYPE_CHECKING:
    from uplab.simulator.fleets.day import Day, Published
    from uplab.simulator.fleets.drive import Driven
    from uplab.simulator.fleets.output import Output
    from uplab.simulator.fleets.plan import Plan

__all__ = ["simulate"]

TOLD_EACH_S: Final = 0.2
CTRL_C: Final = 130  # as typer says it; the command line makes our exit code of it

Devices = Annotated[int | None, typer.Option("--devices", metavar="N", help="So many devices.")]
Models = Annotated[
    str,
    typer.Option(metavar="NAME:SHARE,...", help="Their models, such as elsys_ers:70,abeeway_position:30."),
]
Fleet = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Instead: a plan (.toml), or devices of your own with keys (.csv)."),
]
Every = Annotated[float, typer.Option(metavar="S", help="Seconds between the uplinks of a device.")]
Jitter = Annotated[float, typer.Option(metavar="SHARE", help="By so much of it intervals vary.")]
Curve = Annotated[str, typer.Option(metavar="NAME", help="Rate over the day: flat, office, night.")]
Confirmed = Annotated[float, typer.Option(metavar="SHARE", help="So many ask for an acknowledgement.")]
Hours = Annotated[float | None, typer.Option(metavar="H", help="So long (default 24, or the plan's).")]
Start = Annotated[
    str | None, typer.Option(metavar="TIME", help="When it begins, ISO 8601 (default 2026-01-01T00:00:00Z).")
]
Seed = Annotated[str | None, typer.Option(metavar="N", help="The same seed makes the same bytes.")]
Gateways = Annotated[int | None, typer.Option(metavar="N", help="So many gateways (default 2).")]
Loss = Annotated[float | None, typer.Option(metavar="SHARE", help="So much of what reaches a gateway is lost there.")]
RampH = Annotated[float | None, typer.Option("--ramp", metavar="H", help="Devices begin within so long.")]
JoinWithinS = Annotated[
    float | None, typer.Option("--join-within", metavar="S", help="They join within so many seconds.")
]
Outage = Annotated[
    list[str] | None,
    typer.Option(metavar="GATEWAY:FROM_H:MINUTES", help="A gateway is cut off: 1:3:20 (may be repeated)."),
]
Storm = Annotated[
    list[str] | None,
    typer.Option(metavar="AT_H:SHARE:SECONDS", help="Devices join anew: 5:0.3:60 (may be repeated)."),
]
Out = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Write documents, gateways, devices and ledger there; - prints documents."),
]
Frames = Annotated[bool, typer.Option("--frames", help="Write what was on the air, too.")]
Keys = Annotated[bool, typer.Option("--keys", help="Write the devices' keys: --fleet reads them back.")]
To = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Post everything to this ingress; its key is in UPLAB_AS_KEY."),
]
Rate = Annotated[float | None, typer.Option(metavar="N", help="With --to: N documents a second.")]
Speed = Annotated[
    float | None, typer.Option(metavar="N", help="With --to: its own hours, N times as fast (1 is real time).")
]


@app.command()
def simulate(
    devices: Devices = None,
    models: Models = "elsys_ers",
    fleet: Fleet = None,
    every: Every = 600.0,
    jitter: Jitter = 0.1,
    curve: Curve = "flat",
    confirmed: Confirmed = 0.0,
    hours: Hours = None,
    start: Start = None,
    seed: Seed = None,
    gateways: Gateways = None,
    loss: Loss = None,
    ramp_h: RampH = None,
    join_within_s: JoinWithinS = None,
    outage: Outage = None,
    storm: Storm = None,
    out: Out = None,
    frames: Frames = False,
    keys: Keys = False,
    to: To = None,
    rate: Rate = None,
    speed: Speed = None,
) -> None:
    """Simulate a fleet over hours: documents and frames in files, or to an ingress.

    uplab simulate --devices 10000 --models elsys_ers:70,abeeway_position:30 --out day

    Devices join, send, are heard by gateways and become documents of the
    network server. Same options and seed, same bytes. Ctrl-C ends it with a
    whole ledger of what was until then.

    Ends with 0; with 1 where the ingress took not everything; 2 after Ctrl-C,
    3 where the ingress cannot be reached at all, 4 for what cannot be read.
    """
    from uplab.simulator.emit import ignore  # noqa: PLC0415
    from uplab.simulator.errors import SimulatorError  # noqa: PLC0415
    from uplab.simulator.fleets.day import Day  # noqa: PLC0415
    from uplab.simulator.fleets.output import Output  # noqa: PLC0415
    from uplab.simulator.fleets.plan import checked  # noqa: PLC0415

    _check_where(out, to, rate, speed, files=frames or keys)
    printed = str(out) == "-"
    try:
        each = {"every_s": every, "jitter": jitter, "curve": curve, "confirmed": confirmed}
        plan, own = _plan(devices, models, fleet, each, seed)
        plan = checked(
            plan, hours=hours, start=start, seed=seed, gateways=gateways, loss=loss, ramp_h=ramp_h,
            join_within_s=join_within_s, outages=outage, storms=storm,
        )  # fmt: skip
        with Output(None if printed else out, sys.stdout.buffer if printed else None, frames=frames) as output:
            day = Day(plan, own, emit=output.frame if frames else ignore)
            output.fleet(day.devices, day.gateways, keys=keys)
            raise typer.Exit(_play(day, output, to=to, rate=rate, speed=speed))
    except SimulatorError as error:
        fail(str(error), WRONG_USAGE)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # who read it has had enough
        raise typer.Exit(CTRL_C) from None
    except OSError as error:
        fail(f"{error.filename or out}: {error.strerror or error}")


def _check_where(out: Path | None, to: str | None, rate: float | None, speed: float | None, *, files: bool) -> None:
    if out is None and to is None:
        fail("say where it goes: --out DIR, --out - or --to URL", WRONG_USAGE)
    if to is None and (rate is not None or speed is not None):
        fail("--rate and --speed are about --to URL", WRONG_USAGE)
    if rate is not None and speed is not None:
        fail("name either --rate or --speed", WRONG_USAGE)
    for name, number in (("--rate", rate), ("--speed", speed)):
        if number is not None and not 0 < number < 1e9:
            fail(f"{name} takes a number above 0, not {number:g}", WRONG_USAGE)
    if str(out) == "-" and files:
        fail("--frames and --keys write files: name a folder with --out", WRONG_USAGE)


def _plan(
    devices: int | None, models: str, fleet: Path | None, each: Mapping[str, Any], seed: str | None
) -> tuple[Plan, list[tuple[Any, Any]] | None]:
    """The plan, and devices of the user's own with their group."""
    from uplab.simulator.chance import Chance  # noqa: PLC0415
    from uplab.simulator.devices.fleet import read_fleet  # noqa: PLC0415
    from uplab.simulator.fleets.plan import Plan, group_of, groups_of, read_plan  # noqa: PLC0415

    if (devices is None) == (fleet is None):
        fail("name either --devices N or --fleet FILE", WRONG_USAGE)
    if fleet is None:
        assert devices is not None
        return Plan(groups=groups_of(models, devices, **each)), None
    if fleet.suffix.lower() != ".csv":
        return read_plan(fleet), None
    group = group_of(**each)
    try:
        own = [(device, group) for device in read_fleet(fleet, Chance(seed or "1"))]
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{fleet}: {getattr(error, 'strerror', None) or error}", WRONG_USAGE)
    if not own:
        fail(f"{fleet}: there are no devices in it", WRONG_USAGE)
    return Plan(groups=()), own


def _play(day: Day, output: Output, *, to: str | None, rate: float | None, speed: float | None) -> int:
    """Plays the hours, tells how far they are, and writes the ledger, however they end."""
    from uplab.simulator.fleets.drive import Driven, Pace  # noqa: PLC0415

    driven = Driven()
    began_s = time.monotonic()
    with _stoppable() as stopped:
        documents = _told(_written(day, output), day, stopped)
        if to is None:
            for _ in documents:
                pass
        else:
            asyncio.run(_drive(documents, day, output, driven, to, Pace(rate, speed)))
    took_s = time.monotonic() - began_s
    about = {
        "seed": day.plan.seed,
        "hours": day.plan.hours,
        "ended": "stopped" if stopped else "over",
        "simulated_s": round((day.now_s if stopped else day.ends_s) - day.plan.start_s, 3),
        **({"posts": driven.told()} if to is not None else {}),
    }
    output.ledger(day.ledger, about)
    _summary(day, output, driven if to is not None else None, took_s, bool(stopped))
    if stopped:
        return CTRL_C
    if to is None or driven.outcomes.total() == driven.outcomes["accepted"]:
        return 0
    return NOT_STARTED if driven.statuses["none"] == driven.statuses.total() else FAILED


def _written(day: Day, output: Output) -> Iterator[Published]:
    for published in day.run():
        output.document(published.document)
        yield published


@contextmanager
def _stoppable() -> Iterator[list[int]]:
    """Has Ctrl-C and SIGTERM noted in the list instead of breaking off in the middle of a line."""
    stopped: list[int] = []
    before = {one: signal.signal(one, lambda number, _: stopped.append(number)) for one in (2, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _told(published: Iterator[Published], day: Day, stopped: list[int]) -> Iterator[Published]:
    """Goes on until somebody stops it, with a line on the terminal about how far it is."""
    if not sys.stderr.isatty():
        for one in published:
            yield one
            if stopped:
                return
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (BarColumn(24), TaskProgressColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    began_s, next_s = time.monotonic(), 0.0
    with Progress(
        *columns, console=Console(stderr=True, markup=False, emoji=False), transient=True, auto_refresh=False
    ) as progress:
        task = progress.add_task("", total=day.plan.hours * 3600)
        for count, one in enumerate(published, 1):
            yield one
            if stopped:
                return
            if count % 100 == 0 and (now_s := time.monotonic()) >= next_s:
                next_s = now_s + TOLD_EACH_S
                words = f"{count:,} documents  {count / (now_s - began_s):,.0f}/s"
                progress.update(task, completed=day.now_s - day.plan.start_s, description=words, refresh=True)


async def _drive(documents: Iterator[Published], day: Day, output: Output, driven: Driven, to: str, pace: Any) -> None:
    from uplab.simulator.fleets.drive import drive  # noqa: PLC0415
    from uplab.simulator.network.tunnel import Tunnel  # noqa: PLC0415

    key = os.environ.get("UPLAB_AS_KEY")
    if not key:
        fail("--to needs the key with which documents are signed: set UPLAB_AS_KEY", WRONG_USAGE)
    if not re.match(r"https?://[^/]", to):
        fail(f"--to takes a URL with http:// or https://, not {to!r}", WRONG_USAGE)
    tunnel = Tunnel(ingress=to, as_id=os.environ.get("UPLAB_AS_ID") or "uplab.AS", as_key=key)

    def told(document: Any, outcome: Any, _sent_us: int) -> None:
        driven.add(outcome)
        root, content = next(iter(document.items()))
        who = {"root": root, **{name: content[name] for name in ("DevEUI", "FCntUp", "Time") if name in content}}
        output.post({**who, "outcome": outcome.kind, "status": outcome.status})

    await tunnel.start()
    try:
        await drive(documents, tunnel, pace, begins_s=day.plan.start_s, told=told)
    finally:
        await tunnel.stop()


def _summary(day: Day, output: Output, driven: Driven | None, took_s: float, stopped: bool) -> None:
    total = day.ledger.total()
    hours = (day.now_s if stopped else day.ends_s) - day.plan.start_s
    words = [
        f"{'stopped after' if stopped else 'simulated'} {hours / 3600:g} hours of {total['devices']:,} devices"
        f" in {took_s:.1f} s",
        f"  {total['sent']:,} uplinks sent, {total['documents']:,} became documents ({total['late']:,} late),"
        f" {total['unheard']:,} were not heard; {total['joins']:,} joins in {total['join_tries']:,} tries",
    ]
    if driven is not None:
        said = ", ".join(f"{count:,} {kind}" for kind, count in sorted(driven.outcomes.items())) or "nothing posted"
        words.append(f"  the ingress: {said}")
        words += [f"    {count:,} times {reason}" for reason, count in driven.reasons.most_common(5)]
    if output.folder is not None:
        words.append(f"  written to {output.folder}")
    print("\n".join(words), file=sys.stderr)
