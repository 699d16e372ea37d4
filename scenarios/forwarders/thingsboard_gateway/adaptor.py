"""thingsboard-gateway as it comes, from UPLAB_CONNECTIONS: one process of it for each, since it knows one ThingsBoard.

Each is configured as its manual says: where ThingsBoard is, the account, and a REST connector that takes the document.
Run it with the Python of the environment in which thingsboard-gateway is installed; `uplink.py` beside it hands each
document to all of them.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Any

HOME = Path(os.environ.get("UPLAB_STATE_DIR", "."))
POINTS = (("FCntUp", "long"), ("FPort", "long"), ("LrrRSSI", "double"), ("LrrSNR", "double"))


def rest(port: int) -> dict[str, Any]:
    """The connector: which values of a document become telemetry, of which device, at which time."""
    field = "${{DevEUI_uplink.{}}}".format
    points = [{"key": k, "type": t, "value": field(k), "tsField": field("Time")} for k, t in POINTS]
    info = {"deviceNameExpressionSource": "request", "deviceNameExpression": field("DevEUI")}
    kind = {"deviceProfileExpressionSource": "constant", "deviceProfileExpression": "default"}
    converter = {"type": "json", "deviceInfo": info | kind, "attributes": [], "timeseries": points}
    mapping = {"endpoint": "/in", "HTTPMethods": ["POST"], "security": {"type": "anonymous"}, "converter": converter}
    server = {"host": "127.0.0.1", "port": str(port), "SSL": False}
    return {"name": "REST", "server": server, "mapping": [mapping], "requestsMapping": {}}


def configure(folder: Path, configuration: dict[str, str], port: int) -> None:
    """The folder of one gateway: its own configuration, with what a user changes."""
    package = find_spec("thingsboard_gateway")
    if package is None or package.origin is None:
        sys.exit("thingsboard-gateway is not installed here: run this with the Python of its environment")
    shutil.copytree(Path(package.origin).parent / "config", folder, dirs_exist_ok=True)
    main = json.loads((folder / "tb_gateway.json").read_text())
    host, _, number = configuration["hostName"].rpartition(":")
    account = {name: configuration[name] for name in ("username", "password")}
    main["thingsboard"] |= {
        "host": host,
        "port": int(number),
        "remoteConfiguration": False,
        "security": {"type": "usernamePassword", "clientId": f"gateway-{port}", **account, **trust(configuration)},
    }
    main["connectors"] = [{"name": "REST", "type": "rest", "configuration": "rest.json"}]
    (folder / "tb_gateway.json").write_text(json.dumps(main))
    (folder / "rest.json").write_text(json.dumps(rest(port)))


def trust(configuration: dict[str, str]) -> dict[str, str]:
    """The authority, where TLS is spoken there."""
    spoken = dict(one.split("=") for one in os.environ["UPLAB_TRANSPORTS"].split(","))
    return {"caCert": os.environ["UPLAB_CA"]} if spoken.get(configuration["hostName"]) == "mqtts" else {}


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    """Returns when somebody does; ends this program where the gateway has ended."""
    pause = threading.Event()
    while True:
        if process.poll() is not None:
            sys.exit(f"thingsboard-gateway ended with {process.returncode}")
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        pause.wait(0.1)


def main() -> None:
    """Starts them, says where they are, and stays."""
    running: list[tuple[subprocess.Popen[bytes], int]] = []

    def stop(_: int, __: FrameType | None) -> None:
        for process, _ in running:
            process.terminate()

    signal.signal(signal.SIGTERM, stop)
    for number, connection in enumerate(json.loads(os.environ["UPLAB_CONNECTIONS"])):
        folder, port = HOME / f"gateway-{number}", free_port()
        configure(folder / "config", connection["configuration"], port)
        environment = {**os.environ, "TB_GW_CONFIG_DIR": str(folder / "config"), "TB_GW_LOGS_PATH": str(folder)}
        command = [sys.executable, "-W", "ignore", "-m", "thingsboard_gateway.tb_gateway"]
        running.append((subprocess.Popen(command, cwd=folder, env=environment, stdout=sys.stderr), port))  # noqa: S603
    for process, port in running:
        wait_until_it_listens(process, port)
    (HOME / "gateways.json").write_text(json.dumps([f"http://127.0.0.1:{port}/in" for _, port in running]))
    print("{}", flush=True)  # there is no ingress to name: uplink.py is the way in
    for process, _ in running:
        process.wait()


if __name__ == "__main__":
    main()
