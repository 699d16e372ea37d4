"""Batch reports of NKE Watteco: the public vectors of its decoders, and what is broken.

Vectors: the tests of github.com/Watteco/Codec-Report-Batch-Python; what device-catalog says of the TH is in
test_vendor_examples.py.
"""

from __future__ import annotations

import pytest

from uplab.simulator.forwarder.documents.drivers import decode
from uplab.simulator.forwarder.documents.drivers.driver import DriverError
from uplab.simulator.forwarder.documents.drivers.nke_batch import Batch, Quantity, read_batch

FLOATS = {2: Quantity("temperature", 32, real=True)}
COUNTED = {0: Quantity("count", 32), 1: Quantity("state", 1)}
TH = {"app": {"pId": "watteco", "mId": "th", "ver": "5"}}
TH_BATCH = "362100808098c31ecb824d7b07ba3d"
AT_S = 1689682793.243  # 2023-07-18T12:19:53.243Z


def read(payload_hex: str, label_bits: int, quantities: dict[int, Quantity]) -> Batch:
    batch = Batch()
    read_batch(bytes.fromhex(payload_hex), label_bits, quantities, batch)
    return batch


def test_floats_of_one_quantity_are_read() -> None:
    batch = read("10270080039320180080108183070d45851005", 3, FLOATS)

    assert (batch.counter, batch.sent_s) == (7, 1944)
    assert batch.series == {2: [(1830, 11.0), (1845, 13.0), (1860, 14.0), (1875, 21.0), (1876, 100.0)]}


def test_counts_and_states_with_times_of_their_own_are_read() -> None:
    batch = read("20100000a020a8010000004401e297ad40871b770e377b", 1, COUNTED)

    assert (batch.counter, batch.sent_s) == (0, 99)
    assert batch.series == {
        0: [(49, 0), (59, 0), (69, 3), (79, 7), (89, 7), (99, 10)],
        1: [(5, 1), (67, 0), (69, 1)],
    }
    assert [one.age_s for one in batch.samples(COUNTED)] == [50, 40, 30, 20, 10, 0, 94, 32, 30]


def test_samples_of_a_document_have_the_moments_of_its_reception() -> None:
    answer = decode(TH, 125, bytes.fromhex(TH_BATCH), AT_S)

    assert (answer.error, answer.driver_id) == (None, "watteco:th_v5:1")
    assert answer.payload == {
        "temperature": 28.7,
        "humidity": 37.0,
        "battery_voltage": 3.707,
        "batch_counter": 1,
        "samples": [
            {"variable": "temperature", "value": 28.7, "date": "2023-07-18T12:19:53.243Z"},
            {"variable": "humidity", "value": 37.0, "date": "2023-07-18T12:19:53.243Z"},
            {"variable": "battery_voltage", "value": 3.707, "date": "2023-07-18T12:19:52.243Z"},
        ],
    }
    assert answer.points is not None
    assert answer.points["batteryVoltage"] == {
        "unitId": "V",
        "type": "double",
        "records": [{"eventTime": "2023-07-18T12:19:52.243Z", "value": 3.707}],
    }


def test_without_a_time_of_reception_samples_keep_their_ages() -> None:
    answer = decode(TH, 125, bytes.fromhex(TH_BATCH))

    assert answer.payload is not None
    assert [one["age_s"] for one in answer.payload["samples"]] == [0, 0, 1]
    assert answer.points is None


def test_batch_that_breaks_off_keeps_its_first_values() -> None:
    answer = decode(TH, 125, bytes.fromhex(TH_BATCH[:-6]), AT_S)

    assert answer.payload is not None
    assert answer.payload["temperature"] == 28.7
    assert answer.error is not None
    assert "the batch is cut off" in answer.error["message"]


@pytest.mark.parametrize(
    ("payload_hex", "words"),
    [
        ("", "the batch is cut off"),
        ("1027", "the batch is cut off"),
        ("10070080", "the batch holds label 0, of which nothing is known"),
    ],
)
def test_what_is_no_batch_is_named(payload_hex: str, words: str) -> None:
    with pytest.raises(DriverError, match=words):
        read(payload_hex, 3, FLOATS)


def test_every_start_of_a_batch_ends_in_an_answer() -> None:
    whole = bytes.fromhex(TH_BATCH)

    for length in range(1, len(whole)):
        for last in range(0, 256, 5):
            answer = decode(TH, 125, whole[:length] + bytes([last]), AT_S)
            assert answer.payload is not None or answer.error is not None
