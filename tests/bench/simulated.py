"""What the simulator does on one core: frames, and the whole way from a device to its document."""

import gc
import time

import orjson
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.cmac import CMAC

from tests.bench.figures import Bar, Measured, Result
from tests.bench.machine import Others
from tests.bench.plan import Plan
from tests.bench.uplinks import Uplinks
from uplab.simulator.lorawan.frame import UNCONFIRMED_UP, DataFrame, SessionKeys, decode, encode
from uplab.simulator.lorawan.ids import DevAddr, Key

__all__ = ["measure_air", "measure_frames"]

_PAYLOAD_BYTES = 20


def measure_frames(plan: Plan, result: Result, others: Others) -> None:
    """Encode and decode data frames, with encryption of the payload and MIC."""
    count = plan.sized(50_000, 20_000)
    keys = SessionKeys(Key(bytes(range(16))), Key(bytes(range(1, 17))))
    payload = bytes(range(_PAYLOAD_BYTES))
    frames = [DataFrame(UNCONFIRMED_UP, DevAddr("49BE7DF1"), f_cnt, 1, payload) for f_cnt in range(count)]
    measured = Measured()
    for _ in plan.turns(8.0, 3.0):
        gc.collect()
        with others.watched():
            began_s = time.process_time()
            encoded = [encode(frame, keys) for frame in frames]
            encoded_s = time.process_time()
            decoded = [decode(phy, keys, f_cnt_high=f_cnt >> 16) for f_cnt, phy in enumerate(encoded)]
            decoded_s = time.process_time()
        if decoded != frames:
            result.problems.append("what was decoded is not what was encoded")
        measured.add("frames, each way counted", "/CPU-s", 2 * count / (decoded_s - began_s), Bar(250_000.0))
        measured.add("frames encoded", "/CPU-s", count / (encoded_s - began_s))
        measured.add("frames decoded", "/CPU-s", count / (decoded_s - encoded_s))
    result.figures = measured.figures
    result.conditions.append(f"{count} frames a run with {_PAYLOAD_BYTES} bytes of payload, encoded and decoded")


def _bare_s(count: int) -> float:
    """What cryptography and JSON alone cost of so many uplinks: payload and MIC at both ends, and the document."""
    key = bytes(range(16))
    mac = CMAC(AES(key))
    counter = Cipher(AES(key), ECB()).encryptor()  # noqa: S305 - the block cipher of which LoRaWAN makes its key stream
    frame, blocks = bytes(32 + _PAYLOAD_BYTES), bytes(32)
    document = {"DevEUI_uplink": {f"Field{number}": number for number in range(40)}}
    began_s = time.process_time()
    for _ in range(count):
        for _ in range(2):
            counter.update(blocks)
            one = mac.copy()
            one.update(frame)
            one.finalize()
        orjson.dumps(document)
    return time.process_time() - began_s


def measure_air(plan: Plan, result: Result, others: Others) -> None:
    """From a device's payload to the network server's document, over radio and two gateways; nobody hears the hops."""
    count = plan.sized(10_000, 4_000)
    uplinks = Uplinks(200)
    measured = Measured()
    for _ in plan.turns(10.0, 3.0):
        gc.collect()
        with others.watched():
            began_s = time.process_time()
            payloads = uplinks.measured(count)
            measured_s = time.process_time()
            found = sum(1 for _ in uplinks.sent(payloads))
            sent_s = time.process_time()
        if found != count:
            result.problems.append(f"{found} documents of {count} uplinks")
        bare_s = _bare_s(count)
        measured.add("device to document", "/CPU-s", count / (sent_s - measured_s), Bar(40_000.0))
        measured.add(
            "the same over the bare libraries", "times", (sent_s - measured_s) / bare_s, Bar(10.0, least=False)
        )
        measured.add("bare libraries", "us/uplink", bare_s / count * 1e6)
        measured.add("the same with measuring", "/CPU-s", count / (sent_s - began_s))
    result.figures = measured.figures
    result.conditions.append(f"{count} uplinks a run of 200 devices of all models, two gateways")
