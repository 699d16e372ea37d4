"""Hands one document to each thingsboard-gateway that adaptor.py has started; exit code 0 when all of them took it."""

import json
import os
import sys
import urllib.request
from pathlib import Path

opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def main() -> None:
    """The document on stdin goes to each as it is."""
    document = sys.stdin.buffer.read()
    for url in json.loads((Path(os.environ["UPLAB_STATE_DIR"]) / "gateways.json").read_text()):
        request = urllib.request.Request(url, document, {"Content-Type": "application/json"})  # noqa: S310 - loopback
        opener.open(request).read()


if __name__ == "__main__":
    main()
