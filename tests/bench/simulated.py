"""What the simulator does on one core: frames, and the whole way from a device to its document."""

import time
from collections.abc import Callable

from simulator.lorawan.frame import UNCONFIRMED_UP, DataFrame, SessionKeys, decode, encode
from simulator.lorawan.ids import DevAddr, Key
from tests.bench.figures import Bar, Measured, Result
from tests.bench.machine import Others
from tests.bench.plan import Plan
from tests.bench.uplinks import Uplinks

__all__ = ["measure_air", "measure_frames"]

_PAYLOAD_BYTES = 20


def measure_frames(plan: Plan, result: Result, others: Others) -> None:
    """Encode and decode data frames with payload encryption and MIC."""
    count = plan.sized(50_000, 20_000)
    keys = SessionKeys(Key(bytes(range(16))), Key(bytes(range(1, 17))))
    payload = bytes(range(_PAYLOAD_BYTES))
    frames = [DataFrame(UNCONFIRMED_UP, DevAddr("49BE7DF1"), f_cnt, 1, payload) for f_cnt in range(count)]
    measured = Measured()
    for _ in plan.turns(8.0, 3.0):
        with others.watched():
            encoded: list[bytes] = []
            encode_s = _cpu_s(lambda to=encoded: to.extend(encode(frame, keys) for frame in frames))  # type: ignore[misc]
            decoded: list[DataFrame] = []
            decode_s = _cpu_s(
                lambda to=decoded, of=encoded: to.extend(  # type: ignore[misc]
                    decode(phy, keys, f_cnt_high=f_cnt >> 16) for f_cnt, phy in enumerate(of)
                )
            )
        if decoded != frames:
            result.problems.append("what was decoded is not what was encoded")
        measured.add("frames encoded or decoded", "/CPU-s", 2 * count / (encode_s + decode_s), Bar(250_000.0))
        measured.add("frames encoded", "/CPU-s", count / encode_s)
        measured.add("frames decoded", "/CPU-s", count / decode_s)
    result.figures = measured.figures
    result.conditions.append(f"{count} frames a run with {_PAYLOAD_BYTES} bytes of payload; one thread")


def measure_air(plan: Plan, result: Result, others: Others) -> None:
    """From a measurement of a device to the network server's document, over radio and two gateways."""
    count = plan.sized(10_000, 4_000)
    uplinks = Uplinks(200)
    measured = Measured()
    for _ in plan.turns(10.0, 3.0):
        with others.watched():
            used_s = _cpu_s(lambda: sum(1 for _ in uplinks.documents(count)))
        measured.add("device to document", "/CPU-s", count / used_s, Bar(40_000.0))
    result.figures = measured.figures
    result.conditions.append(
        f"{count} uplinks of 200 devices of all models a run, two gateways; measuring and encoding the payload included"
    )


def _cpu_s(work: Callable[[], object]) -> float:
    began_s = time.process_time()
    work()
    return time.process_time() - began_s
