"""`uplab fake`: one fake alone."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer

from uplab.scenarios.cli.app import app, fail
from uplab.scenarios.run.exit_codes import NOT_STARTED, WRONG_USAGE

__all__ = ["fake"]

FAKES = ("posthere", "widgelix", "thingsboard")


@app.command()
def fake(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(FAKES)}.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="HTTP port; 0 takes a free one.")] = 0,
    mqtt_port: Annotated[int, typer.Option(min=0, max=65535, help="MQTT port of thingsboard; 0 takes a free one.")] = 0,
    host: Annotated[
        str, typer.Option(help="Address to listen on. Anyone who reaches it sees everything, credentials included.")
    ] = "127.0.0.1",
    control_port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Port of the control: faults, and a journal as NDJSON; 0 takes a free one."
        ),
    ] = None,
    tls: Annotated[bool, typer.Option("--tls", help="Open TLS sites too, with a certificate of --authority.")] = False,
    authority: Annotated[
        Path, typer.Option(envvar="UPLAB_AUTHORITY", metavar="DIR", help="Folder of the lab's certificate authority.")
    ] = Path(".uplab"),
    https_port: Annotated[int, typer.Option(min=0, max=65535, help="HTTPS port; 0 takes a free one.")] = 0,
    mqtts_port: Annotated[int, typer.Option(min=0, max=65535, help="MQTT port with TLS; 0 takes a free one.")] = 0,
    seed_data: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What a thingsboard begins with: tenants, devices, dashboards (JSON)."),
    ] = None,
    state: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where a thingsboard keeps what it knows over a restart.")
    ] = None,
    history_rows: Annotated[
        int, typer.Option(min=1, help="How many times of one device thingsboard keeps; stderr says when it bites.")
    ] = 100_000,
    history_points: Annotated[int, typer.Option(min=1, help="The same for the points of all devices.")] = 1_000_000,
    rate_limit: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=COUNT:SECONDS,...", help="A rate limit of thingsboard, such as rest=100:1."),
    ] = None,
    max_packet_bytes: Annotated[int, typer.Option(min=1, help="The largest MQTT packet that is read.")] = 65_536,
    max_failed_logins: Annotated[
        int, typer.Option(min=0, help="One wrong password more locks an account; 0 locks none.")
    ] = 0,
    allow_host: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A name by which it may be asked, beside its own.")
    ] = None,
) -> None:
    """Start one fake alone, with its pages for people.

    The line that it prints names its addresses. That of thingsboard names
    the login of its demo account too: one user name and password for the
    pages, the REST API and a gateway over MQTT.
    """
    if name not in FAKES:
        near = get_close_matches(name, FAKES, n=1)
        hint = f"did you mean {near[0]}? There" if near else "there"
        fail(f"there is no fake {name}; {hint} are {', '.join(FAKES)}", WRONG_USAGE)
    its_own = {"--seed-data": seed_data, "--state": state, "--rate-limit": rate_limit}
    if name != "thingsboard" and (given := [option for option, value in its_own.items() if value]):
        fail(f"the fake {name} has no {', '.join(given)}; thingsboard has", WRONG_USAGE)
    import asyncio  # noqa: PLC0415 - as large as all the rest of the command line

    from uplab.scenarios.cli.lone_fake import LoneFakeError, LoneFakeOptions, serve  # noqa: PLC0415

    limits = dict(map(_limit, rate_limit or []))
    options = LoneFakeOptions(
        name, host, port, mqtt_port, control_port, tls, authority, https_port, mqtts_port, seed_data, state,
        history_rows, history_points, limits, max_packet_bytes, max_failed_logins, tuple(allow_host or ()),
    )  # fmt: skip
    try:
        asyncio.run(serve(options))
    except LoneFakeError as error:
        fail(str(error), NOT_STARTED)


def _limit(text: str) -> tuple[str, str]:
    name, equals, limits = text.partition("=")
    if not equals:
        fail(f"--rate-limit is written NAME=COUNT:SECONDS, such as rest=100:1, not {text!r}", WRONG_USAGE)
    return name, limits
