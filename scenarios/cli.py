"""The command `uplab`."""

from __future__ import annotations

import asyncio
import importlib.metadata
import json
import os
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from scenarios import options as run_options

__all__ = ["app", "main"]

SUITES = Path(__file__).parent
PASS_THROUGH = {"allow_extra_args": True, "ignore_unknown_options": True}

app = typer.Typer(
    name="uplab",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Proves that a LoRaWAN connector carries uplinks and downlinks as its documents promise.",
)


def _version(show: bool) -> None:
    if show:
        print("uplab", importlib.metadata.version("uplab"))
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """The options before the command."""


def _run_help() -> str:
    lines = [
        "Usage: uplab run [OPTIONS] [SCENARIO ...] [pytest's own arguments]",
        "",
        "Runs the scenario suites against a forwarder and the fakes, prints the verdicts and writes the report.",
        "A scenario is named as pytest names it: http/test_did_it_work.py::test_..., or a folder: http.",
        "",
        "  --only SUITE              run one suite: http, widgelix, thingsboard, downlink, ... (may be repeated)",
        "  --requirement ID          run what proves one requirement, as HTTP-06 (may be repeated)",
        "  --shuffle                 run in an order drawn from the seed",
        "  --gate                    red when too little was examined [UPLAB_GATE=1]",
        "  --must-apply ID           with --gate: a requirement that may not be not applicable",
    ]
    for name, variable, metavar, text in run_options._OPTIONS:  # noqa: SLF001 - one table serves pytest's help and ours
        lines += [f"  {name + ' ' + metavar:<25} {text} [{variable}]"]
    lines += [
        "",
        "Exit codes: 0 passed, 1 failed, 10 unknown without a failure, 2 stopped, 4 wrong usage, 5 nothing selected.",
        "Useful arguments of pytest: -n auto (parallel), -x (stop at the first), -k WORDS, --collect-only, --tb=short.",
    ]
    return "\n".join(lines)


# Options of pytest that take a value of their own, so that this value is not taken for a scenario.
_VALUED = {
    "-k",
    "-m",
    "-n",
    "-p",
    "-o",
    "-c",
    "--maxfail",
    "--tb",
    "--durations",
    "--alluredir",
    "--junitxml",
    "--rootdir",
    "--timeout",
    "--only",
    "--requirement",
    "--must-apply",
    "-W",
    "-r",
    "--basetemp",
    "--capture",
    "--color",
    "--deselect",
    "--dist",
    "--ignore",
    "--maxprocesses",
}


def _scenario_path(argument: str) -> str | None:
    """The path of a scenario, from here or from the suites' folder; None for anything else."""
    name, separator, rest = argument.partition("::")
    for base in (Path.cwd(), SUITES):
        path = base / name
        if path.is_dir() or (path.is_file() and path.suffix == ".py"):
            return f"{path}{separator}{rest}"
    return None


def pytest_arguments(arguments: list[str]) -> list[str]:
    """The command line for pytest: our configuration, what the user gave, and every suite where he named none."""
    valued = _VALUED | {name for name, *_ in run_options._OPTIONS}  # noqa: SLF001
    given: list[str] = []
    named = False
    for before, argument in zip(["", *arguments], arguments, strict=False):
        path = None if argument.startswith("-") or before in valued else _scenario_path(argument)
        named = named or path is not None
        given.append(path or argument)
    return [
        "-c",
        str(SUITES / "pytest.toml"),
        "--rootdir",
        str(SUITES),
        *([] if "no:cacheprovider" in given else ["-o", f"cache_dir={Path.cwd() / '.pytest_cache' / 'uplab'}"]),
        *(["-v"] if "--collect-only" in given else []),  # less quiet: the ids instead of their numbers
        *given,
        *([] if named else [str(SUITES)]),
    ]


@app.command(context_settings=PASS_THROUGH, add_help_option=False)
def run(ctx: typer.Context) -> None:
    """Run the scenario suites against a forwarder, and write the report."""
    if "--help" in ctx.args or "-h" in ctx.args:
        print(_run_help())
        return
    # A process of its own: pytest must be the first to import our modules, to explain their assertions.
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *pytest_arguments(list(ctx.args))])  # noqa: S606


@app.command(context_settings=PASS_THROUGH, add_help_option=False)
def forwarder(ctx: typer.Context) -> None:
    """Start the reference forwarder alone (all its options: uplab forwarder --help)."""
    # A process of its own, as in every run.
    os.execv(sys.executable, [sys.executable, "-m", "simulator.forwarder", *ctx.args])  # noqa: S606


@app.command()
def up(
    seed: Annotated[int, typer.Option(help="The seed of every chance.")] = 1,
    forwarder_command: Annotated[
        str | None,
        typer.Option(envvar="UPLAB_FORWARDER_COMMAND", metavar="CMD", help="Another forwarder than the reference one."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the addresses as one line of JSON.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the lab's desk; 0 takes a free one.")] = 0,
) -> None:
    """Start forwarder, network server and fakes, and stay up until Ctrl-C."""
    from scenarios.forwarder_process import ForwarderStartError  # noqa: PLC0415
    from scenarios.profile import load_profile  # noqa: PLC0415
    from scenarios.up import DeskError, run_up  # noqa: PLC0415

    command = forwarder_command or run_options.REFERENCE_COMMAND
    try:
        run_up(
            run_options.RunOptions(seed=seed, profile=load_profile(None), command=command), as_json=as_json, port=port
        )
    except (ForwarderStartError, DeskError) as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"the lab cannot be started: {error.strerror or error}")


def _fail(message: str, code: int = 1) -> None:
    print(f"uplab: {message}", file=sys.stderr)
    raise typer.Exit(code)


FAKES = ("posthere", "widgelix", "thingsboard")


@app.command()
def fake(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(FAKES)}.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="HTTP port; 0 takes a free one.")] = 0,
    mqtt_port: Annotated[int, typer.Option(min=0, max=65535, help="MQTT port of thingsboard; 0 takes a free one.")] = 0,
    host: Annotated[
        str, typer.Option(help="Address to listen on. Anyone who reaches it sees everything, credentials included.")
    ] = "127.0.0.1",
) -> None:
    """Start one fake alone, with its pages for people."""
    if name not in FAKES:
        _fail(f"there is no fake {name}; there are {', '.join(FAKES)}", 2)
    try:
        asyncio.run(_serve_fake(name, host, port, mqtt_port))
    except OSError as error:
        _fail(f"cannot listen on {host}: {error.strerror or error}")


async def _serve_fake(name: str, host: str, port: int, mqtt_port: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    ready: dict[str, Any] = {"fake": name}
    server: Any
    if name == "thingsboard":
        from fakes.thingsboard.server import ThingsBoardServer  # noqa: PLC0415

        server = ThingsBoardServer()
    elif name == "widgelix":
        from fakes.widgelix.server import WidgelixServer  # noqa: PLC0415

        # With a port of the user's choice the page can show the address at which this fake takes uplinks.
        server = WidgelixServer(uplink_url=f"http://{host}:{port}/v1/input-node/actility") if port else WidgelixServer()
    else:
        from fakes.posthere.server import PosthereServer  # noqa: PLC0415

        server = PosthereServer()
    try:
        ready["url"] = f"http://{host}:{await server.listen(host, port)}/"
        if name == "thingsboard":
            ready["mqtt"] = f"{host}:{await server.listen_mqtt(host, mqtt_port)}"
        print(json.dumps(ready), flush=True)
        await stop.wait()
    finally:
        await server.stop()


def _reading(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        _fail(f"a reading is written name=value, such as temperature_c=21.5, not {text!r}", 2)
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
    bind: Annotated[bool, typer.Option(help="Bind the device to every connection first.")] = True,
    lab: Annotated[
        str | None,
        typer.Option(envvar="UPLAB_LAB", metavar="URL", help="The desk of the lab (default: the one that is up)."),
    ] = None,
) -> None:
    """Send one uplink through the lab that is up."""
    import httpx  # noqa: PLC0415

    from scenarios.up import DeskError, find_lab  # noqa: PLC0415

    if (model is None) == (document is None):
        _fail("name either a model or --document FILE", 2)
    try:
        raw = document.read_bytes() if document is not None else b""
    except OSError as error:
        _fail(f"{document}: {error.strerror}")
    try:
        desk = (lab or find_lab()).rstrip("/")
        if document is not None:
            response = httpx.post(f"{desk}/document", content=raw, timeout=30, trust_env=False)
        else:
            body = {"model": model, "readings": dict(map(_reading, readings or [])), "dev_eui": dev_eui, "bind": bind}
            response = httpx.post(f"{desk}/send", json=body, timeout=30, trust_env=False)
        answer = response.json()
    except DeskError as error:
        _fail(str(error))
    except (OSError, httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        _fail(f"no lab answers: {error}")
    if response.status_code != 200:
        _fail(answer.get("message", response.text))
    for connection in answer.get("bound_to", ()):
        print(f"bound {answer['dev_eui']} to connection {connection}")
    status = f" ({answer['status']})" if answer["status"] else ""
    said = f"{answer['outcome'] or 'not sent'}{status} {answer['reason']}".rstrip()
    print(f"{answer['dev_eui']} FCntUp {answer['f_cnt']} at {answer['time']}: {said}")
    if answer["outcome"] != "accepted":
        raise typer.Exit(1)


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
) -> None:
    """Print what a forwarder that runs elsewhere must be told before `uplab run --forwarder-api ...`."""
    from scenarios.addresses import NETWORK_PORT, fixed_addresses  # noqa: PLC0415
    from scenarios.authority import CERTIFICATE, AuthorityError, load_authority  # noqa: PLC0415

    try:
        load_authority(authority)
    except AuthorityError as error:
        _fail(str(error))
    resolve = ",".join(f"{name}={address}" for name, address in fixed_addresses(advertise_host, base_port).items())
    print(f"UPLAB_NETWORK_URL=http://{advertise_host}:{base_port + NETWORK_PORT}")
    print(f"UPLAB_CA={(authority / CERTIFICATE).resolve()}")
    print(f"UPLAB_RESOLVE={resolve}")
    print("UPLAB_AS_ID=uplab.AS")
    print("# and in UPLAB_AS_KEY a key of your own: the forwarder and `uplab run` must have the same", file=sys.stderr)


@app.command()
def report(folder: Annotated[Path, typer.Argument(help="The folder of a run, such as reports/runs/latest.")]) -> None:
    """Render the reports of a stored run again."""
    from reports.run import ReportError  # noqa: PLC0415
    from reports.writer import write  # noqa: PLC0415

    try:
        write(folder)
    except ReportError as error:
        _fail(str(error))
    print(folder / "report.html")


def main() -> None:
    """The entry point."""
    app()
