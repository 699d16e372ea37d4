"""`uplab send`: one uplink through the lab that is up, or documents of the user's own."""

from __future__ import annotations

import contextlib
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

__all__ = ["ask", "downlink", "join", "rejoin", "send", "told"]

TIMEOUT_S: Final = 60.0

Lab = Annotated[
    str | None,
    typer.Option(envvar="UPLAB_LAB", metavar="URL", help="The desk of the lab (default: the one that is up)."),
]


Document = Annotated[
    Path | None,
    typer.Option(
        "--document",
        metavar="FILE",
        help="Send this ThingPark document, byte for byte, instead of a device's uplink; or all documents of a "
        "folder, of NDJSON, of a HAR, of a request bin's JSON; - is standard input.",
    ),
]
PayloadHex = Annotated[str | None, typer.Option(metavar="HEX", help="These bytes instead of readings.")]
Port = Annotated[int | None, typer.Option(help="FPort (default: the model's).")]
Phy = Annotated[
    str | None,
    typer.Option(metavar="HEX", help="A raw PHYPayload, sent from where the device --dev-eui stands."),
]
Air = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Something goes wrong on the air, such as counter-repeated, mic-damaged, rejoin, burst, random-loss, "
        "gateway-cut-off, duplicates, reordering; any other word lists them all.",
    ),
]
DataRate = Annotated[
    int | None, typer.Option(metavar="DR", help="Data rate, by its number in the region (default: the fastest).")
]

Region = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Region of the device: EU868 (default), US915, AS923-1, AS923-1-NO-DWELL."),
]

Class = Annotated[
    str | None,
    typer.Option("--class", metavar="A|C", help="Class of the device (default: A); C takes a downlink at once."),
]

Model = Annotated[
    str | None,
    typer.Argument(
        help="A device model, such as elsys_ers; or a codec of your own, a file or folder, also as "
        "producer:module:version=PATH: its device sends the uplinks of its examples (example=3 the third)."
    ),
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
    model: Model = None,
    readings: Annotated[
        list[str] | None, typer.Argument(help="Readings, such as temperature_c=21.5; what is not given is measured.")
    ] = None,
    document: Document = None,
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
    payload_hex: PayloadHex = None,
    port: Port = None,
    confirmed: Annotated[bool, typer.Option(help="Ask the network for an acknowledgement.")] = False,
    late: Annotated[bool, typer.Option(help="Its gateway is cut off, and sends it once it is back.")] = False,
    gateways: Annotated[int | None, typer.Option(metavar="N", help="So many gateways hear it.")] = None,
    rssi: Annotated[float | None, typer.Option(metavar="DBM", help="With this strength it arrives.")] = None,
    at: Annotated[str | None, typer.Option(metavar="TIME", help="When it is sent, ISO 8601 (default: now).")] = None,
    phy: Phy = None,
    air: Air = None,
    region: Region = None,
    device_class: Class = None,
    data_rate: DataRate = None,
    lab: Lab = None,
) -> None:
    """Send one uplink through the lab that is up, or documents of your own."""
    if phy is not None:
        _send_phy(phy, dev_eui, lab)
        return
    if (model is None) == (document is None):
        fail("name either a model or --document FILE", WRONG_USAGE)
    if document is not None and (readings or dev_eui):
        fail("a document brings its own device and readings: leave --dev-eui and readings away", WRONG_USAGE)
    if rate is not None and not 0 < rate < 10_000:
        fail(f"--rate takes a number above 0, not {rate:g}", WRONG_USAGE)
    if document is not None:
        _send_documents(document, lab, as_is=as_is, gaps=gaps, rate=rate)
        return
    if payload_hex is not None and readings:
        fail("--payload-hex takes the place of readings: give one of them", WRONG_USAGE)
    body: dict[str, Any] = {"model": model, "readings": dict(map(_reading, readings or [])), "dev_eui": dev_eui}
    body |= {"bind": bind, "payload_hex": payload_hex, "port": port, "confirmed": confirmed, "late": late}
    body |= {"gateways": gateways, "rssi": rssi, "at": at, "air": air}
    body |= {"region": region, "class": device_class, "data_rate": data_rate}
    example = _codec(body)
    answer = ask(lab, lambda client, desk: client.post(f"{desk}/send", json=body))
    for connection in answer.get("bound_to", ()):
        print(f"bound {answer['dev_eui']} to connection {connection}")
    if "air" in answer:
        _report_air(answer)
        return
    _report(answer)
    if "example" in answer and answer["became"]:
        print(f"{answer['example']}: {example(answer)}")


def _codec(body: dict[str, Any]) -> Callable[[dict[str, Any]], str]:
    """Puts a codec's uplinks into a request whose model is one; gives back what its examples say of an answer."""
    from uplab.scenarios.codecs.examples import compared  # noqa: PLC0415
    from uplab.scenarios.codecs.model import codec_model, is_codec  # noqa: PLC0415
    from uplab.scenarios.codecs.package import CodecError  # noqa: PLC0415

    if not is_codec(body["model"]):
        return lambda _: ""
    try:
        model = codec_model(body["model"])
    except CodecError as error:
        fail(str(error), WRONG_USAGE)
    body["model"] = model.name
    uplinks = [{"place": one.place, "port": one.f_port, "payload_hex": one.payload.hex()} for one in model.uplinks]
    body["recorded"] = {"application": model.application, "uplinks": uplinks}
    says = {one.place: one.says for one in model.uplinks}
    return lambda answer: compared(says[answer["example"]], answer.get("payload"))


def _send_phy(phy: str, dev_eui: str | None, lab: str | None) -> None:
    """Says what the network server made of a frame that somebody wrote."""
    if dev_eui is None:
        fail("--phy needs --dev-eui: a frame is sent from where a device stands", WRONG_USAGE)
    answer = ask(lab, lambda client, desk: client.post(f"{desk}/phy", json={"dev_eui": dev_eui, "phy_hex": phy}))
    made = answer["outcomes"]
    if not made:
        fail(f"the network server made no document of it: {', '.join(answer['refused']) or 'nobody heard it'}")
    print(f"{len(made)} document{'s' if len(made) > 1 else ''} of it: {', '.join(made)}")


@app.command()
def join(
    device: Annotated[str, typer.Argument(metavar="MODEL", help="A new device of this model joins.")],
    region: Region = None,
    device_class: Class = None,
    lab: Lab = None,
) -> None:
    """Have a new device join through the lab that is up."""
    _join(device, lab, region=region, device_class=device_class)


@app.command()
def rejoin(
    device: Annotated[str, typer.Argument(metavar="DEVEUI", help="The device that joins once more.")], lab: Lab = None
) -> None:
    """Have a device of the lab that is up join once more: its counters begin anew."""
    _join(device, lab)


def _join(device: str, lab: str | None, *, region: str | None = None, device_class: str | None = None) -> None:
    body = {"device": device, "region": region, "class": device_class}
    answer = ask(lab, lambda client, desk: client.post(f"{desk}/join", json=body))
    word = "joined once more" if answer["again"] else "joined"
    print(f"{answer['dev_eui']} ({answer['model']}) {word}: DevAddr {answer['dev_addr']}, its counters begin at 0")


@app.command()
def downlink(
    device: Annotated[str, typer.Argument(metavar="DEVEUI", help="The device that shall get it.")],
    payload_hex: Annotated[str, typer.Option(metavar="HEX", help="The bytes.")] = "",
    port: Annotated[int | None, typer.Option(help="FPort (default: that of the connection).")] = None,
    confirmed: Annotated[bool, typer.Option(help="Ask the device for an acknowledgement.")] = False,
    lab: Lab = None,
) -> None:
    """Send a downlink to a device of the lab that is up, through the forwarder."""
    asked: dict[str, Any] = {"payload_hex": payload_hex, **({"FPort": port} if port is not None else {})}
    asked |= {"Confirmed": 1} if confirmed else {}
    answer = ask(lab, lambda client, desk: client.post(f"{desk}/downlink", json={"dev_eui": device, "downlink": asked}))
    taken = 200 <= answer["status"] < 300
    said = f"{'accepted' if taken else 'refused'} ({answer['status']})"
    print(f"{device.upper()}: {said}, {answer['network']} {'' if taken else answer['text']}".rstrip())
    if not taken:
        raise typer.Exit(FAILED)
    for f_port, payload in answer.get("received", ()):
        print(f"the device received {payload or 'no payload'} on FPort {f_port}")
    if not answer.get("received"):
        print("it goes out after the device's next uplink: uplab send says what the device received")


def _send_documents(path: Path, lab: str | None, *, as_is: bool, gaps: bool, rate: float | None) -> None:
    """Sends each document when it is its turn; what cannot be sent is refused before the first one leaves."""
    from uplab.scenarios.captures.document import DocumentError  # noqa: PLC0415
    from uplab.scenarios.cli.hand.series import paced, read_series  # noqa: PLC0415

    try:
        series = read_series(path, as_is=as_is)
    except DocumentError as error:
        fail(f"--document {error}", WRONG_USAGE)
    # One client for all: a new one reads the authorities that it trusts, which takes longer than a document.
    with _client() as client:
        for number, one in enumerate(paced(series, gaps=gaps, rate=rate), 1):
            if one.sendable.taken_off:
                print(f"sent without what a forwarder had added: {', '.join(one.sendable.taken_off)}", file=sys.stderr)
            options = {"routing": "1" if number == len(series) else "0", **({"as_is": "1"} if as_is else {})}
            _report(ask(lab, _posted(one.sendable.raw, options), client=client))


def _posted(raw: bytes, options: dict[str, str]) -> Callable[[httpx.Client, str], httpx.Response]:
    return lambda client, desk: client.post(f"{desk}/document", content=raw, params=options)


def _report_air(answer: dict[str, Any]) -> None:
    """Says what came of something that went wrong on the air; ends with FAILED where it should have been otherwise."""
    from uplab.scenarios.cli.hand.air import lines_of  # noqa: PLC0415

    print(f"{answer['dev_eui']}: {answer['routing']}", file=sys.stdout if answer["routed_to"] else sys.stderr)
    print("\n".join(lines_of(answer)))
    if not answer["kept"]:
        raise typer.Exit(FAILED)


def _report(answer: dict[str, Any]) -> None:
    """Says what came of one uplink; ends with FAILED where it was not accepted."""
    print(told(answer))
    if answer["outcome"] != "accepted":
        raise typer.Exit(FAILED)
    if "routing" in answer:
        print(answer["routing"], file=sys.stdout if answer["routed_to"] else sys.stderr)
    for line in answer.get("became", ()):
        print(line)
    for f_port, payload in answer.get("received", ()):
        print(f"the device received {payload or 'no payload'} on FPort {f_port}")


def told(answer: dict[str, Any]) -> str:
    """One uplink and the forwarder's answer to it, in one line."""
    status = f" ({answer['status']})" if answer["status"] else ""
    said = f"{answer['outcome'] or 'not sent'}{status} {answer['reason']}".rstrip()
    counter = "" if answer["f_cnt"] is None else f" FCntUp {answer['f_cnt']}"
    at = f" at {answer['time']}" if answer["time"] else ""
    return f"{answer['dev_eui']}{counter}{at}: {said}"


def _client() -> httpx.Client:
    import httpx  # noqa: PLC0415

    return httpx.Client(timeout=TIMEOUT_S, trust_env=False)


def ask(
    lab: str | None, request: Callable[[httpx.Client, str], httpx.Response], *, client: httpx.Client | None = None
) -> dict[str, Any]:
    """What the desk of the lab answers; ends with one line where there is no lab, or where it says no."""
    import httpx  # noqa: PLC0415

    from uplab.scenarios.cli.up import DeskError, find_lab  # noqa: PLC0415

    try:
        desk = (lab or find_lab()).rstrip("/")
        with contextlib.nullcontext(client) if client else _client() as asking:
            response = request(asking, desk)
        answer: dict[str, Any] = response.json()
    except DeskError as error:
        fail(str(error))
    except (OSError, httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        fail(f"no lab answers: {error}")
    if response.status_code != 200:
        fail(answer.get("message", response.text), WRONG_USAGE if response.status_code == 400 else FAILED)
    return answer
