"""`uplab send`: one uplink through the lab that is up, or documents of the user's own."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from uplab.scenarios.cli.app import app, fail
from uplab.scenarios.run.exit_codes import FAILED, WRONG_USAGE

if TYPE_CHECKING:
    import httpx

__all__ = ["ask", "send", "told"]

TIMEOUT_S: Final = 60.0

Lab = Annotated[
    str | None,
    typer.Option(envvar="UPLAB_LAB", metavar="URL", help="The desk of the lab (default: the one that is up)."),
]


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
            "--document",
            metavar="FILE",
            help="Send this ThingPark document, byte for byte, instead of a device's uplink; or all documents of a "
            "folder, of NDJSON, of a HAR, of a request bin's JSON; - is standard input.",
        ),
    ] = None,
    as_is: Annotated[
        bool,
        typer.Option(help="Send a delivered document with what the forwarder had added (downlinkUrl, payload, ...)."),
    ] = False,
    gaps: Annotated[bool, typer.Option(help="Of several documents: leave the gaps that were between them.")] = False,
    rate: Annotated[
        float | None,
        typer.Option(metavar="N", help="Of several documents: N a second; with --gaps: their gaps, N times as fast."),
    ] = None,
    dev_eui: Annotated[
        str | None, typer.Option(help="Which device sends (default: the first one of the model).")
    ] = None,
    bind: Annotated[
        bool, typer.Option(help="Bind the model's device to every connection first (never that of a document).")
    ] = True,
    lab: Lab = None,
) -> None:
    """Send one uplink through the lab that is up, or documents of your own."""
    if (model is None) == (document is None):
        fail("name either a model or --document FILE", WRONG_USAGE)
    if document is not None and (readings or dev_eui):
        fail("a document brings its own device and readings: leave --dev-eui and readings away", WRONG_USAGE)
    if rate is not None and not 0 < rate < 10_000:
        fail(f"--rate takes a number above 0, not {rate:g}", WRONG_USAGE)
    if document is not None:
        _send_documents(document, lab, as_is=as_is, gaps=gaps, rate=rate)
        return
    body = {"model": model, "readings": dict(map(_reading, readings or [])), "dev_eui": dev_eui, "bind": bind}
    answer = ask(lab, lambda client, desk: client.post(f"{desk}/send", json=body))
    for connection in answer.get("bound_to", ()):
        print(f"bound {answer['dev_eui']} to connection {connection}")
    _report(answer)


def _send_documents(path: Path, lab: str | None, *, as_is: bool, gaps: bool, rate: float | None) -> None:
    """Sends each document when it is its turn; what cannot be sent is refused before the first one leaves."""
    from uplab.scenarios.captures.document import DocumentError  # noqa: PLC0415
    from uplab.scenarios.cli.series import paced, read_series  # noqa: PLC0415

    try:
        series = read_series(path, as_is=as_is)
    except DocumentError as error:
        fail(f"--document {error}", WRONG_USAGE)
    for number, one in enumerate(paced(series, gaps=gaps, rate=rate), 1):
        if one.sendable.taken_off:
            print(f"sent without what a forwarder had added: {', '.join(one.sendable.taken_off)}", file=sys.stderr)
        options = {"routing": "1" if number == len(series) else "0", **({"as_is": "1"} if as_is else {})}
        raw = one.sendable.raw

        def posted(client: httpx.Client, desk: str, raw: bytes = raw, options: dict[str, str] = options) -> Any:
            return client.post(f"{desk}/document", content=raw, params=options)

        _report(ask(lab, posted))


def _report(answer: dict[str, Any]) -> None:
    """Says what came of one uplink; ends with FAILED where it was not accepted."""
    print(told(answer))
    if answer["outcome"] != "accepted":
        raise typer.Exit(FAILED)
    if "routing" in answer:
        print(answer["routing"], file=sys.stdout if answer["routed_to"] else sys.stderr)


def told(answer: dict[str, Any]) -> str:
    """One uplink and the forwarder's answer to it, in one line."""
    status = f" ({answer['status']})" if answer["status"] else ""
    said = f"{answer['outcome'] or 'not sent'}{status} {answer['reason']}".rstrip()
    counter = "" if answer["f_cnt"] is None else f" FCntUp {answer['f_cnt']}"
    at = f" at {answer['time']}" if answer["time"] else ""
    return f"{answer['dev_eui']}{counter}{at}: {said}"


def ask(lab: str | None, request: Callable[[httpx.Client, str], httpx.Response]) -> dict[str, Any]:
    """What the desk of the lab answers; ends with one line where there is no lab, or where it says no."""
    import httpx  # noqa: PLC0415

    from uplab.scenarios.cli.up import DeskError, find_lab  # noqa: PLC0415

    try:
        desk = (lab or find_lab()).rstrip("/")
        with httpx.Client(timeout=TIMEOUT_S, trust_env=False) as client:
            response = request(client, desk)
        answer: dict[str, Any] = response.json()
    except DeskError as error:
        fail(str(error))
    except (OSError, httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        fail(f"no lab answers: {error}")
    if response.status_code != 200:
        fail(answer.get("message", response.text), WRONG_USAGE if response.status_code == 400 else FAILED)
    return answer
