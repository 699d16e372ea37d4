"""`python -m tests.bench.history [UPLINKS ...]`: what the history costs for each uplink of a scenario; asserts no time.

Each number of uplinks (1,000, 10,000 and 100,000 where none is named) is measured in a process of its own: real devices
send through the simulated network, and what the tunnel and an HTTP destination would say of each document is said too,
eight hops for each uplink. Counted are the CPU time within `History.emit`, the ledger's included, mean and median, the
growth of resident memory from the first uplink to the last, and the CPU time of one pass over the events afterwards.
"""

import gc
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import psutil  # type: ignore[import-untyped]

from tests.bench.machine import describe
from tests.simulator.make import Site
from uplab.fakes import hops as downstream
from uplab.scenarios.history.history import History
from uplab.scenarios.history.identity import Ledger
from uplab.simulator import hops as upstream

__all__ = ["Cost", "measure"]

Cost = dict[str, float]
Said = list[tuple[str, dict[str, Any]]]

SIZES = (1_000, 10_000, 100_000)
_DEVICES = 10
_HEADERS = [["Host", "posthere.io"], ["Content-Type", "application/json"], ["X-Thing", "0018B20000000B20"]]
_QUERY = f"LrnDevEui=0018B20000000B20&LrnFPort=5&LrnInfos=uplab-1-1&AS_ID=uplab&Time=2026-01-01&Token={'a1' * 32}"


def said(count: int) -> Iterator[Said]:
    """What is said of each uplink, one uplink at a time."""
    site = Site()
    devices = [site.joined() for _ in range(_DEVICES)]
    for number in range(count):
        device = devices[number % _DEVICES]
        site.clock.advance(1)
        [document] = site.air.send(device, bytes.fromhex("0100e202290400270506060308070d62"), f_port=5, confirmed=False)
        lines: Said = list(site.hops.all)
        site.hops.all.clear()
        raw = orjson.dumps(document)
        known: dict[str, Any] = {"dev_eui": str(device.dev_eui), "f_cnt": number // _DEVICES}
        url = f"http://127.0.0.1:8080/iot-flow/ingress/uplab?{_QUERY}"
        lines += [
            upstream.tunnel_sent(attempt=number, **known, url=url, raw=raw),
            upstream.tunnel_answered(
                attempt=number, outcome="accepted", status=200, reason="", headers=[["server", "uvicorn"]], raw=b""
            ),
            downstream.destination_arrived(
                fake="posthere",
                exchange=number,
                method="POST",
                url="/4b19-48f6-94cc",
                host="posthere.io",
                headers=_HEADERS,
                raw=raw,
                size=len(raw),
                complete=True,
                delivery=True,
            ),
            downstream.destination_answered(exchange=number, fake="posthere", status=200, written=True),
        ]
        yield lines


def measure(count: int, folder: Path) -> Cost:
    """The cost of each of so many uplinks, in microseconds of CPU, bytes of memory, and bytes on disk."""
    history, path = History(Ledger()), folder / "history.jsonl"
    resident = psutil.Process().memory_info
    each_s, lines = array("d"), 0
    with history.scenario(path):
        uplinks = said(count)
        for hop, facts in next(uplinks):  # the first one makes what all share
            history.emit(hop, facts)
            lines += 1
        gc.collect()
        began_bytes = resident().rss
        for hops in uplinks:
            began_s = time.process_time()
            for hop, facts in hops:
                history.emit(hop, facts)
            each_s.append(time.process_time() - began_s)
            lines += len(hops)
        gc.collect()
        grown_bytes = resident().rss - began_bytes
        began_s = time.process_time()
        seen = sum(1 for _ in history.events)
        pass_s = time.process_time() - began_s
    if seen != lines:
        raise AssertionError(f"{seen} events of {lines} lines")
    return {
        "lines": lines / count,
        "emit_us": sum(each_s) / max(1, count - 1) * 1e6,
        "emit_median_us": sorted(each_s)[len(each_s) // 2] * 1e6,
        "memory_bytes": grown_bytes / count,
        "pass_us": pass_s / count * 1e6,
        "disk_bytes": path.stat().st_size / count,
    }


def main(arguments: list[str]) -> int:
    """Measures and prints one row for each number of uplinks."""
    if arguments[:1] == ["--one"]:
        with tempfile.TemporaryDirectory() as folder:
            sys.stdout.buffer.write(orjson.dumps(measure(int(arguments[1]), Path(folder))))
        return 0
    sizes = [int(one) for one in arguments] or SIZES
    about = describe(Path(tempfile.gettempdir()))
    print(f"{about['cpu']}, {about['cores']} cores, Python {about['python']}, load {about['load_at_start']}")
    columns = {"uplinks": 9, "lines": 6, "emit, CPU": 11, "median": 11, "memory": 11, "one pass": 11, "on disk": 11}
    print(" ".join(f"{name:>{width}}" for name, width in columns.items()), " for each uplink")
    for size in sizes:
        command = [sys.executable, "-m", "tests.bench.history", "--one", str(size)]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        cost: Cost = orjson.loads(done.stdout)
        times = [f"{cost[name]:>8.1f} µs" for name in ("emit_us", "emit_median_us", "pass_us")]
        sizes_kb = [f"{cost[name] / 1000:>8.2f} kB" for name in ("memory_bytes", "disk_bytes")]
        print(f"{size:>9,} {cost['lines']:>6.1f}", *times[:2], sizes_kb[0], times[2], sizes_kb[1], flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
