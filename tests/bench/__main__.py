"""`python -m tests.bench [NAME ...]`: measures, shows a table, and writes JSON where asked. It asserts no times.

Exit codes: 0 measured, 1 an uplink was lost or came twice, or a benchmark could not be run, 130 interrupted.
"""

import argparse
import json
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from tests.bench import machine
from tests.bench.figures import Result
from tests.bench.followers import measure_followers
from tests.bench.forwarder import SetupError
from tests.bench.forwarding import VARIANTS, measure
from tests.bench.http_fakes import measure_http_fake
from tests.bench.machine import Others
from tests.bench.mqtt_fakes import measure_mqtt_fake
from tests.bench.plan import Plan
from tests.bench.simulated import measure_air, measure_frames
from tests.bench.table import render
from tests.bench.worker import WorkerError

Measure = Callable[[Plan, Result, Others], None]

BENCHES: dict[str, tuple[str, Measure]] = {
    "frames": ("LoRaWAN frames on one core", measure_frames),
    "air": ("device to document on one core", measure_air),
    **{variant.name: (f"forwarder, {variant.title}", partial(measure, variant)) for variant in VARIANTS},
    "http-fake": ("the fake HTTP destination, and others", measure_http_fake),
    "mqtt-fake": ("the fake ThingsBoard over MQTT, and amqtt", measure_mqtt_fake),
    "followers": ("the fake ThingsBoard, followed by 100 WebSockets", measure_followers),
}


def main(arguments: list[str] | None = None) -> int:
    """Measure what was asked for."""
    options = _parser().parse_args(arguments)
    names = options.names or list(BENCHES)
    if unknown := [name for name in names if name not in BENCHES]:
        print(f"bench: there is no {', '.join(unknown)}; there are {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    if options.wiremock is not None and not options.wiremock.is_file():
        print(f"bench: --wiremock: there is no file {options.wiremock}", file=sys.stderr)
        return 2
    plan = Plan(options.runs or (3 if options.quick else 5), options.quick, options.forwarder, options.wiremock)
    try:
        baseline = _baseline(options.baseline)
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"bench: --baseline: {options.baseline} cannot be read: {error}", file=sys.stderr)
        return 2
    about = machine.describe(Path(tempfile.gettempdir()))
    signal.signal(signal.SIGTERM, _interrupted)
    results: list[Result] = []
    interrupted = False
    began_s = time.monotonic()
    try:
        for name in names:
            _bench(name, plan, results, baseline.get(name, {}))
    except KeyboardInterrupt:
        interrupted = True
    data = {"machine": about, "quick": options.quick, "runs_at_most": plan.runs, "interrupted": interrupted}
    print(_headline(about, time.monotonic() - began_s), end="\n\n")
    print(render(results))
    if options.json is not None:
        options.json.write_text(json.dumps({**data, "results": [result.as_data() for result in results]}, indent=1))
    if interrupted:
        print("interrupted: what is shown was measured before", file=sys.stderr)
        return 130
    return 1 if any(result.problems for result in results) else 0


def _baseline(path: Path | None) -> dict[str, dict[str, float]]:
    """What each figure cost in rounds of the calibration loop, by benchmark, as --json has written it."""
    if path is None:
        return {}
    return {one["name"]: dict(one["rounds"]) for one in json.loads(path.read_text())["results"]}


def _bench(name: str, plan: Plan, results: list[Result], baseline: dict[str, float]) -> None:
    title, work = BENCHES[name]
    print(f"bench: {name}: {title} ...", file=sys.stderr, flush=True)
    result = Result(name, title, machine.load_1min(), baseline=baseline)
    before = machine.calibrated()
    others = Others()
    began_s = time.monotonic()
    try:
        work(plan, result, others)
    except (WorkerError, SetupError) as error:
        result.problems.append(str(error))
    result.calibration = (before, machine.calibrated())
    result.duration_s = time.monotonic() - began_s
    result.others_cores = others.cores
    results.append(result)


def _headline(about: dict[str, Any], duration_s: float) -> str:
    load = ", ".join(f"{load:.2f}" for load in about["load_at_start"])
    return (
        f"{about['cpu']}, {about['cores']} cores, {about['memory_gb']} GB, {about['system']}, "
        f"Python {about['python']}, state files on {about['state_file_system']}\n"
        f"started {about['started']} at load {load}; took {duration_s:.0f} s"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measures the numbers to hold.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure (default all): {', '.join(BENCHES)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all runs there too")
    parser.add_argument(
        "--baseline", type=Path, metavar="FILE", help="what --json wrote earlier: what costs more rounds now is told"
    )
    parser.add_argument(
        "--quick", action="store_true", help="within a minute; three short runs at most, the table says how many"
    )
    parser.add_argument("--runs", type=int, metavar="N", help="runs at most (default 5, quick 3)")
    parser.add_argument(
        "--forwarder",
        metavar="COMMAND",
        default=f"{sys.executable} -m uplab.simulator.forwarder",
        help="the forwarder under test (default: the reference one)",
    )
    parser.add_argument("--wiremock", type=Path, metavar="JAR", help="measure WireMock too (needs java)")
    return parser


def _interrupted(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
