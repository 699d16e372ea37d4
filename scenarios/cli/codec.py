"""`uplab codec check`: a codec of the user's own over its own examples."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from uplab.scenarios.cli.app import app, fail
from uplab.scenarios.run.exit_codes import FAILED, WRONG_USAGE

__all__ = ["check", "codec"]

_codecs = typer.Typer(no_args_is_help=True)
app.add_typer(_codecs, name="codec")


@_codecs.callback()
def codec() -> None:
    """Codecs of your own, in JavaScript: `uplab codec check FILE`."""


@_codecs.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A codec (.js), or the folder of its package.json.")],
) -> None:
    """Run a codec over its own examples, each in two time zones.

    FILE is ThingPark's form (driver.type thingpark-x-js in package.json) or the
    LoRa Alliance's (TS013). Examples are taken from examples.json and
    *.examples.json beside it, or from a YAML file as in the device repository of
    The Things Network (FILE may be that file). The codec runs in a process of its own, without
    files and network, bounded in time and memory.

    Ends with 0 when every example comes out right, 1 when one does not, 4 when
    codec or examples cannot be read.
    """
    from uplab.reports.text import visible  # noqa: PLC0415
    from uplab.scenarios.codecs.examples import check as run  # noqa: PLC0415
    from uplab.scenarios.codecs.package import CodecError, read_codec  # noqa: PLC0415

    try:
        given = read_codec(file)
        found = run(given)
    except CodecError as error:
        fail(str(error), WRONG_USAGE)
    if not found:
        fail(f"{file}: there are no examples beside it, so nothing was checked", WRONG_USAGE)
    wrong = [one for one in found if one.wrong]
    for one in wrong:
        print(visible(f"{one.place}, {one.function}: {one.wrong}"))
    asked = ", ".join(f"{count} of {name}" for name, count in Counter(one.function for one in found).items())
    print(
        f"{len(found)} examples ({asked}), each in two time zones: {len(found) - len(wrong)} right, {len(wrong)} wrong"
    )
    if wrong:
        raise typer.Exit(FAILED)
