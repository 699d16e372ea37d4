"""The command `uplab`."""

from __future__ import annotations

import sys

from uplab.scenarios.run import interrupt

# Ctrl-C is taken care of before the other imports, which take a while.
if sys.argv[0].endswith("uplab"):  # this is the command, and no test that imports it
    begun = "stopped before the first scenario ended" if sys.argv[1:2] == ["run"] else "stopped"
    interrupt.end_quietly(begun)

import asyncio
import errno
import importlib.metadata
import json
import os
import signal
import textwrap
from collections.abc import Awaitable, Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from uplab.scenarios.run.exit_codes import FAILED, MEANINGS, NOT_STARTED, PASSED, STOPPED, UNKNOWN, WRONG_USAGE

__all__ = ["app", "main"]

PASS_THROUGH = {"allow_extra_args": True, "ignore_unknown_options": True}


class _Commands(typer.core.TyperGroup):
    """Ends with our exit codes: typer's own 2 is wrong usage, and its 130 a Ctrl-C."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Runs a command to its end."""
        try:
            return super().main(*args, **kwargs)
        except SystemExit as ended:
            code = ended.code
            raise SystemExit(WRONG_USAGE if code == 2 else STOPPED if code == 130 else code) from None


app = typer.Typer(
    name="uplab",
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Proves that a LoRaWAN connector carries uplinks and downlinks as its documents promise.",
    epilog="Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in MEANINGS.items()) + ".",
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


@app.command(context_settings=PASS_THROUGH, add_help_option=False)
def run(ctx: typer.Context) -> None:
    """Run the scenario suites against a forwarder, and write the report."""
    from uplab.scenarios.run import launch  # noqa: PLC0415 - pytest is large

    if "--help" in ctx.args or "-h" in ctx.args:
        print(launch.run_help())
        return
    launch.become_pytest(ctx.args)


@app.command(context_settings=PASS_THROUGH, add_help_option=False)
def forwarder(ctx: typer.Context) -> None:
    """Start the reference forwarder alone (all its options: uplab forwarder --help)."""
    # A process of its own, as in every run.
    os.execv(sys.executable, [sys.executable, "-m", "uplab.simulator.forwarder", *ctx.args])  # noqa: S606


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
    from uplab.scenarios.cli.up import DeskError, run_up  # noqa: PLC0415
    from uplab.scenarios.lab.ports import PortError  # noqa: PLC0415
    from uplab.scenarios.under_test.process import ForwarderStartError  # noqa: PLC0415
    from uplab.scenarios.under_test.profile import load_profile  # noqa: PLC0415
    from uplab.scenarios.under_test.target import REFERENCE_COMMAND, RunOptions  # noqa: PLC0415

    command = forwarder_command or REFERENCE_COMMAND
    try:
        options = RunOptions(seed=seed, profile=load_profile(None), command=command)
        if not run_up(options, as_json=as_json, port=port):
            _fail("stopped before the lab was up", STOPPED)
    except (ForwarderStartError, DeskError, PortError) as error:
        _fail(str(error), NOT_STARTED)
    except OSError as error:
        _fail(f"the lab cannot be started: {error.strerror or error}", NOT_STARTED)


def _fail(message: str, code: int = FAILED) -> NoReturn:
    from uplab.reports.text import visible  # noqa: PLC0415

    print(f"uplab: {visible(message)}", file=sys.stderr)
    raise typer.Exit(130 if code == STOPPED else code)  # typer's 2 is wrong usage


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
    """Start one fake alone, with its pages for people.

    The line that it prints names its addresses. That of thingsboard names
    the login of its demo account too: one user name and password for the
    pages, the REST API and a gateway over MQTT.
    """
    if name not in FAKES:
        near = get_close_matches(name, FAKES, n=1)
        hint = f"did you mean {near[0]}? There" if near else "there"
        _fail(f"there is no fake {name}; {hint} are {', '.join(FAKES)}", WRONG_USAGE)
    asyncio.run(_serve_fake(name, host, port, mqtt_port))


async def _serve_fake(name: str, host: str, port: int, mqtt_port: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    ready: dict[str, Any] = {"fake": name}
    server: Any
    if name == "thingsboard":
        from uplab.fakes.thingsboard.server import ThingsBoardServer  # noqa: PLC0415
        from uplab.scenarios.cli.closed_links import ClosedLinks  # noqa: PLC0415

        server = ThingsBoardServer(emit=ClosedLinks())
    elif name == "widgelix":
        from uplab.fakes.widgelix.server import WidgelixServer  # noqa: PLC0415

        # With a port of the user's choice the page can show the address at which this fake takes uplinks.
        server = WidgelixServer(uplink_url=f"http://{host}:{port}/v1/input-node/actility") if port else WidgelixServer()
    else:
        from uplab.fakes.posthere.server import PosthereServer  # noqa: PLC0415

        server = PosthereServer()
    try:
        ready["url"] = f"http://{host}:{await _listen(server.listen, host, port, '--port')}/"
        if name == "thingsboard":
            ready["mqtt"] = f"{host}:{await _listen(server.listen_mqtt, host, mqtt_port, '--mqtt-port')}"
            # The demo account of the pages and of the REST API is the login of its gateway over MQTT as well.
            gateway = next(one for one in server.state.devices.values() if one.gateway).credentials
            ready |= {"username": gateway.username, "password": gateway.password}
        print(json.dumps(ready), flush=True)
        await stop.wait()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, os._exit, STOPPED)  # who asks again does not want to wait
        await server.stop()


async def _listen(listen: Callable[[str, int], Awaitable[int]], host: str, port: int, name: str) -> int:
    try:
        return await listen(host, port)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        why = f"port {port} is already in use; {name} takes another one" if taken else str(error.strerror or error)
        _fail(f"cannot listen on {host}: {why}", NOT_STARTED)


def _reading(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        _fail(f"a reading is written name=value, such as temperature_c=21.5, not {text!r}", WRONG_USAGE)
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
        _fail("name either a model or --document FILE", WRONG_USAGE)
    if document is not None and (readings or dev_eui):
        _fail("a document brings its own device and readings: leave --dev-eui and readings away", WRONG_USAGE)
    try:
        raw = read_document(document) if document is not None else b""
    except DocumentError as error:
        _fail(str(error), WRONG_USAGE)
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
        _fail(answer.get("message", response.text), WRONG_USAGE if response.status_code == 400 else FAILED)
    for connection in answer.get("bound_to", ()):
        print(f"bound {answer['dev_eui']} to connection {connection}")
    status = f" ({answer['status']})" if answer["status"] else ""
    said = f"{answer['outcome'] or 'not sent'}{status} {answer['reason']}".rstrip()
    print(f"{answer['dev_eui']} FCntUp {answer['f_cnt']} at {answer['time']}: {said}")
    if answer["outcome"] != "accepted":
        raise typer.Exit(FAILED)
    print(answer["routing"], file=sys.stdout if answer["routed_to"] else sys.stderr)


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
    from uplab.scenarios.lab.addresses import NETWORK_PORT, fixed_addresses  # noqa: PLC0415
    from uplab.scenarios.lab.authority import CERTIFICATE, AuthorityError, load_authority  # noqa: PLC0415

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
    from uplab.reports.run import ReportError  # noqa: PLC0415
    from uplab.reports.writer import write  # noqa: PLC0415

    try:
        write(folder)
    except ReportError as error:
        _fail(str(error), WRONG_USAGE)
    print(folder / "report.html")


@app.command(context_settings=PASS_THROUGH)
def replay(
    ctx: typer.Context,
    bundle: Annotated[Path, typer.Argument(help="A bundle, *.repro.zip, or the folder of a run.")],
) -> None:
    """Meet a failure again: same devices, frames and faults (then the options of uplab run, as --forwarder-command).

    Says REPRODUCED, FIXED, DIFFERENT or NOT RUN for each scenario that had failed. Ends with 0 when all are fixed, 1
    when one still fails, 10 when one was not run. Without --forwarder-profile it takes the profile of the bundle.

    Nothing that a bundle names is started: its scenarios are looked up among the installed suites. One of a suite of
    your own is found when you name the suite's folder, as for uplab run.
    """
    from uplab.reports.text import one_line, visible  # noqa: PLC0415
    from uplab.scenarios.bundles.replay import exit_code  # noqa: PLC0415
    from uplab.scenarios.bundles.replay import replay as meet_again  # noqa: PLC0415
    from uplab.scenarios.bundles.stored import StoredError, open_stored  # noqa: PLC0415
    from uplab.scenarios.run.record import make_run_folder  # noqa: PLC0415

    interrupt.raise_for_both()
    try:
        stored = open_stored(bundle)
        place = make_run_folder(Path("reports/runs/replays"), stored.record["seed"])
        replayed = meet_again(stored, ctx.args, place=place.resolve())
    except StoredError as error:
        _fail(str(error), WRONG_USAGE)
    except OSError as error:
        _fail(f"reports/runs/replays: {error.strerror or error}")
    except KeyboardInterrupt:
        _fail("stopped", STOPPED)
    for one in replayed:
        print(f"{one.meaning:<10}  {one_line(one.title)}")
        print(textwrap.indent(visible(one.why) + (f"\nbut {one.note}" if one.note else ""), " " * 12))
    if (place / "latest").exists():
        ran = open_stored(place / "latest")
        print(f"forwarder   {one_line(str(ran.record['forwarder']['name']))}")
        print(f"report      {ran.path.resolve() / 'report.html'}")
    raise typer.Exit(exit_code(replayed))


@app.command()
def recheck(
    stored: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run, or a bundle, *.repro.zip.")],
) -> None:
    """Judge a stored history again, by the rules as they are now; no forwarder is needed.

    What was no question to the history, as an answer of the API, is unknown then: nothing that was written of a verdict
    is believed. Ends with 1 when a check fails, 10 when one is unknown, 0 when all pass.
    """
    from uplab.reports.text import one_line  # noqa: PLC0415
    from uplab.scenarios.bundles.recheck import recheck as judge_all  # noqa: PLC0415
    from uplab.scenarios.bundles.stored import StoredError, open_stored  # noqa: PLC0415
    from uplab.scenarios.checks.verdict import worst_outcome  # noqa: PLC0415

    try:
        again = list(judge_all(open_stored(stored)))
    except StoredError as error:
        _fail(str(error), WRONG_USAGE)
    for one in again:
        told = one.now.happened if one.now else one.why_not
        if told and (one.changed or one.outcome != "passed"):
            was = "as before" if one.outcome == one.before else f"was {one_line(one.before, 20)}"
            print(f"{one.outcome:<8} {one_line(one.check)} ({was}): {one_line(one.scenario)}")
            print(" " * 9 + one_line(told, 500))
    asked = sum(one.now is not None for one in again)
    changed = sum(one.changed for one in again)
    others = f"; the other {len(again) - asked} cannot be judged by the history, and are unknown"
    print(f"{asked} of {len(again)} verdicts judged again, {changed} changed{others if asked < len(again) else ''}")
    code = {"failed": FAILED, "unknown": UNKNOWN, "passed": PASSED}
    raise typer.Exit(code[worst_outcome({one.outcome for one in again})])


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


def main() -> None:
    """The entry point."""
    app()
