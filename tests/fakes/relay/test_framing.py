"""Packets are cut out of a stream as the bytes that they came in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.fakes.mqtt import packets as p
from uplab.fakes.mqtt.codec import encode
from uplab.fakes.mqtt.wire import WireError
from uplab.fakes.relay.framing import PUBLISH, Framing, kind_of

PACKETS = [
    encode(p.Pingreq()),
    encode(p.Publish("a", b"x" * 300, 1, 7)),
    encode(p.Publish("b", b"", 0)),
    encode(p.Puback(7)),
    encode(p.Publish("c", b"y" * 20_000, 2, 9)),
]


@given(st.lists(st.sampled_from(PACKETS), max_size=6), st.lists(st.integers(1, 400), min_size=1, max_size=40))
def test_packets_come_out_as_they_went_in_however_they_are_cut(packets: list[bytes], cuts: list[int]) -> None:
    framing, stream, found = Framing(30_000), b"".join(packets), []
    at = step = 0
    while at < len(stream):
        end = at + cuts[step % len(cuts)]
        found += framing.feed(stream[at:end])
        at, step = end, step + 1

    assert found == packets


def test_large_packet_is_refused_before_it_is_read() -> None:
    with pytest.raises(WireError, match="packet of 20005 bytes; at most 20000 are read") as refused:
        Framing(20_000).feed(PACKETS[4][:5])
    assert refused.value.code == 0x95


def test_length_without_an_end_is_refused() -> None:
    with pytest.raises(WireError, match="more than four bytes"):
        Framing(1 << 28).feed(b"\x30\xff\xff\xff\xff\x01")


def test_kind_is_the_upper_half_of_the_first_byte() -> None:
    assert kind_of(PACKETS[1]) == PUBLISH
