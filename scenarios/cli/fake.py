"""`uplab fake`: one fake alone."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Awaitable, Callable
from difflib import get_close_matches
from typing import Annotated, Any

import typer

from uplab.scenarios.cli.app import app, fail
from uplab.scenarios.run.exit_codes import NOT_STARTED, STOPPED, WRONG_USAGE

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
    import asyncio  # noqa: PLC0415 - as large as all the rest of the command line

    asyncio.run(_serve_fake(name, host, port, mqtt_port))


async def _serve_fake(name: str, host: str, port: int, mqtt_port: int) -> None:
    import asyncio  # noqa: PLC0415
    import json  # noqa: PLC0415

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
        fail(f"cannot listen on {host}: {why}", NOT_STARTED)
