"""`uplab judge`: what a capture of somebody else's tells, without any lab."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from uplab.scenarios.cli.app import app, fail
from uplab.scenarios.run.exit_codes import FAILED, WRONG_USAGE

if TYPE_CHECKING:
    from uplab.scenarios.captures.capture import Exchange

__all__ = ["judge"]


@app.command()
def judge(
    capture: Annotated[
        Path, typer.Argument(metavar="CAPTURE", help="A HAR, a request bin's JSON, NDJSON, a log, or a folder of them.")
    ],
    faults: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what the destination answered as a fault plan.")
    ] = None,
    masked: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the documents as NDJSON with their times, personal data replaced."),
    ] = None,
) -> None:
    """Judge a capture of what a forwarder delivered, without any lab.

    Says of each promise whether the capture keeps it; what it does not show is
    unknown. The fault plan is what PUT /faults of `uplab fake` takes: the same
    answers after the same time, for a forwarder of one's own.

    Ends with 0 when nothing is broken, 1 when something is, 4 when the capture
    cannot be read.
    """
    import json  # noqa: PLC0415

    from uplab.reports.text import visible  # noqa: PLC0415
    from uplab.scenarios.captures.capture import CaptureError, read_path  # noqa: PLC0415
    from uplab.scenarios.captures.foreign import foreign_among  # noqa: PLC0415
    from uplab.scenarios.captures.judging import judge as judged  # noqa: PLC0415
    from uplab.scenarios.captures.judging import unread  # noqa: PLC0415
    from uplab.scenarios.captures.replayed import fault_plan  # noqa: PLC0415

    try:
        exchanges = read_path(capture)
    except CaptureError as error:
        fail(str(error), WRONG_USAGE)
    found, left = judged(exchanges), unread(exchanges)
    if not found:
        none = f"none of the {len(exchanges)} requests in it carries a document of ThingPark"
        none += foreign_among(one.body for one in exchanges) or (f"; {left[0][0]}: {left[0][1]}" if left else "")
        fail(visible(f"{capture}: {none}"), WRONG_USAGE)
    for one in found:
        print(visible(f"{one.outcome:<8}{one.name}: {one.happened}" + (f" ({one.place})" if one.place else "")))
        if one.outcome == "failed":
            print(visible(f"        promised: {one.promised}"))
    if left:
        print(visible(f"not read: {len(left)} of {len(exchanges)} requests, the first {left[0][0]}: {left[0][1]}"))
    try:
        if faults is not None:
            faults.write_text(json.dumps(fault_plan(exchanges), indent=1) + "\n")
        if masked is not None:
            masked.write_text("".join(f"{line}\n" for line in _masked(exchanges)))
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}", WRONG_USAGE)
    if any(one.outcome == "failed" for one in found):
        raise typer.Exit(FAILED)


def _masked(exchanges: list[Exchange]) -> list[str]:
    """The documents of a capture, one a line; where it says when each was sent, so do the lines."""
    from uplab.scenarios.captures.document import DocumentError, sendable  # noqa: PLC0415
    from uplab.scenarios.captures.masking import Mask  # noqa: PLC0415

    mask, lines = Mask(), []
    for one in exchanges:
        try:
            text = sendable(one.body or b"", as_is=True).raw.decode()
        except DocumentError:
            continue
        document = " ".join(mask.document(text).split("\n"))
        lines.append(document if one.at_s is None else f'{{"timestamp": {one.at_s:.3f}, "body": {document}}}')
    return lines
