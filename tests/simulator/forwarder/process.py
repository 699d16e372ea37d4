"""The forwarder as a process of its own, started, killed and talked to as the contract says."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from tests.simulator.forwarder.making import DEV_EUI, HTTP_EXAMPLE, changed, document, tunnel_query

__all__ = ["AS_ID", "AS_KEY", "Forwarder", "run_forwarder", "start_forwarder"]

ROOT = Path(__file__).parents[3]
AS_ID, AS_KEY = "TWA_100002164.1111.AS", "46ab678cd45df4a4e4b375Eacd096acc"
START_S = 20.0


def _environment(variables: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("UPLAB_")}
    return kept | {"PYTHONPATH": str(ROOT), "UPLAB_AS_ID": AS_ID, "UPLAB_AS_KEY": AS_KEY} | variables


def run_forwarder(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a forwarder that is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "uplab.simulator.forwarder", *arguments],
        cwd=folder,
        env=_environment(variables),
        capture_output=True,
        text=True,
        timeout=START_S,
        check=False,
    )


def start_forwarder(folder: Path, *arguments: str, **streams: Any) -> subprocess.Popen[bytes]:
    """Start a forwarder with other streams than the usual ones; whoever starts it ends it."""
    command = [sys.executable, "-m", "uplab.simulator.forwarder", *arguments]
    return subprocess.Popen(command, cwd=folder, env=_environment({}), **streams)


class Forwarder:
    """One process; entering starts it, leaving stops it."""

    def __init__(self, folder: Path, *arguments: str, **variables: str) -> None:
        self.folder = folder
        self.ready: dict[str, str] = {}
        self._command = [sys.executable, "-m", "uplab.simulator.forwarder", *arguments]
        self._variables = variables
        self._process: subprocess.Popen[bytes] | None = None
        self.client = httpx.Client(trust_env=False, timeout=20.0)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            code = self.stop()
            assert kind is not None or code == 0, f"exit code {code}: {self.log}"
        self.client.close()

    @property
    def log(self) -> str:
        """What it wrote on stderr, over all its lives."""
        return (self.folder / "stderr.log").read_text("utf-8")

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    def peak_memory_bytes(self) -> int:
        """How much memory it has held at most."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:"))

    def start(self) -> None:
        """Start it and wait for its line."""
        with (self.folder / "stderr.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=self.folder, env=_environment(self._variables), stdout=subprocess.PIPE, stderr=log
            )
        lines: queue.Queue[bytes] = queue.Queue()
        stdout = self._process.stdout
        assert stdout is not None
        threading.Thread(target=lambda: lines.put(stdout.readline()), daemon=True).start()
        line = lines.get(timeout=START_S)
        assert line, f"it ended before it was ready: {self.log}"
        self.ready = json.loads(line)

    def kill(self) -> None:
        """Kill it as kill -9 does."""
        assert self._process is not None
        self._process.kill()
        self._end()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop and give its exit code."""
        assert self._process is not None
        self._process.send_signal(number)
        return self._end()

    def _end(self) -> int:
        assert self._process is not None
        code = self._process.wait(20)
        assert self._process.stdout is not None
        assert self._process.stdout.read() == b"", "more than the one line on stdout"
        self._process.stdout.close()
        self._process = None
        return code

    # -- the API

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call the API."""
        return self.client.request(method, f"{self.ready['api']}{path}", **options)

    def create(self, url: str | None = None, *, body: dict[str, Any] | None = None, **configuration: Any) -> str:
        """Create a connection to a URL (the document's example otherwise) and give its id."""
        body = body or changed(HTTP_EXAMPLE, destinationURL=url)
        answer = self.call("POST", "/connections", json=changed(body, **configuration))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def bind(self, connection_id: str, *dev_euis: str, **connector: Any) -> str:
        """Bind devices (the usual one) to a connection and give the flow's id."""
        matchers = [{"type": "key", "key": f"lora:{dev_eui.lower()}"} for dev_eui in dev_euis or (DEV_EUI,)]
        body = {"name": "flow", "matchers": matchers, "connectors": [{"connectionId": connection_id, **connector}]}
        answer = self.call("POST", "/flows", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def show(self, connection_id: str) -> dict[str, Any]:
        """One connection."""
        shown: dict[str, Any] = self.call("GET", f"/connections/{connection_id}").raise_for_status().json()
        return shown

    def events(self, connection_id: str, *kinds: str) -> list[dict[str, Any]]:
        """A connection's events, the oldest first, of some kinds only."""
        answer = self.call("GET", f"/events?connectionId={connection_id}&perPage=100").raise_for_status()
        return [event for event in reversed(answer.json()) if not kinds or event["type"] in kinds]

    def counters(self, connection_id: str, period: str = "lastHour") -> dict[str, int]:
        """A connection's counters."""
        answer = self.call("GET", f"/connections/{connection_id}/metrics").raise_for_status()
        counters: dict[str, int] = answer.json()[period]
        return counters

    def wait_until(self, claim: str, fact: Any, timeout_s: float = 10.0) -> Any:
        """Ask again and again, as a user would, until a fact holds; give what it gave."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if found := fact():
                return found
        raise AssertionError(f"{claim}: not within {timeout_s} s; log: {self.log[-2000:]}")

    def wait_for_state(self, connection_id: str, state: str) -> None:
        """Wait until a connection is in a state."""
        self.wait_until(f"state {state}", lambda: self.show(connection_id)["state"] == state)

    # -- the tunnel

    def post(self, body: dict[str, Any] | bytes, query: str | None = None) -> httpx.Response:
        """Post a document to the ingress, signed unless a query is given."""
        if query is None:
            assert isinstance(body, dict)
            query = tunnel_query(next(iter(body.values())), as_id=AS_ID, key=AS_KEY)
        url = f"{self.ready['ingress']}?{query}"
        return self.client.post(url, content=body if isinstance(body, bytes) else json.dumps(body))

    def uplink(self, f_cnt: int = 7, dev_eui: str = DEV_EUI, **content: Any) -> None:
        """Post an uplink that is accepted."""
        answer = self.post(document(DevEUI=dev_eui, FCntUp=f_cnt, **content))
        assert answer.status_code == 200, answer.text

    def downlink(self, connection_id: str, content: dict[str, Any], **options: Any) -> httpx.Response:
        """Post a downlink to the connection's URL, at the process's own address."""
        path = urlsplit(self.show(connection_id)["downlinkUrl"]).path
        own = urlsplit(self.ready["api"])
        return self.client.post(
            f"http://{own.netloc}{path}", content=json.dumps({"DevEUI_downlink": content}), **options
        )
