"""`python -m uplab.simulator.forwarder`: one line of JSON on stdout when ready, a clean end on SIGINT and SIGTERM."""

import gc
import signal

# Before the other imports, which take a while: until there is something to stop in order, Ctrl-C just ends it.
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.disable()  # what is imported stays; until `_calm_collector` there is nothing to collect

import asyncio
import contextlib
import itertools
import math
import os
import resource
import socket
import sqlite3
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import orjson
import uvicorn
import uvloop

from uplab.simulator.forwarder.api.app import API_PATH, Application
from uplab.simulator.forwarder.api.ingress import INGRESS_PATH
from uplab.simulator.forwarder.codecs.codec import Codec, CodecError
from uplab.simulator.forwarder.destinations.table import CONNECTORS
from uplab.simulator.forwarder.documents.drivers import Drivers
from uplab.simulator.forwarder.logs import log, start_logging
from uplab.simulator.forwarder.pages import PAGES_PATH
from uplab.simulator.forwarder.patience import PatientProtocol
from uplab.simulator.forwarder.service import Service
from uplab.simulator.forwarder.settings import Settings, SettingsError, read_settings
from uplab.simulator.forwarder.store.store import Store, StoreError

__all__ = ["main"]

STATE_FILE = "forwarder.sqlite3"


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to us: a stop has an order, and it ends with exit code 0."""
        yield


def main() -> int:
    """Run the forwarder until it is told to stop; 2 when it cannot start, with one line that says why."""
    try:
        settings = read_settings(sys.argv[1:])
        start_logging(settings.log_level)
        with _listen(settings) as listener:
            host, port = listener.getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            return uvloop.run(_run(replace(settings, listen=(host, port)), listener, f"http://{shown}:{port}"))
    except (SettingsError, StoreError) as error:
        print(f"forwarder: {error}", file=sys.stderr)
        return 2


def _listen(settings: Settings) -> socket.socket:
    host, port = settings.listen
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1024)
    except OSError as error:
        raise SettingsError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    return listener


async def _run(settings: Settings, listener: socket.socket, base: str) -> int:
    _raise_file_limit()
    path = settings.state_dir / STATE_FILE
    drivers = _drivers(settings)
    store = Store(path, synchronous=settings.synchronous, accept_loss=settings.accept_loss)
    if store.lost:
        log.error("the state file was damaged, and is used as it is", extra={"facts": {"lost": store.lost}})
    try:
        await _serve(Service(settings, store, base, CONNECTORS, drivers), listener, base)
    except sqlite3.Error as error:
        raise StoreError(f"cannot use the state file {path}: {error}") from None
    finally:
        store.close()
        drivers.close()
    log.info("stopped")
    return 0


def _drivers(settings: Settings) -> Drivers:
    """The drivers, with the user's own codecs loaded."""
    codecs = [Codec(package, settings.codec_zone) for package in settings.codecs]
    for codec in codecs:
        try:
            codec.start()
        except CodecError as error:
            named = ":".join(filter(None, codec.application))
            raise SettingsError(f"the codec of {named} cannot be loaded: {error}") from None
    return Drivers(codecs)


async def _serve(service: Service, listener: socket.socket, base: str) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    # MQTT connects in these threads, and a host that does not answer holds one for seconds.
    loop.set_default_executor(ThreadPoolExecutor(64, thread_name_prefix="connect"))
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    try:
        await service.start()
        server = _Server(
            uvicorn.Config(
                Application(service),
                http=PatientProtocol,
                ws="none",
                lifespan="off",
                proxy_headers=False,  # who asks changes nothing, and what a proxy says is never believed
                access_log=False,
                log_config=None,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=math.ceil(service.settings.stop_s) or 1,
            )
        )
        serving = asyncio.create_task(server.serve(sockets=[listener]), name="http")
        serving.add_done_callback(lambda _: stopped.set())
        _calm_collector()
        _announce(service, base)
        await stopped.wait()
        again = itertools.count(1)
        for number in (signal.SIGINT, signal.SIGTERM):
            # A launcher may pass on what the whole group got as well; the third one is from somebody who insists.
            loop.add_signal_handler(number, lambda: next(again) > 1 and os._exit(1))
        log.info("stopping")
        server.should_exit = True
        await serving
    finally:
        await service.stop()


def _announce(service: Service, base: str) -> None:
    ready = {"api": f"{base}{API_PATH}", "ingress": f"{base}{INGRESS_PATH}", "downlink_base": service.base}
    if service.settings.client_id is None or service.settings.pages_user is not None:
        ready["pages"] = f"{base}{PAGES_PATH}"
    try:
        print(orjson.dumps(ready).decode(), flush=True)
    except OSError as error:  # such as a pipe that nobody reads any more: no reason not to work
        log.warning("the ready line cannot be written", extra={"facts": {"cause": error.strerror}})
        sys.stdout = None  # or the interpreter would try again at its end
    log.info("ready", extra={"facts": ready})


def _calm_collector() -> None:
    """Let the collector of cycles look rarely, and never at what is there for good: it cost a tenth of an uplink."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


def _raise_file_limit() -> None:
    """Allow as many sockets as the system lets us have: each delivery in flight needs one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    sys.exit(main())
