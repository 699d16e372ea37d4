"""A forwarder of one file, standard library only, whose API does what a test wants; it forwards nothing.

FORWARDER_REFUSES=yes answers 400 to a connection without a destinationURL, as it should; else everything is accepted.
FORWARDER_DELETE is the status of every DELETE (default 204, and then it is gone); `none` never answers.
"""

import http.server
import json
import os
import threading

made: dict[str, dict[str, dict[str, object]]] = {"connections": {}, "flows": {}}
numbers = iter(range(1, 1_000_000))
asked: list[str] = []


class Handler(http.server.BaseHTTPRequestHandler):
    """The API of CONTRACT.md, as far as scenarios about it need it."""

    def do_POST(self) -> None:
        """Creates, or takes an uplink."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kind = self.path.rpartition("/")[2]
        if kind not in made:
            return self.answer(200, {})
        try:
            given = json.loads(body)
        except ValueError:
            given = {}
        if (
            kind == "connections"
            and os.environ.get("FORWARDER_REFUSES")
            and "destinationURL" not in given.get("configuration", {})
        ):
            return self.answer(400, {"code": "wrong", "message": "destinationURL is missing"})
        id_ = str(next(numbers))
        made[kind][id_] = {**given, "id": id_, "state": "OPENED"}
        return self.answer(201, made[kind][id_])

    def do_GET(self) -> None:
        """Lists; /asked shows every DELETE so far."""
        kind = self.path.rpartition("/")[2]
        return self.answer(200, asked if kind == "asked" else list(made.get(kind, {}).values()))

    def do_DELETE(self) -> None:
        """Removes, where it may."""
        *_, kind, id_ = self.path.split("/")
        asked.append(f"{kind}/{id_}")
        wanted = os.environ.get("FORWARDER_DELETE", "204")
        if wanted == "none":
            threading.Event().wait(60)
        if wanted == "204":
            made[kind].pop(id_, None)
        return self.answer(int(wanted), None if wanted == "204" else {"code": "x", "message": "no"})

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
    host, port = os.environ["UPLAB_LISTEN"].split(":")
    server = http.server.ThreadingHTTPServer((host, int(port)), Handler)
    here = f"http://{host}:{server.server_port}"
    print(json.dumps({"api": here + "/iot-flow/v1", "ingress": here, "downlink_base": here}), flush=True)
    server.serve_forever()
