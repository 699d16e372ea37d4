"""`uplab up`: the lab stays up for people, with a desk at which `uplab send` asks for uplinks."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from uplab.fakes.hosts import Hosts
from uplab.scenarios.cli.hand.asked import handler
from uplab.scenarios.cli.hand.desk import DeskError, LabDesk
from uplab.scenarios.cli.hand.door import Door
from uplab.scenarios.lab.lab import Lab
from uplab.scenarios.run import interrupt
from uplab.scenarios.under_test.target import RunOptions

__all__ = ["DeskError", "LabDesk", "find_lab", "run_up"]


def _labs_folder() -> Path:
    """Where labs that are up leave their address; private to the user, or DeskError: in a temporary directory that all
    share anybody may have made it first, and could name a lab of his own in it.
    """
    parent = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"uplab-{os.getuid()}"
    parent.mkdir(mode=0o700, exist_ok=True)
    found = parent.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise DeskError(f"{parent} must be a folder that belongs to you and that nobody else may use: remove it")
    return parent


def find_lab() -> str:
    """The address of the one lab of this user that is up; DeskError when there is none, or several."""
    found = {}
    for path in _labs_folder().glob("lab-*.json"):
        with contextlib.suppress(OSError, ValueError, KeyError):
            pid = int(path.stem.partition("-")[2])
            os.kill(pid, 0)  # signal 0 asks whether the process is still there
            found[pid] = str(json.loads(path.read_text())["desk"])
    if not found:
        raise DeskError("no lab is up: start one with `uplab up` in another terminal")
    if len(found) > 1:
        raise DeskError(f"{len(found)} labs are up: name one with --lab: {', '.join(sorted(found.values()))}")
    return next(iter(found.values()))


@contextlib.contextmanager
def _announced(addresses: dict[str, str]) -> Iterator[None]:
    path = _labs_folder() / f"lab-{os.getpid()}.json"
    path.write_text(json.dumps(addresses))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


_LABELS = (
    ("api", "IoT Flow API"),
    ("pages", "IoT Flow pages"),
    ("posthere", "posthere bins"),
    ("widgelix", "Widgelix"),
    ("thingsboard", "ThingsBoard"),
    ("thingsboard_mqtt", "ThingsBoard MQTT"),
    ("desk", "this lab's desk"),
)


def run_up(options: RunOptions, *, as_json: bool, port: int = 0) -> bool:
    """Starts the lab, says where everything is, and stays until SIGINT or SIGTERM; whether it had come so far."""
    was_up = False
    for line in options.register_secrets():
        print(f"uplab: {line}", file=sys.stderr)
    interrupt.raise_for_both()
    with tempfile.TemporaryDirectory(prefix="uplab-") as folder:
        lab = Lab(options, folder=Path(folder), worker="up", public_base=None, keep=10_000)
        desk = LabDesk(lab)
        try:
            with _server(desk, port, options.allow_host) as server:  # before the lab starts, which takes longer
                lab.start()
                addresses = {"desk": f"http://127.0.0.1:{server.server_port}", **desk.addresses()}
                threading.Thread(target=server.serve_forever, name="uplab-desk", daemon=True).start()
                try:
                    with _announced(addresses):
                        print(json.dumps(addresses) if as_json else _for_people(addresses, options.seed), flush=True)
                        was_up = True
                        _stay(desk)
                finally:
                    server.shutdown()
        except KeyboardInterrupt:
            pass  # how it is meant to end
        finally:
            lab.stop()
    return was_up


def _stay(desk: LabDesk) -> None:
    """Until KeyboardInterrupt; a forwarder that dies meanwhile is said at once."""
    told = None
    while True:
        threading.Event().wait(0.5)  # a bare wait would not let the signal handler run everywhere
        dead = desk.dead()
        if dead and dead != told:
            print(f"uplab: the forwarder {dead}", file=sys.stderr, flush=True)
        told = dead


def _server(desk: LabDesk, port: int, allow_host: Sequence[str] = ()) -> Door:
    try:
        return Door(port, handler(desk), Hosts(*allow_host))
    except OSError as error:
        raise DeskError(f"cannot listen on 127.0.0.1:{port}: {error.strerror}; --port takes another one") from None


def _for_people(addresses: dict[str, str], seed: int) -> str:
    width = max(len(label) for _, label in _LABELS)
    lines = [f"uplab is up, seed {seed}. Ctrl-C stops it.", ""]
    lines += [f"  {label:<{width}}  {addresses[key]}" for key, label in _LABELS if key in addresses]
    lines += [
        "",
        "In connections the documents' own addresses lead here:",
        "https://posthere.io/..., https://app.widgelix.com/..., thingsboard.cloud:1883.",
        f"The desk, to see and do all that by hand:  {addresses['desk']}/",
        "Send an uplink:  uplab send elsys_ers temperature_c=21.5 humidity_pct=40",
    ]
    return "\n".join(lines)
