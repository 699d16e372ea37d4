"""The way in of forwarders of one file, each of another shape than those that uplab was made with.

They need nothing but Python, and have nothing but an ingress; UPLAB_CONNECTIONS is all that they know, and every device
goes to every connection.
"""

from __future__ import annotations

import http.client
import http.server
import json
import os
import urllib.parse
from collections.abc import Callable
from typing import Any, NoReturn

__all__ = ["connections", "post", "serve"]

Take = Callable[[dict[str, Any], bytes], None]


def connections() -> list[dict[str, Any]]:
    """Those with which it was started."""
    found: list[dict[str, Any]] = json.loads(os.environ.get("UPLAB_CONNECTIONS", "[]"))
    return found


def post(url: str, body: bytes, content_type: str = "application/json") -> int | None:
    """One request; its status, or None where no answer came."""
    parts = urllib.parse.urlsplit(url)
    client = http.client.HTTPConnection(parts.netloc, timeout=5)
    try:
        client.request("POST", parts.path, body, {"Content-Type": content_type})
        return client.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        client.close()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    take: Take
    status: int

    def do_POST(self) -> None:
        """One document."""
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).take(json.loads(raw), raw)
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Says nothing."""


def serve(take: Take, status: int = 200) -> NoReturn:
    """Says that it is ready, and hands on each document that comes, until it is ended."""
    host, port = os.environ["UPLAB_LISTEN"].split(":")
    handler = type("Handler", (_Handler,), {"take": staticmethod(take), "status": status})
    server = http.server.ThreadingHTTPServer((host, int(port)), handler)
    print(json.dumps({"ingress": f"http://{host}:{server.server_port}/in"}), flush=True)
    server.serve_forever()
    raise SystemExit(0)
