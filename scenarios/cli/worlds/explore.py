"""`uplab explore` and `uplab play`: worlds that nobody wrote, and one world again."""

from __future__ import annotations

import secrets
import time
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from uplab.scenarios.cli.app import PASS_THROUGH, app, fail
from uplab.scenarios.run.exit_codes import FAILED, PASSED, STOPPED, WRONG_USAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from uplab.scenarios.cli.worlds.rounds import Round
    from uplab.scenarios.worlds.plan import Plan
    from uplab.scenarios.worlds.space.dimensions import Dimension

__all__ = ["explore", "play"]

_ROUND = 200  # worlds between two looks at the clock
_TIMES = 3  # of each candidate while a world is made smaller
_SHRUNK = 3  # failures that are made smaller, each by another check


@app.command(context_settings=PASS_THROUGH)
def explore(
    ctx: typer.Context,
    worlds: Annotated[int, typer.Option(min=1, max=1_000_000, help="So many worlds.")] = _ROUND,
    minutes: Annotated[
        float | None, typer.Option(min=0.01, help="Instead: as many as fit into so many minutes.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="The same seed draws the same worlds.")] = None,
    first: Annotated[int, typer.Option(min=0, help="The number of the first world.")] = 0,
    fix: Annotated[list[str] | None, typer.Option(metavar="DIM=VALUE", help="Always this value.")] = None,
    leave: Annotated[list[str] | None, typer.Option(metavar="DIM", help="Leave this dimension out.")] = None,
    budget: Annotated[float, typer.Option(min=0, metavar="SECONDS", help="For making a failure smaller.")] = 120,
    report_dir: Annotated[Path, typer.Option(help="Where runs are kept.")] = Path("reports/runs"),
) -> None:
    """Draw worlds from the documented space, play and judge them, and make what fails small.

    All other options are those of `uplab run`: --forwarder-command, -n, --gate. Ends as its worst run does. `uplab
    explore --fix '?'` lists the dimensions and their values.
    """
    from uplab.scenarios.worlds.drawing.compose import EmptySpaceError, world  # noqa: PLC0415

    seed = secrets.randbelow(2**31) if seed is None else seed
    dimensions = _dimensions(ctx.args)
    fixed = _fixed(dimensions, fix or [], leave or [])
    print(f"uplab: worlds of seed {seed}, from number {first}")
    begun_s, drawn, played, worst, red = time.monotonic(), 0, 0, PASSED, list[tuple[Any, Any]]()
    try:
        while drawn < worlds if minutes is None else time.monotonic() - begun_s < minutes * 60:
            some = min(_ROUND, worlds - drawn) if minutes is None else _ROUND
            plans = [world(seed, first + drawn + number, dimensions, fixed) for number in range(some)]
            found = _round(plans, [*ctx.args, "--seed", str(seed)], report_dir)  # so are its devices
            played += len(found.worlds)
            drawn += some
            worst = worst or found.code
            by_name = {plan.name: plan for plan in plans}
            red += [(by_name[one["name"]], one) for one in found.red if one["name"] in by_name]
            if not found.worlds:
                break
        took_s = time.monotonic() - begun_s
        print(f"uplab: {played} worlds in {took_s:.0f} s, {len(red)} failed")
        _make_small(red, ctx.args, report_dir, budget)
    except EmptySpaceError as error:
        fail(str(error), WRONG_USAGE)
    except KeyboardInterrupt:
        fail(f"stopped after {played} worlds of seed {seed}", STOPPED)
    raise typer.Exit(FAILED if red else worst)


@app.command(context_settings=PASS_THROUGH)
def play(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="A world, as *.json, a folder of them, or a bundle with one that failed.")
    ],
    times: Annotated[int, typer.Option(min=1, max=100, help="How often each is played.")] = 1,
    report_dir: Annotated[Path, typer.Option(help="Where runs are kept.")] = Path("reports/runs"),
) -> None:
    """Play one world, each time in a fresh forwarder (then the options of uplab run, as --forwarder-command).

    With --times it says how often it failed: a world that fails k of n times is unstable, and that is its rate.
    """
    from uplab.scenarios.bundles.stored import StoredError  # noqa: PLC0415
    from uplab.scenarios.cli.worlds.rounds import play_round, worlds_of  # noqa: PLC0415
    from uplab.scenarios.worlds.kept import read_folder  # noqa: PLC0415
    from uplab.scenarios.worlds.plan import PlanError  # noqa: PLC0415

    try:
        plans = worlds_of(file) if file.suffix == ".zip" else read_folder(file, most=10_000)
    except (PlanError, StoredError) as error:
        fail(str(error), WRONG_USAGE)
    copies = [
        plan.model_copy(update={"name": f"{plan.name[:50]}.{time_ + 1}"}) if times > 1 else plan
        for plan in plans
        for time_ in range(times)
    ]
    try:
        found = play_round(copies, ctx.args, report_dir=report_dir, alone=True)
    except KeyboardInterrupt:
        fail("stopped", STOPPED)
    if times > 1:
        for plan in plans:
            failed = sum(one["name"].rpartition(".")[0] == plan.name[:50] for one in found.red)
            kind = "unstable: " if 0 < failed < times else ""
            print(f"uplab: {plan.name} {kind}failed {failed} of {times} times")
    raise typer.Exit(found.code)


def _round(plans: Sequence[Plan], arguments: Sequence[str], report_dir: Path) -> Round:
    from uplab.scenarios.cli.worlds.rounds import play_round  # noqa: PLC0415

    return play_round(plans, arguments, report_dir=report_dir)


def _dimensions(arguments: Sequence[str]) -> tuple[Dimension, ...]:
    """What the profile of these options declares."""
    from uplab.scenarios.under_test.profile import ProfileError, load_profile  # noqa: PLC0415
    from uplab.scenarios.worlds.space.offered import offered  # noqa: PLC0415

    named = [after for before, after in pairwise(arguments) if before == "--forwarder-profile"]
    named += [one.partition("=")[2] for one in arguments if one.startswith("--forwarder-profile=")]
    try:
        return offered(load_profile(Path(named[-1]) if named else None))
    except ProfileError as error:
        fail(str(error), WRONG_USAGE)


def _fixed(dimensions: Sequence[Dimension], fix: Sequence[str], leave: Sequence[str]) -> dict[str, str]:
    """The values that are fixed, and those left out at their defaults; fails in a line where there is none such."""
    known = {one.name: one for one in dimensions}
    if "?" in fix:
        for one in dimensions:
            print(f"{one.name}: {', '.join(one.values)}")
        raise typer.Exit(PASSED)
    found: dict[str, str] = {}
    for text in [*fix, *leave]:
        name, equals, value = text.partition("=")
        if name not in known:
            fail(f"there is no dimension {name}; {_near(name, list(known))}", WRONG_USAGE)
        if text in leave and not equals:
            value = known[name].default
        if value not in known[name].values:
            fail(f"{name} has no value {value!r}; {_near(value, list(known[name].values))}", WRONG_USAGE)
        found[name] = value
    return found


def _near(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"


def _before(until_s: float) -> Callable[[], bool]:
    return lambda: time.monotonic() < until_s


def _make_small(
    red: Sequence[tuple[Plan, dict[str, Any]]], arguments: Sequence[str], place: Path, budget_s: float
) -> None:
    """The first failure of each check, made as small as the budget allows, as a world and as a scenario to copy."""
    from uplab.scenarios.cli.worlds.rounds import trial_of  # noqa: PLC0415
    from uplab.scenarios.worlds.plan import write_plan  # noqa: PLC0415
    from uplab.scenarios.worlds.shrinking.shown import as_pytest, told  # noqa: PLC0415
    from uplab.scenarios.worlds.shrinking.shrink import shrink  # noqa: PLC0415

    by_check: dict[str, tuple[Plan, dict[str, Any]]] = {}
    for plan, one in red:
        by_check.setdefault(str(one["red"][0]["check"]) if one["red"] else "world", (plan, one))
    for check, (plan, one) in list(by_check.items())[:_SHRUNK]:
        until_s = time.monotonic() + budget_s / min(_SHRUNK, len(by_check))
        trial = trial_of(one, arguments, times=_TIMES, place=place / "shrinking")
        found = shrink(plan, trial, times=_TIMES, goes_on=_before(until_s))
        if found is None:
            print(f"uplab: {plan.name} ({check}) did not fail alone, {_TIMES} times: it depends on what was before it")
            continue
        why = str(one["red"][0]["happened"]) if one["red"] else check
        folder = place / "worlds"
        folder.mkdir(parents=True, exist_ok=True)
        world, test = folder / f"{plan.name}.json", folder / f"test_{plan.name.replace('-', '_').replace('.', '_')}.py"
        world.write_text(write_plan(found.plan), encoding="utf-8")
        test.write_text(as_pytest(found.plan, why), encoding="utf-8")
        print(f"uplab: {plan.name}: {check}: {why[:300]}")
        print(told(found))
        print(write_plan(found.plan))
        print(f"  play it     uplab play {world}\n  to copy     {test}")
