"""The small commands, each in one function."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from uplab.scenarios.cli.app import PASS_THROUGH, app, fail
from uplab.scenarios.cli.main import BECOME
from uplab.scenarios.run.exit_codes import NOT_STARTED, STOPPED

__all__ = ["documents", "environment", "fake", "forwarder", "run", "up"]


@app.command(context_settings=PASS_THROUGH, add_help_option=False)
def run(ctx: typer.Context) -> None:
    """Run the scenario suites against a forwarder, and write the report."""
    BECOME["run"](ctx.args)


@app.command(context_settings=PASS_THROUGH, add_help_option=False)
def forwarder(ctx: typer.Context) -> None:
    """Start the reference forwarder alone (all its options: uplab forwarder --help)."""
    BECOME["forwarder"](ctx.args)


@app.command(context_settings=PASS_THROUGH, add_help_option=False)
def fake(ctx: typer.Context) -> None:
    """Start one fake alone, with its pages for people."""
    BECOME["fake"](ctx.args)


@app.command()
def up(
    seed: Annotated[int, typer.Option(help="The seed of every chance.")] = 1,
    forwarder_command: Annotated[
        str | None,
        typer.Option(envvar="UPLAB_FORWARDER_COMMAND", metavar="CMD", help="Another forwarder than the reference one."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the addresses as one line of JSON.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the lab's desk; 0 takes a free one.")] = 0,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A name by which desk and fakes may be asked, beside addresses and theirs."),
    ] = None,
) -> None:
    """Start forwarder, network server and fakes, and stay up until Ctrl-C."""
    from uplab.scenarios.cli.up import DeskError, run_up  # noqa: PLC0415
    from uplab.scenarios.lab.ports import PortError  # noqa: PLC0415
    from uplab.scenarios.under_test.process import ForwarderStartError  # noqa: PLC0415
    from uplab.scenarios.under_test.profile import load_profile  # noqa: PLC0415
    from uplab.scenarios.under_test.target import REFERENCE_COMMAND, RunOptions  # noqa: PLC0415

    command = forwarder_command or REFERENCE_COMMAND
    try:
        options = RunOptions(seed=seed, profile=load_profile(None), command=command, allow_host=tuple(allow_host or ()))
        if not run_up(options, as_json=as_json, port=port):
            fail("stopped before the lab was up", STOPPED)
    except (ForwarderStartError, DeskError, PortError) as error:
        fail(str(error), NOT_STARTED)
    except OSError as error:
        fail(f"the lab cannot be started: {error.strerror or error}", NOT_STARTED)


@app.command()
def environment(
    advertise_host: Annotated[
        str, typer.Option(envvar="UPLAB_ADVERTISE_HOST", metavar="HOST", help="Where the forwarder reaches this lab.")
    ] = "127.0.0.1",
    base_port: Annotated[
        int, typer.Option(envvar="UPLAB_BASE_PORT", min=1, max=65000, help="First of the lab's fixed ports.")
    ] = 18080,
    authority: Annotated[
        Path, typer.Option(envvar="UPLAB_AUTHORITY", metavar="DIR", help="Folder of the lab's certificate authority.")
    ] = Path(".uplab"),
    forwarder_profile: Annotated[
        Path | None,
        typer.Option(envvar="UPLAB_FORWARDER_PROFILE", metavar="FILE", help="Its profile: how names lead to this lab."),
    ] = None,
) -> None:
    """Print what a forwarder that runs elsewhere must be told before `uplab run --forwarder-ingress ...`."""
    from uplab.scenarios.lab.authority import AuthorityError, limits, load_authority  # noqa: PLC0415
    from uplab.scenarios.lab.ways.told import told_elsewhere  # noqa: PLC0415
    from uplab.scenarios.under_test.profile import ProfileError, load_profile  # noqa: PLC0415

    try:
        profile = load_profile(forwarder_profile)
        until, names = limits(load_authority(authority, advertise_host))
    except (AuthorityError, ProfileError) as error:
        fail(str(error))
    for name, value in told_elsewhere(profile, advertise_host, base_port, authority).items():
        print(f"{name}={value}")
    signs = "every name: an older uplab made it" if names is None else ", ".join(names)
    print(f"# the authority in UPLAB_CA holds until {until:%Y-%m-%d}, and signs for {signs}", file=sys.stderr)
    print("# and in UPLAB_AS_KEY a key of your own: the forwarder and `uplab run` must have the same", file=sys.stderr)


@app.command()
def documents(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="A connector document, in Markdown.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it as JSON.")] = False,
) -> None:
    """Say what newer connector documents add, change or no longer have.

    Each FILE, as the vendor publishes it now, is compared with the facts that
    uplab stores of its connector (HTTP, Widgelix or ThingsBoard: its title or
    its example says which): example bodies, parameters, addresses, pictures,
    headings, and whether its sentences still say the same. Each difference
    names the requirements that rest on it.

    Ends with 0 when nothing differs, 1 when something does, 4 when a file or
    a part of one cannot be read, or is no such document.
    """
    from uplab.scenarios.cli.documents import compare  # noqa: PLC0415

    raise typer.Exit(compare(files, as_json=as_json))
