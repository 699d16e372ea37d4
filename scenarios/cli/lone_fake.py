"""One fake that stands alone: its sites, its control, and for ThingsBoard what it begins with and what it keeps."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
import signal
import ssl
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from uplab.fakes.control import Control
from uplab.scenarios.cli.closed_links import ClosedLinks
from uplab.scenarios.run.exit_codes import STOPPED

__all__ = ["LoneFakeError", "LoneFakeOptions", "serve"]

_SAVED_S: Final = 20.0  # how much of its knowledge a fake may lose when it is killed


class LoneFakeError(Exception):
    """A fake cannot be started as it was asked to; the message says why."""


@dataclass(frozen=True, slots=True)
class LoneFakeOptions:
    """How a fake is started. A port of 0 takes a free one, None opens no such site."""

    name: str
    host: str = "127.0.0.1"
    port: int = 0
    mqtt_port: int = 0
    control_port: int | None = None
    tls: bool = False
    authority: Path = Path(".uplab")
    https_port: int = 0
    mqtts_port: int = 0
    seed_data: Path | None = None
    state: Path | None = None
    history_rows: int = 100_000
    history_points: int = 1_000_000
    rate_limits: dict[str, str] = field(default_factory=dict)
    max_packet_bytes: int = 65_536
    max_failed_logins: int = 0
    allow_host: Sequence[str] = ()
    users: Path | None = None
    broker_command: str | None = None


async def serve(options: LoneFakeOptions) -> None:
    """Serve until SIGINT or SIGTERM; raises LoneFakeError for what is wrong at the start."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    told = ClosedLinks() if options.name == "thingsboard" else None
    # Without its site nobody reads the journal, so that it only counts.
    control = Control(then=told) if options.control_port is not None else Control(capacity=1, then=told)
    server = _server(options, control)
    keeper = _Keeper(server, options.state) if options.name == "thingsboard" else None
    if keeper is not None:
        _fill(server, keeper, options)
    try:
        print(json.dumps(await _listen(server, control, options)), flush=True)
        if keeper is not None:
            await keeper.keep_until(stop, control)
        await stop.wait()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, os._exit, STOPPED)  # who asks again does not want to wait
        await control.stop()
        await server.stop()
    if keeper is not None:  # one that never listened has nothing to keep
        keeper.save()


def _server(options: LoneFakeOptions, emit: Control) -> Any:
    if options.name == "thingsboard":
        from uplab.fakes.thingsboard.server import ThingsBoardServer  # noqa: PLC0415
        from uplab.fakes.thingsboard.state.limits import RateLimitError, RateLimits  # noqa: PLC0415
        from uplab.fakes.thingsboard.state.series import Budget  # noqa: PLC0415

        limits = RateLimits()
        try:
            for name, text in options.rate_limits.items():
                limits.change(name, text)
        except RateLimitError as error:
            raise LoneFakeError(f"--rate-limit: {error}") from None
        return ThingsBoardServer(
            emit=emit,
            budget=Budget(options.history_points, options.history_rows, notice=_say),
            limits=limits,
            max_packet_bytes=options.max_packet_bytes,
            max_failed_logins=options.max_failed_logins,
        )
    if options.name == "broker":
        from uplab.fakes.broker.server import BrokerServer  # noqa: PLC0415

        return BrokerServer(
            emit=emit,
            accounts=_accounts(options.users) if options.users is not None else None,
            command=options.broker_command,
            max_packet_bytes=options.max_packet_bytes,
        )
    if options.name == "widgelix":
        from uplab.fakes.widgelix.server import WidgelixServer  # noqa: PLC0415

        # With a port of the user's choice the page can show the address at which this fake takes uplinks.
        url = f"http://{options.host}:{options.port}/v1/input-node/actility"
        return WidgelixServer(emit=emit, uplink_url=url) if options.port else WidgelixServer(emit=emit)
    from uplab.fakes.posthere.server import PosthereServer  # noqa: PLC0415

    return PosthereServer(emit=emit)


def _accounts(file: Path) -> Any:
    from uplab.fakes.broker.accounts import AccountError, read_accounts  # noqa: PLC0415

    try:
        return read_accounts(file.read_bytes())
    except OSError as error:
        raise LoneFakeError(f"--users {file}: {error.strerror}") from None
    except AccountError as error:
        raise LoneFakeError(f"--users {file}: {error}") from None


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


async def _listen(server: Any, control: Control, options: LoneFakeOptions) -> dict[str, Any]:
    """Open the sites; what the one line of JSON says of them."""
    host = options.host
    for site in (server, control):
        site.hosts.allow(*options.allow_host)
    ready: dict[str, Any] = {"fake": options.name}
    ready["url"] = f"http://{host}:{await _open(server.listen, host, options.port, '--port')}/"
    tls = _context(options) if options.tls else None
    if tls is not None:
        from uplab.scenarios.lab.authority import CERTIFICATE  # noqa: PLC0415

        port = await _open(server.listen, host, options.https_port, "--https-port", tls)
        ready["https_url"] = f"https://{host}:{port}/"
        ready["ca"] = str((options.authority / CERTIFICATE).resolve())
    settings = None
    if options.name == "thingsboard":
        from uplab.fakes.thingsboard.settings import ThingsBoardSettings  # noqa: PLC0415

        settings = ThingsBoardSettings(server.state)
    if options.name in ("thingsboard", "broker"):
        ready["mqtt"] = f"{host}:{await _open(server.listen_mqtt, host, options.mqtt_port, '--mqtt-port')}"
        if tls is not None:
            asks = _asking(options) if options.name == "broker" else tls
            ready["mqtts"] = f"{host}:{await _open(server.listen_mqtt, host, options.mqtts_port, '--mqtts-port', asks)}"
    if options.name == "thingsboard":
        # The demo account of the pages and of the REST API is the login of its gateway over MQTT as well.
        gateway = next((one for one in server.state.devices.values() if one.account), None)
        if gateway is not None:
            ready |= {"username": gateway.credentials.username, "password": gateway.credentials.password}
    if options.control_port is not None:

        async def listen(host: str, port: int) -> int:
            return await control.listen(server, host, port, settings)

        ready["control"] = f"http://{host}:{await _open(listen, host, options.control_port, '--control-port')}/"
    return ready


async def _open(listen: Callable[..., Awaitable[int]], host: str, port: int, option: str, *tls: ssl.SSLContext) -> int:
    try:
        return await listen(host, port, *tls)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        why = f"port {port} is already in use; {option} takes another one" if taken else str(error.strerror or error)
        raise LoneFakeError(f"cannot listen on {host}: {why}") from None


def _context(options: LoneFakeOptions) -> ssl.SSLContext:
    from uplab.scenarios.lab.authority import AuthorityError, load_authority  # noqa: PLC0415 - large, and for TLS only

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    here = () if options.host in ("0.0.0.0", "::") else (options.host,)  # noqa: S104 - every address is none that is asked
    names = dict.fromkeys((*here, "localhost", "127.0.0.1"))
    try:
        load_authority(options.authority, *here).issue_cert(*names).configure_cert(context)
    except AuthorityError as error:
        raise LoneFakeError(str(error)) from None
    return context


def _asking(options: LoneFakeOptions) -> ssl.SSLContext:
    """Another one for a broker, whose clients may show a certificate of the authority."""
    from uplab.scenarios.lab.authority import CERTIFICATE  # noqa: PLC0415

    tls = _context(options)
    tls.load_verify_locations(options.authority / CERTIFICATE)
    tls.verify_mode = ssl.CERT_OPTIONAL
    return tls


# --- what a ThingsBoard begins with, and keeps ----------------------------------------------------------------------


def _fill(server: Any, keeper: _Keeper, options: LoneFakeOptions) -> None:
    """Load the state that was kept, or else the seed data; raises LoneFakeError."""
    from uplab.fakes.thingsboard.seed import SeedError, seed  # noqa: PLC0415

    if keeper.load():
        if options.seed_data is not None:
            _say(f"{options.state} goes on; {options.seed_data} is for a new one only and was not read")
        return
    if options.seed_data is None:
        return
    try:
        seed(server.state, options.seed_data.read_bytes())
    except OSError as error:
        raise LoneFakeError(f"{options.seed_data}: {error.strerror}") from None
    except SeedError as error:
        raise LoneFakeError(f"{options.seed_data}: {error}") from None


class _Keeper:
    """Keeps the state of a ThingsBoard in a file, or nothing when no file is named."""

    def __init__(self, server: Any, path: Path | None) -> None:
        self._server = server
        self._path = path

    def load(self) -> bool:
        """Take up what was kept; whether there was anything. Raises LoneFakeError."""
        from uplab.fakes.thingsboard.stored_state import StoredStateError, load  # noqa: PLC0415

        if self._path is None or not self._path.exists():
            return False
        server = self._server
        try:
            load(server.state, server.tokens, server.protocol.links, self._path.read_bytes())
        except OSError as error:
            raise LoneFakeError(f"{self._path}: {error.strerror}") from None
        except StoredStateError as error:
            raise LoneFakeError(f"{self._path}: {error}") from None
        return True

    def save(self) -> None:
        """Write it down: whole or not at all, and readable by nobody else, since it holds credentials."""
        if self._path is None:
            return
        from uplab.fakes.thingsboard.stored_state import dump  # noqa: PLC0415

        server = self._server
        raw = dump(server.state, server.tokens, server.protocol.links.rpcs)
        aside = self._path.with_name(f"{self._path.name}.new")
        try:
            with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(raw)
            aside.replace(self._path)
        except OSError as error:
            _say(f"the state cannot be kept in {self._path}: {error.strerror}")

    async def keep_until(self, stop: asyncio.Event, control: Control) -> None:
        """Save now and again until the end, when anything happened since."""
        if self._path is None:
            return
        self.save()
        saved = control.journal.total
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_SAVED_S):
                    await stop.wait()
            if control.journal.total != saved:
                saved = control.journal.total
                self.save()
