"""A forwarder of one file, standard library only, as somebody else would write it; what it promises stands in OTHER_*.

OTHER_ATTEMPTS     how often it tries in all (default 1), OTHER_PAUSE_S seconds apart (default 0.3)
OTHER_FINAL        statuses, separated by commas, after which it does not try again
OTHER_BODY         thingpark (as it came), ttn (an uplink message of another network's form), wrapped, double (read and
                   written by a language whose numbers are all doubles)
OTHER_AUTH         what its ingress asks for: none (default), header, basic, with UPLAB_INGRESS_SECRET
OTHER_SIGNS        yes: webhook-id and a signature with UPLAB_SIGNING_SECRET; bad: with another secret
OTHER_TIMEOUT_S    how long it awaits an answer (default 2)
OTHER_STATES       yes: shows states
OTHER_BROKEN       lost (delivers nothing), distrust (knows not the lab's authority), mute (opens connections and says
                   nothing), late (leaves a handshake to begin it anew), refusing (its ingress answers 401), elsewhere
                   (404), shut (its API answers 500)
"""

import base64
import contextlib
import hashlib
import hmac
import http.client
import http.server
import json
import os
import queue
import socket
import ssl
import threading
import time
import urllib.parse
from typing import Any

env = os.environ.get
resolve = dict(pair.split("=", 1) for pair in env("UPLAB_RESOLVE", "").split(",") if "=" in pair)
made: dict[str, dict[str, Any]] = {}
flows: dict[str, dict[str, Any]] = {}
queues: dict[str, "queue.Queue[Any]"] = {}
BROKEN = env("OTHER_BROKEN", "")
numbers = iter(range(1, 1_000_000))


def converted(document: dict[str, Any], raw: bytes) -> bytes:
    """What it makes of a document."""
    kind = env("OTHER_BODY", "thingpark")
    report = document.get("DevEUI_uplink", {})
    if kind == "ttn" and report:
        message = {
            "end_device_ids": {"device_id": "some-device", "dev_eui": report["DevEUI"]},
            "received_at": report["Time"],
            "uplink_message": {"f_port": report.get("FPort"), "f_cnt": report["FCntUp"]},
        }
        return json.dumps(message).encode()
    if kind == "wrapped":
        return json.dumps({"data": {"device": report.get("DevEUI"), "n": report.get("FCntUp")}}).encode()
    if kind == "double":
        return json.dumps(json.loads(raw, parse_int=float)).encode()
    return raw


def signed(body: bytes, id_: str) -> dict[str, str]:
    """The headers of a signature."""
    kind = env("OTHER_SIGNS", "")
    if not kind:
        return {}
    secret = env("UPLAB_SIGNING_SECRET", "").removeprefix("whsec_") if kind == "yes" else "AAAA"
    stamp = str(int(time.time()))
    digest = hmac.new(base64.b64decode(secret), f"{id_}.{stamp}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": id_, "webhook-timestamp": stamp, "webhook-signature": signature}


def post(connection: dict[str, Any], body: bytes, headers: dict[str, str]) -> int | None:
    """One attempt; the status, or None where there was no answer."""
    configuration = connection["configuration"]
    parts = urllib.parse.urlsplit(configuration["destinationURL"])
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = resolve.get(f"{parts.hostname}:{port}", f"{parts.hostname}:{port}")
    host, _, real = address.rpartition(":")
    timeout = float(env("OTHER_TIMEOUT_S", "2"))
    client = http.client.HTTPConnection(host, int(real), timeout=timeout)
    if BROKEN == "lost":
        return None
    try:
        client.connect()
        if BROKEN == "mute":
            threading.Event().wait(timeout)
            return None
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=None if BROKEN == "distrust" else env("UPLAB_CA"))
            if BROKEN == "late":
                hello(client.sock, context, str(parts.hostname))
                client.close()
                client.connect()
            client.sock = context.wrap_socket(client.sock, server_hostname=parts.hostname)
        sent = {"Host": parts.netloc, "Content-Type": "application/json", **configuration.get("headers", {}), **headers}
        client.request("POST", parts.path, body, sent)
        return client.getresponse().status
    except OSError:
        return None
    finally:
        client.close()


def hello(sock: socket.socket, context: ssl.SSLContext, name: str) -> None:
    """The first message of a handshake, and nothing of what follows it for a while."""
    out = ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), out, server_hostname=name).do_handshake()
    sock.sendall(out.read())
    threading.Event().wait(0.8)


def serve(connection: dict[str, Any]) -> None:
    """Delivers what waits for a connection, one after the other."""
    attempts, final = int(env("OTHER_ATTEMPTS", "1")), env("OTHER_FINAL", "").split(",")
    while connection["id"] in made:
        document, raw = queues[connection["id"]].get()
        body, id_ = converted(document, raw), f"msg_{next(numbers)}"
        for number in range(1, attempts + 1):
            status = post(connection, body, signed(body, id_))
            if (status and 200 <= status < 300) or str(status) in final or number == attempts:
                break
            threading.Event().wait(float(env("OTHER_PAUSE_S", "0.3")))


class Handler(http.server.BaseHTTPRequestHandler):
    """API and ingress."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Creates, binds, or takes an uplink."""
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        place = self.path.partition("?")[0].rpartition("/")[2]
        given = json.loads(raw)
        if place == "connections" and BROKEN == "shut":
            return self.answer(500, {"code": "x", "message": "out of order"})
        if place == "connections":
            id_ = str(next(numbers))
            made[id_] = {**given, "id": id_, **({"state": "OPENED"} if env("OTHER_STATES") else {})}
            queues[id_] = queue.Queue()
            threading.Thread(target=serve, args=(made[id_],), daemon=True).start()
            return self.answer(201, made[id_])
        if place == "flows":
            id_ = str(next(numbers))
            flows[id_] = {**given, "id": id_}
            return self.answer(201, flows[id_])
        if BROKEN == "elsewhere":
            return self.answer(404, {"code": "x", "message": "no such page"})
        if BROKEN == "refusing" or not self.let_in():
            return self.answer(401, {"code": "no", "message": "who are you?"})
        report = next(iter(given.values()))
        key = f"lora:{str(report.get('DevEUI')).lower()}"
        bound = {
            one["connectionId"]
            for flow in list(flows.values())
            if any(matcher.get("key") == key for matcher in flow["matchers"])
            for one in flow["connectors"]
        }
        for id_ in bound & made.keys():
            queues[id_].put((given, raw))
        return self.answer(200, {})

    def let_in(self) -> bool:
        """Whether the sender may."""
        secret = env("UPLAB_INGRESS_SECRET", "")
        wanted = {
            "header": ("X-Key", secret),
            "basic": ("Authorization", "Basic " + base64.b64encode(secret.encode()).decode()),
        }
        name, value = wanted.get(env("OTHER_AUTH", "none"), ("", ""))
        return not name or self.headers.get(name) == value

    def do_GET(self) -> None:
        """Lists or shows."""
        parts = self.path.strip("/").split("/")
        if parts[-1] == "connections":
            return self.answer(200, list(made.values()))
        found = made.get(parts[-1])
        return self.answer(200 if found else 404, found or {"code": "none", "message": "none"})

    def do_PUT(self) -> None:
        """Replaces a configuration."""
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        id_ = self.path.rpartition("/")[2]
        made[id_].update(json.loads(raw))
        return self.answer(200, made[id_])

    def do_DELETE(self) -> None:
        """Removes."""
        *_, kind, id_ = self.path.split("/")
        (made if kind == "connections" else flows).pop(id_, None)
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


if __name__ == "__main__":
    listen, port = os.environ["UPLAB_LISTEN"].split(":")
    server = http.server.ThreadingHTTPServer((listen, int(port)), Handler)
    here = f"http://{listen}:{server.server_port}"
    print(json.dumps({"api": here + "/iot-flow/v1", "ingress": here + "/in", "downlink_base": here}), flush=True)
    server.serve_forever()
