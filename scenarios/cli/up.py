"""`uplab up`: the lab stays up for people, with a desk at which `uplab send` asks for uplinks."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import fields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from uplab.fakes.hosts import Hosts
from uplab.scenarios.checks.checks import Route
from uplab.scenarios.checks.verdict import CheckFailed, CheckUnknown
from uplab.scenarios.cli.sent_document import DocumentError, check_document
from uplab.scenarios.lab.addresses import POSTHERE_HOST, THINGSBOARD_HOST, WIDGELIX_HOST
from uplab.scenarios.lab.device import LabDevice, Sent
from uplab.scenarios.lab.lab import Lab
from uplab.scenarios.run import interrupt
from uplab.scenarios.under_test.answer import NoAnswerError
from uplab.scenarios.under_test.target import RunOptions
from uplab.simulator.errors import SimulatorError
from uplab.simulator.payloads import MODELS

__all__ = ["DeskError", "LabDesk", "find_lab", "run_up"]

MOST_BODY_BYTES = 1_000_000


class DeskError(Exception):
    """A request that the lab's desk cannot carry out; the text says why."""


class LabDesk:
    """Keeps the devices of a lab that is up, binds them to the connections there are, and sends."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._devices: dict[str, LabDevice] = {}
        self._bound: set[tuple[str, str]] = set()
        self._one_at_a_time = threading.Lock()

    def addresses(self) -> dict[str, str]:
        """Every address that a person or a program needs; pages only of a forwarder that says it has some."""
        lab, at = self._lab, self._lab.resolve
        return {
            "api": lab.endpoints.api,
            **({"pages": lab.endpoints.pages} if lab.endpoints.pages else {}),
            "ingress": lab.endpoints.ingress,
            "downlink_base": lab.endpoints.downlink_base,
            "network": lab.upstream.network_url,
            "posthere": f"http://{at[f'{POSTHERE_HOST}:80']}",
            "widgelix": f"http://{at[f'{WIDGELIX_HOST}:80']}",
            "thingsboard": f"http://{at[f'{THINGSBOARD_HOST}:80']}",
            "thingsboard_mqtt": at[f"{THINGSBOARD_HOST}:1883"],
            "ca": str(lab.ca_file.resolve()),
            "resolve": lab.environment()["UPLAB_RESOLVE"],
        }

    def send(
        self, model: str, readings: dict[str, Any], *, dev_eui: str | None = None, bind: bool = True
    ) -> dict[str, Any]:
        """One uplink of a device of that model (the same device each time, unless a DevEUI is named)."""
        with self._one_at_a_time:
            device = self._device(model, dev_eui)
            _check_readings(model, readings)
            bound = self._bind(device) if bind else []
            try:
                sent = device.send(**readings)
            except (TypeError, ValueError) as error:
                raise DeskError(str(error)) from None
            return {**_shown(sent), "model": model, "bound_to": bound, **self._routing(device.dev_eui)}

    def send_document(self, document: Any) -> dict[str, Any]:
        """Carries a document as it is through the tunnel."""
        try:
            check_document(document)
        except DocumentError as error:
            raise DeskError(str(error)) from None
        with self._one_at_a_time:
            sent = self._lab.post(document)
            return {**_shown(sent), **self._routing(sent.dev_eui, of_document=True)}

    def devices(self) -> list[dict[str, Any]]:
        """The devices so far, and what they received."""
        return [
            {
                "dev_eui": d.dev_eui,
                "name": d.name,
                "model": d.device.model,
                "received": self._lab.upstream.received(d.device),
            }
            for d in list(self._devices.values())  # another thread may add one meanwhile
        ]

    def _device(self, model: str, dev_eui: str | None) -> LabDevice:
        if dev_eui is not None:
            found = self._devices.get(dev_eui.upper())
            if found is None:
                raise DeskError(f"no device {dev_eui} in this lab; there are {', '.join(self._devices) or 'none yet'}")
            if found.device.model != model:
                raise DeskError(f"the device {dev_eui} is of the model {found.device.model}, not {model}")
            return found
        for known in self._devices.values():
            if known.device.model == model:
                return known
        try:
            device = self._lab.device(model)
        except (KeyError, ValueError) as error:
            raise DeskError(str(error).strip("'\"")) from None
        self._devices[device.dev_eui] = device
        return device

    def _bind(self, device: LabDevice) -> list[str]:
        """Binds the device to every connection that it is not bound to yet."""
        connections = self._listed("/connections")
        fresh = [c for c in connections if (device.dev_eui, str(c["id"])) not in self._bound]
        for resource in fresh:
            self._lab.connection(resource, Route("", "")).bind(device)
            self._bound.add((device.dev_eui, str(resource["id"])))
        return [_named(c) for c in fresh]

    def _listed(self, path: str) -> list[dict[str, Any]]:
        answer = self._lab.api.request("GET", path)
        found: list[dict[str, Any]] = answer.json() if answer.status_code == 200 else []
        return found

    def _routing(self, dev_eui: str, *, of_document: bool = False) -> dict[str, Any]:
        """Where the flows lead this device's uplinks now, and what to do where that is nowhere."""
        connections = self._listed("/connections")
        routed = [_named(c) for c in connections if self._leads(dev_eui, str(c["id"]))]
        if routed:
            word = "connection" if len(routed) == 1 else "connections"
            return {"routed_to": routed, "routing": f"routed to {len(routed)} {word}: {', '.join(routed)}"}
        api = self._lab.endpoints.api
        if not connections:
            why = f"there is no connection yet: create one (POST {api}/connections), then send again"
        elif of_document:
            why = f"no flow binds {dev_eui}: bind it (POST {api}/flows, a matcher of the key lora:{dev_eui.lower()})"
        else:
            why = f"no flow binds {dev_eui}: send again without --no-bind, or bind it yourself (POST {api}/flows)"
        return {"routed_to": [], "routing": f"routed to no connection, so nothing is delivered; {why}"}

    def _leads(self, dev_eui: str, connection: str) -> bool:
        """Whether a flow routes the device to the connection; one that matches by tags is the forwarder's to judge."""
        if not self._lab.profile.features.flows:
            return True  # such a forwarder routes every device to every connection
        if (dev_eui, connection) in self._bound:
            return True
        key = f"lora:{dev_eui}".lower()
        return any(
            str(matcher.get("key", "")).lower() == key
            for flow in self._listed("/flows")
            if connection in {str(one.get("connectionId")) for one in flow.get("connectors", ())}
            for matcher in flow.get("matchers", ())
        )


def _check_readings(model: str, readings: dict[str, Any]) -> None:
    """DeskError names a value that is no number where one belongs; the lab itself knows which readings there are."""
    types = {field.name: str(field.type) for field in fields(MODELS[model].readings)}
    for name, value in readings.items():
        if "tuple" not in types.get(name, "tuple") and not isinstance(value, int | float | None):
            raise DeskError(f"{name} takes a number, not {value!r}")


def _named(connection: dict[str, Any]) -> str:
    return f"{connection['id']} ({connection.get('name')})"


def _shown(sent: Sent) -> dict[str, Any]:
    return {
        "dev_eui": sent.dev_eui,
        "f_cnt": sent.f_cnt,
        "time": sent.time,
        "outcome": sent.outcome,
        "status": sent.status,
        "reason": sent.reason,
        "document": sent.document,
    }


def _carry_out(desk: LabDesk, path: str, body: Any) -> dict[str, Any]:
    """One request of a client of the desk; DeskError names what is wrong with it."""
    if path == "/document":
        return desk.send_document(body)
    if path != "/send":
        raise DeskError(f"nothing at {path}; there are /send and /document")
    if not isinstance(body, dict):
        raise DeskError('a request is one JSON object, such as {"model": "elsys_ers", "readings": {}}')
    model, readings, dev_eui = body.get("model"), body.get("readings") or {}, body.get("dev_eui")
    if not isinstance(model, str):
        raise DeskError(f"model takes a name, not {model!r}")
    if not isinstance(readings, dict):
        raise DeskError(f"readings takes an object, not {readings!r}")
    if not isinstance(dev_eui, str | None):
        raise DeskError(f"dev_eui takes 16 hexadecimal digits, not {dev_eui!r}")
    return desk.send(model, readings, dev_eui=dev_eui, bind=bool(body.get("bind", True)))


def _handler(desk: LabDesk, hosts: Hosts) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 20  # seconds for each part of a request; then its thread is free again

        def parse_request(self) -> bool:
            """Refuses who asks by a name that is none of this lab's: a browser that a stranger's page led here."""
            if not super().parse_request():
                return False
            if hosts.knows(self.headers.get("Host")):
                return True
            self._answer(421, {"message": "the desk answers to addresses, localhost and the names of --allow-host"})
            return False

        def do_GET(self) -> None:
            """Shows the lab's addresses, or its devices."""
            found: Any = {"/": desk.addresses, "/devices": desk.devices}.get(self.path)
            self._answer(200, found()) if found else self._answer(
                404, {"message": f"nothing at {self.path}; there are / and /devices"}
            )

        def do_POST(self) -> None:
            """Sends an uplink or a document."""
            try:
                length = int(self.headers.get("Content-Length") or 0)
                if length > MOST_BODY_BYTES:
                    return self._answer(413, {"message": "at most 1 MB"})
                body = json.loads(self.rfile.read(length) or b"{}")
                return self._answer(200, _carry_out(desk, self.path, body))
            except (DeskError, ValueError) as error:
                return self._answer(400, {"message": str(error)})
            except (CheckFailed, CheckUnknown, SimulatorError, httpx.HTTPError, TimeoutError) as error:
                told = error.verdict.happened if isinstance(error, NoAnswerError) else error
                return self._answer(502, {"message": f"the forwarder did not play along: {told}"})

        def _answer(self, status: int, body: Any) -> None:
            raw = json.dumps(body, indent=1, default=str).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
            """Says nothing: the terminal belongs to the user."""

    return Handler


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
                        while True:
                            threading.Event().wait(0.5)  # a bare wait would not let the signal handler run everywhere
                finally:
                    server.shutdown()
        except KeyboardInterrupt:
            pass  # how it is meant to end
        finally:
            lab.stop()
    return was_up


def _server(desk: LabDesk, port: int, allow_host: Sequence[str] = ()) -> ThreadingHTTPServer:
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), _handler(desk, Hosts(*allow_host)))
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
        "Send an uplink:  uplab send elsys_ers temperature_c=21.5 humidity_pct=40",
    ]
    return "\n".join(lines)
