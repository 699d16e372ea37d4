"""A forwarder of one file, standard library only, that delivers by a policy; with a name it departs from one row of it.

    python -m tests.faulty.policy_forwarder [--policy KEY=JSON ...] [NAME]

It has the API of the contract as far as scenarios about delivery need it. Its policy is POLICY below; each departure is
one of DEPARTURES, and says so in the log as every known-bad does.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import http.server
import json
import os
import queue
import ssl
import sys
import threading
import time
import urllib.parse
from dataclasses import dataclass, field
from typing import Any, NoReturn

from tests.faulty.known_bad import Mark, announcement, marker

__all__ = ["DEPARTURES", "POLICY", "main"]

POLICY: dict[str, Any] = {
    "attempts": 3,
    "pauses_s": [0.5, 0.8],
    "end_s": None,
    "timeout_s": 2.0,
    "timeout_covers": "body",
    "never_again": [404],
    "stops": [401],
    "retry_after": True,
    "order": "device",
    "largest_body": 20_000,
    "id_header": "webhook-id",
    "signature": "standard-webhooks",
}
DEPARTURES: dict[str, dict[str, Any]] = {
    "once-more": {"attempts": 4},
    "once-less": {"attempts": 2},
    "in-a-hurry": {"pauses_s": [0.05]},
    "at-leisure": {"pauses_s": [4.0, 4.0]},
    "without-an-end": {"end_s": None},
    "patient": {"timeout_s": 7.0},
    "head-is-enough": {"timeout_covers": "head"},
    "after-the-end": {"never_again": []},
    "after-the-stop": {"stops": []},
    "deaf-to-retry-after": {"retry_after": False},
    "in-no-order": {"order": "none"},
    "large-ones-too": {"largest_body": None},
    "another-id": {"id": "of the attempt"},
    "another-secret": {"secret": "whsec_AAAA"},
}
"""What another value of the policy it goes by than the one that its profile declares."""

_numbers = iter(range(1, 1_000_000))
_resolve = dict(pair.split("=", 1) for pair in os.environ.get("UPLAB_RESOLVE", "").split(",") if "=" in pair)


@dataclass
class Connection:
    """One connection, with what waits for each device."""

    body: dict[str, Any]
    waiting: dict[str, queue.Queue[bytes]] = field(default_factory=dict)
    stopped: bool = False


@dataclass
class Forwarder:
    """Everything that there is."""

    policy: dict[str, Any]
    mark: Mark
    connections: dict[str, Connection] = field(default_factory=dict)
    flows: dict[str, dict[str, Any]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, document: dict[str, Any], raw: bytes) -> None:
        """Hands an uplink to each connection that its device is bound to."""
        report = next(iter(document.values()))
        device = str(report.get("DevEUI")).lower()
        with self.lock:
            bound = {
                one["connectionId"]
                for flow in self.flows.values()
                if any(str(matcher.get("key")).lower() == f"lora:{device}" for matcher in flow["matchers"])
                for one in flow["connectors"]
            }
            for id_ in bound & self.connections.keys():
                connection = self.connections[id_]
                whose = device if self.policy["order"] == "device" else str(next(_numbers))
                if whose not in connection.waiting:
                    connection.waiting[whose] = queue.Queue()
                    threading.Thread(target=self.deliver, args=(id_, connection.waiting[whose]), daemon=True).start()
                connection.waiting[whose].put(raw)

    def deliver(self, id_: str, waiting: queue.Queue[bytes]) -> None:
        """One after the other, as long as the connection is there."""
        while True:
            raw = waiting.get()
            if self.policy["order"] == "none" and int.from_bytes(hashlib.sha256(raw).digest()[:1], "big") % 2:
                self.mark()
                threading.Event().wait(1.0)
            if id_ in self.connections:
                self.try_all(self.connections[id_], raw)

    def try_all(self, connection: Connection, raw: bytes) -> None:
        """One uplink, to its end."""
        policy, begun_s, number = self.policy, time.monotonic(), 0
        if policy["largest_body"] and len(raw) > policy["largest_body"]:
            return
        id_ = f"msg_{next(_numbers)}"
        while not connection.stopped:
            number += 1
            if policy.get("id"):
                id_ = f"msg_{next(_numbers)}"
            status, after = self.post(connection.body["configuration"], raw, id_)
            self.mark()
            if status is not None and 200 <= status < 300:
                return
            connection.stopped = status in policy["stops"]
            pause_s = policy["pauses_s"][min(number, len(policy["pauses_s"])) - 1]
            if policy["retry_after"] and after and after.isdigit():
                pause_s = max(pause_s, float(after))
            if status in policy["never_again"] or (policy["attempts"] and number >= policy["attempts"]):
                return
            if policy["end_s"] is not None and time.monotonic() + pause_s - begun_s > policy["end_s"]:
                return
            threading.Event().wait(pause_s)

    def post(self, configuration: dict[str, Any], raw: bytes, id_: str) -> tuple[int | None, str | None]:
        """One attempt: the status, None where no answer came in time, and Retry-After."""
        policy, parts = self.policy, urllib.parse.urlsplit(configuration["destinationURL"])
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host, _, real = _resolve.get(f"{parts.hostname}:{port}", f"{parts.hostname}:{port}").rpartition(":")
        client = http.client.HTTPConnection(host, int(real), timeout=policy["timeout_s"])
        ends_s = time.monotonic() + policy["timeout_s"]
        try:
            client.connect()
            if parts.scheme == "https":
                context = ssl.create_default_context(cafile=os.environ.get("UPLAB_CA"))
                client.sock = context.wrap_socket(client.sock, server_hostname=parts.hostname)
            headers = {"Host": parts.netloc, "Content-Type": "application/json", **configuration.get("headers", {})}
            target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
            client.request("POST", target, raw, headers | self.signed(raw, id_))
            answer = client.getresponse()
            while policy["timeout_covers"] == "body" and answer.read1(65_536):
                if time.monotonic() > ends_s:
                    return None, None
            return answer.status, answer.headers.get("Retry-After")
        except (OSError, http.client.HTTPException):
            return None, None
        finally:
            client.close()

    def signed(self, raw: bytes, id_: str) -> dict[str, str]:
        """By the Standard Webhooks form."""
        secret = self.policy.get("secret") or os.environ.get("UPLAB_SIGNING_SECRET", "")
        stamp = str(int(time.time()))
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.new(key, f"{id_}.{stamp}.".encode() + raw, hashlib.sha256).digest()
        signature = f"v1,{base64.b64encode(digest).decode()}"
        return {"webhook-id": id_, "webhook-timestamp": stamp, "webhook-signature": signature}


def _object(raw: bytes) -> dict[str, Any]:
    """The JSON object; an empty one where it is none."""
    try:
        given = json.loads(raw)
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


class _Handler(http.server.BaseHTTPRequestHandler):
    """API and ingress."""

    protocol_version = "HTTP/1.1"
    forwarder: Forwarder

    def do_POST(self) -> None:
        """Creates, binds, or takes an uplink."""
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        place, given = self.path.partition("?")[0].rpartition("/")[2], _object(raw)
        if place not in ("connections", "flows"):
            if not any(isinstance(one, dict) and one.get("DevEUI") for one in given.values()):
                return self.answer(400, {"code": "wrong", "message": "no document with a DevEUI"})
            self.forwarder.take(given, raw)
            return self.answer(200, {})
        if any("key" not in one for one in given.get("matchers", [])):
            return self.answer(400, {"code": "wrong", "message": "matchers: keys alone are known"})
        made = {**given, "id": str(next(_numbers))}
        with self.forwarder.lock:
            if place == "connections":
                self.forwarder.connections[made["id"]] = Connection(made)
            else:
                self.forwarder.flows[made["id"]] = made
        return self.answer(201, made)

    def do_PUT(self) -> None:
        """Replaces a connection, and lets it go on."""
        given = _object(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        there = self.forwarder.connections.get(self.path.rpartition("/")[2])
        if there is None:
            return self.answer(404, {"code": "none", "message": "none"})
        there.body, there.stopped = {**given, "id": there.body["id"]}, False
        return self.answer(200, there.body)

    def do_GET(self) -> None:
        """Lists or shows."""
        last = self.path.strip("/").split("/")[-1]
        shown = {id_: one.body for id_, one in self.forwarder.connections.items()}
        if last == "connections":
            return self.answer(200, list(shown.values()))
        return self.answer(200 if last in shown else 404, shown.get(last, {"code": "none", "message": "none"}))

    def do_DELETE(self) -> None:
        """Removes."""
        *_, kind, id_ = self.path.split("/")
        with self.forwarder.lock:
            if kind == "connections" and (gone := self.forwarder.connections.pop(id_, None)):
                gone.stopped = True
            self.forwarder.flows.pop(id_, None)
        return self.answer(204, None)

    def answer(self, status: int, body: object) -> None:
        """One answer."""
        raw = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Says nothing."""


def main(arguments: list[str]) -> NoReturn:
    """Serves until it is ended."""
    policy, name = dict(POLICY), ""
    while arguments:
        word = arguments.pop(0)
        if word == "--policy":
            key, _, value = arguments.pop(0).partition("=")
            policy[key] = json.loads(value)
        else:
            name = word
    if name:
        print(announcement(f"policy-{name}"), file=sys.stderr, flush=True)
    forwarder = Forwarder(policy | DEPARTURES.get(name, {}), marker(f"policy-{name}") if name else lambda: None)
    host, port = os.environ["UPLAB_LISTEN"].split(":")
    server = http.server.ThreadingHTTPServer((host, int(port)), type("Handler", (_Handler,), {"forwarder": forwarder}))
    here = f"http://{host}:{server.server_port}"
    print(json.dumps({"api": f"{here}/iot-flow/v1", "ingress": f"{here}/in", "downlink_base": here}), flush=True)
    server.serve_forever()
    sys.exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
