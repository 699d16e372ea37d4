"""The forwarder under test for a benchmark: started as a lab does it, with its connections; the CPU that it used."""

import os
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import trustme

from tests.bench import machine
from tests.bench.uplinks import AS_ID, AS_KEY
from uplab.scenarios.under_test.process import Endpoints, ForwarderProcess, ForwarderStartError

__all__ = ["Forwarder", "SetupError"]

_LOG = re.compile(r" \((whole )?log: .*\)$")


class SetupError(Exception):
    """The forwarder under test refused what a benchmark needs; the text says which."""


class Forwarder:
    """A process of the contract, from the start of the block to its end; a foreign command is as good as ours."""

    endpoints: Endpoints

    def __init__(self, command: str, folder: Path, resolve: Mapping[str, int]) -> None:
        folder.mkdir(parents=True)
        ca_file = folder / "ca.pem"
        trustme.CA().cert_pem.write_to_path(str(ca_file))
        environment = {
            "UPLAB_NETWORK_URL": "http://127.0.0.1:9",  # no downlink is sent
            "UPLAB_AS_ID": AS_ID,
            "UPLAB_AS_KEY": AS_KEY,
            "UPLAB_CONNECTIONS": "[]",
            "UPLAB_CA": str(ca_file),
            "UPLAB_RESOLVE": ",".join(f"{name}=127.0.0.1:{port}" for name, port in resolve.items()),
            "UPLAB_CLOCK": f"{time.time():.6f},{time.monotonic():.6f},1",
            "UPLAB_STATE_DIR": str(folder / "state"),
            "UPLAB_LISTEN": "127.0.0.1:0",
            "PYTHONPATH": os.pathsep.join(filter(None, (str(Path.cwd()), os.environ.get("PYTHONPATH")))),
        }
        self._process = ForwarderProcess(command, environment, folder=folder / "state", log=folder / "forwarder.log")

    def __enter__(self) -> Self:
        try:
            self.endpoints = self._process.start()
        except ForwarderStartError as error:
            raise SetupError(_LOG.sub("", str(error))) from None  # the log goes with its folder
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.stop(timeout_s=2.0)  # everything is counted by now: what hangs may be cut off

    @property
    def pid(self) -> int:
        """The process id; SetupError when it has ended."""
        if self._process.pid is None:
            raise SetupError("the forwarder ended by itself; see its log")
        return self._process.pid

    @property
    def cpu_s(self) -> float:
        """User and system seconds so far."""
        return machine.cpu_s(self.pid)

    def connect(self, bodies: Sequence[dict[str, Any]], devices: Sequence[Sequence[str]]) -> None:
        """Create the connections, bind to each its devices, and wait until all are open."""
        with httpx.Client(base_url=self.endpoints.api, trust_env=False, timeout=10.0) as api:
            made = [_created(api.post("/connections", json=body)) for body in bodies]
            for connection, bound in zip(made, devices, strict=True):
                flow = {
                    "name": f"bench {connection['id']}",
                    "matchers": [{"type": "key", "key": f"lora:{dev_eui.lower()}"} for dev_eui in bound],
                    "connectors": [{"id": connection["connectorId"], "connectionId": connection["id"]}],
                }
                _created(api.post("/flows", json=flow))
            deadline_s = time.monotonic() + 10
            while any(one["state"] != "OPENED" for one in api.get("/connections").json()):
                if time.monotonic() > deadline_s:
                    raise SetupError("not every connection became OPENED within 10 s")


def _created(response: httpx.Response) -> dict[str, Any]:
    if response.status_code != 201:
        raise SetupError(f"POST {response.url.path} answered {response.status_code}: {response.text[:300]}")
    resource: dict[str, Any] = response.json()
    return resource
