"""A forwarder of sixty lines, standard library only: what is posted to its ingress goes to each destination, in order.

It is told its connections in UPLAB_CONNECTIONS. An uplink that a destination does not take is dropped, as its profile
says: forwarder.toml. Run it: uplab run --only delivery --forwarder-command "python3 docs/examples/forwarder.py" \
--forwarder-profile docs/examples/forwarder.toml
"""

import http.client
import http.server
import json
import os
import queue
import signal
import sys
import threading
import time
import urllib.parse

TIMEOUT_S, MOST_BYTES = 5, 1_000_000


class Destination:
    """One connection: a queue, and a thread that delivers what is in it, one after the other."""

    def __init__(self, configuration):
        self.url = urllib.parse.urlsplit(configuration["destinationURL"])
        self.headers = {"Content-Type": "application/json", **configuration.get("headers", {})}
        self.waiting = queue.Queue()
        threading.Thread(target=self.work, daemon=True).start()

    def work(self):
        """Delivers for ever."""
        path = (self.url.path or "/") + (f"?{self.url.query}" if self.url.query else "")
        while True:
            body = self.waiting.get()
            there = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=TIMEOUT_S)
            try:
                until_s = time.monotonic() + TIMEOUT_S
                there.request("POST", path, body, self.headers)
                answer, size = there.getresponse(), 0
                # An answer that does not end is left: it must not hold up what comes behind it.
                while (part := answer.read1(65_536)) and size < MOST_BYTES and time.monotonic() < until_s:
                    size += len(part)
            except (OSError, http.client.HTTPException) as error:
                print(f"dropped: {error}", file=sys.stderr)
            there.close()


DESTINATIONS = [Destination(one["configuration"]) for one in json.loads(os.environ.get("UPLAB_CONNECTIONS", "[]"))]


class Ingress(http.server.BaseHTTPRequestHandler):
    """Takes a document, and has promised by its 200 to deliver it."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        """One document."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        for destination in DESTINATIONS:
            destination.waiting.put(body)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        """Says nothing."""


signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
host, port = os.environ["UPLAB_LISTEN"].rsplit(":", 1)
server = http.server.ThreadingHTTPServer((host, int(port)), Ingress)
print(json.dumps({"ingress": f"http://{host}:{server.server_port}/ingress"}), flush=True)
server.serve_forever()
