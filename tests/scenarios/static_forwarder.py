"""A forwarder of one file, standard library only, that has nothing but an ingress: UPLAB_CONNECTIONS is all it knows.

It posts each document once to each connection, at the addresses that stand there, and notes its starts in the file
that STARTS names. A connection called "impossible" is none that it can start with.
"""

import http.server
import json
import os
import sys
import urllib.request

connections = json.loads(os.environ.get("UPLAB_CONNECTIONS", "[]"))
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Handler(http.server.BaseHTTPRequestHandler):
    """Takes a document, and has posted it before it answers."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """One document."""
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        for connection in connections:
            url = connection["configuration"]["destinationURL"]
            request = urllib.request.Request(url, raw, {"Content-Type": "application/json"})  # noqa: S310 - the lab's
            opener.open(request).read()
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Says nothing."""


if __name__ == "__main__":
    if any(connection["name"] == "impossible" for connection in connections):
        sys.exit("a connection is impossible")
    with open(os.environ["STARTS"], "a", encoding="utf-8") as starts:
        print(len(connections), file=starts)
    host, port = os.environ["UPLAB_LISTEN"].split(":")
    server = http.server.ThreadingHTTPServer((host, int(port)), Handler)
    print(json.dumps({"ingress": f"http://{host}:{server.server_port}/in"}), flush=True)
    server.serve_forever()
