"""`uplab send`: one uplink through the lab that is up."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from uplab.scenarios.cli.app import app, fail
from uplab.scenarios.run.exit_codes import FAILED, WRONG_USAGE

__all__ = ["send"]


def _reading(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        fail(f"a reading is written name=value, such as temperature_c=21.5, not {text!r}", WRONG_USAGE)
    try:
        return name, json.loads(value, parse_constant=_no_number)
    except ValueError:
        return name, value


def _no_number(text: str) -> None:
    """NaN and Infinity are no JSON; the desk then says what the reading takes."""
    raise ValueError(text)


@app.command()
def send(
    model: Annotated[str | None, typer.Argument(help="A device model, such as elsys_ers.")] = None,
    readings: Annotated[
        list[str] | None, typer.Argument(help="Readings, such as temperature_c=21.5; what is not given is measured.")
    ] = None,
    document: Annotated[
        Path | None,
        typer.Option(
            "--document", metavar="FILE", help="Send this ThingPark document as it is, instead of a device's uplink."
        ),
    ] = None,
    dev_eui: Annotated[
        str | None, typer.Option(help="Which device sends (default: the first one of the model).")
    ] = None,
    bind: Annotated[
        bool, typer.Option(help="Bind the model's device to every connection first (never that of a document).")
    ] = True,
    lab: Annotated[
        str | None,
        typer.Option(envvar="UPLAB_LAB", metavar="URL", help="The desk of the lab (default: the one that is up)."),
    ] = None,
) -> None:
    """Send one uplink through the lab that is up."""
    import httpx  # noqa: PLC0415

    from uplab.scenarios.cli.sent_document import DocumentError, read_document  # noqa: PLC0415
    from uplab.scenarios.cli.up import DeskError, find_lab  # noqa: PLC0415

    if (model is None) == (document is None):
        fail("name either a model or --document FILE", WRONG_USAGE)
    if document is not None and (readings or dev_eui):
        fail("a document brings its own device and readings: leave --dev-eui and readings away", WRONG_USAGE)
    try:
        raw = read_document(document) if document is not None else b""
    except DocumentError as error:
        fail(str(error), WRONG_USAGE)
    try:
        desk = (lab or find_lab()).rstrip("/")
        if document is not None:
            response = httpx.post(f"{desk}/document", content=raw, timeout=30, trust_env=False)
        else:
            body = {"model": model, "readings": dict(map(_reading, readings or [])), "dev_eui": dev_eui, "bind": bind}
            response = httpx.post(f"{desk}/send", json=body, timeout=30, trust_env=False)
        answer = response.json()
    except DeskError as error:
        fail(str(error))
    except (OSError, httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        fail(f"no lab answers: {error}")
    if response.status_code != 200:
        fail(answer.get("message", response.text), WRONG_USAGE if response.status_code == 400 else FAILED)
    for connection in answer.get("bound_to", ()):
        print(f"bound {answer['dev_eui']} to connection {connection}")
    status = f" ({answer['status']})" if answer["status"] else ""
    said = f"{answer['outcome'] or 'not sent'}{status} {answer['reason']}".rstrip()
    print(f"{answer['dev_eui']} FCntUp {answer['f_cnt']} at {answer['time']}: {said}")
    if answer["outcome"] != "accepted":
        raise typer.Exit(FAILED)
    print(answer["routing"], file=sys.stdout if answer["routed_to"] else sys.stderr)
