import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.thingsboard import strategies as some
from uplab.fakes.mqtt import packets as p
from uplab.fakes.mqtt.codec import MAX_PACKET_BYTES, Decoder, encode

CONNECT = encode(p.Connect(4, "c"))
LEVELS = pytest.mark.parametrize("level", [3, 4, 5])


def connected(level: int = 4) -> Decoder:
    decoder = Decoder()
    decoder.feed(encode(p.Connect(level, "c")))
    return decoder


# --- round trips and any split --------------------------------------------------------------------------------------


@LEVELS
@given(data=st.data())
def test_connect_comes_back(level: int, data: st.DataObject) -> None:
    packet = data.draw(some.connect(level))

    assert Decoder().feed(encode(packet, level)) == [packet]


@LEVELS
@given(data=st.data())
def test_client_packets_come_back_in_any_split(level: int, data: st.DataObject) -> None:
    packets = data.draw(st.lists(some.from_client(level), max_size=6))
    stream = encode(p.Connect(level, "c"), level) + b"".join(encode(packet, level) for packet in packets)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))

    decoder = Decoder()
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    found = [packet for piece in pieces for packet in decoder.feed(piece)]

    assert found == [p.Connect(level, "c"), *packets]


@LEVELS
@given(data=st.data())
def test_server_packets_come_back(level: int, data: st.DataObject) -> None:
    packet = data.draw(some.from_server(level))

    assert Decoder(level=level).feed(encode(packet, level)) == [packet]


def test_byte_by_byte_is_as_good_as_at_once() -> None:
    stream = CONNECT + encode(p.Publish("t", b"x" * 300, 1, 9)) + encode(p.Pingreq())
    decoder = Decoder()

    found = [packet for byte in stream for packet in decoder.feed(bytes((byte,)))]

    assert found == [p.Connect(4, "c"), p.Publish("t", b"x" * 300, 1, 9), p.Pingreq()]


def test_publish_with_a_length_that_is_longer_than_it_need_be() -> None:
    (packet,) = connected().feed(bytes.fromhex("3b 87 00 0001 74 0009 7b7d"))

    assert packet == p.Publish("t", b"{}", 1, 9, retain=True, dup=True)


# --- garbage --------------------------------------------------------------------------------------------------------


@settings(max_examples=300)
@given(st.booleans(), st.lists(st.binary(max_size=40), max_size=6))
def test_garbage_ends_in_one_malformed_at_most(is_connected: bool, pieces: list[bytes]) -> None:
    decoder = connected() if is_connected else Decoder()

    found = [packet for piece in pieces for packet in decoder.feed(piece)]

    malformed = [packet for packet in found if isinstance(packet, p.Malformed)]
    assert malformed in ([], found[-1:])


@given(data=st.data())
def test_flipped_byte_never_raises(data: st.DataObject) -> None:
    level = data.draw(st.sampled_from([3, 4, 5]))
    stream = bytearray(
        encode(data.draw(some.connect(level)), level) + encode(data.draw(some.from_client(level)), level)
    )
    stream[data.draw(st.integers(0, len(stream) - 1))] ^= data.draw(st.integers(1, 255))

    Decoder().feed(bytes(stream))


def test_packets_before_the_fault_still_count() -> None:
    decoder = connected()

    found = decoder.feed(encode(p.Pingreq()) + b"\x00\x00" + encode(p.Pingreq()))

    assert found == [p.Pingreq(), p.Malformed("packet type and flags 0x00 are reserved")]
    assert decoder.feed(encode(p.Pingreq())) == []


MALFORMED = {
    "remaining length of five bytes": ("30 ffffffff01", "remaining length of more than four bytes"),
    "type 0": ("00 00", "packet type and flags 0x00 are reserved"),
    "subscribe flags": ("80 06 0001 0001 74 00", "packet type and flags 0x80 are reserved"),
    "pubrel flags": ("60 02 0001", "packet type and flags 0x60 are reserved"),
    "pingreq flags": ("c1 00", "packet type and flags 0xc1 are reserved"),
    "pingreq body": ("c0 01 00", "PINGREQ with 1 bytes too many"),
    "qos 3": ("36 05 0001 74 0001", "PUBLISH with QoS 3"),
    "dup with qos 0": ("38 03 0001 74", "PUBLISH with QoS 0 and the DUP flag"),
    "publish without a topic length": ("30 01 00", "PUBLISH ends within its header"),
    "publish with half a topic": ("30 03 0005 74", "PUBLISH ends within its header"),
    "publish without its id": ("32 03 0001 74", "PUBLISH ends within its header"),
    "publish with id 0": ("32 05 0001 74 0000", "packet identifier is 0"),
    "topic not utf-8": ("30 03 0001 ff", "string is not UTF-8: invalid start byte"),
    "topic with a surrogate": ("30 05 0003 eda080", "string is not UTF-8: invalid continuation byte"),
    "topic with nul": ("30 03 0001 00", "string holds U+0000"),
    "topic with a wildcard": ("30 03 0001 2b", "a topic name with a wildcard"),
    "empty topic": ("30 02 0000", "an empty topic name"),
    "subscribe without filters": ("82 02 0001", "SUBSCRIBE without a filter"),
    "subscribe with qos 3": ("82 06 0001 0001 74 03", "SUBSCRIBE with QoS 3"),
    "subscribe with reserved options": ("82 06 0001 0001 74 05", "reserved SUBSCRIBE options are set"),
    "subscribe to nothing": ("82 05 0001 0000 00", "an empty topic filter"),
    "unsubscribe without filters": ("a2 02 0001", "UNSUBSCRIBE without a filter"),
    "second connect": (CONNECT.hex(), "a second CONNECT"),
    "connack from a client": ("20 02 0000", "a client never sends CONNACK"),
    "auth before 5": ("f0 00", "AUTH before MQTT 5"),
}


@pytest.mark.parametrize(("wire", "reason"), MALFORMED.values(), ids=MALFORMED)
def test_malformed_packet_is_named(wire: str, reason: str) -> None:
    (found,) = connected().feed(bytes.fromhex(wire))

    assert isinstance(found, p.Malformed)
    assert found.reason == reason


BROKEN_CONNECTS = {
    "unknown protocol": ("10 0c 0004 4d515454 09 02 0000 0000", "protocol 'MQTT' level 9 is not known"),
    "name and level do not fit": ("10 0c 0004 4d515454 03 02 0000 0000", "protocol 'MQTT' level 3 is not known"),
    "reserved flag": ("10 0c 0004 4d515454 04 03 0000 0000", "the reserved connect flag is set"),
    "will qos without a will": ("10 0c 0004 4d515454 04 0a 0000 0000", "will flags contradict each other"),
    "will qos 3": ("10 11 0004 4d515454 04 1e 0000 0000 0001 74 0000", "will flags contradict each other"),
    "ends too early": ("10 0a 0004 4d515454 04 02 0000", "packet ends 2 bytes too early"),
    "too long": ("10 0e 0004 4d515454 04 02 0000 0000 0000", "CONNECT with 2 bytes too many"),
    "no client id in 3.1": (
        "10 0e 0006 4d5149736470 03 02 0000 0000",
        "client identifier of 0 characters; 3.1 allows 1 to 23",
    ),
    "not connect": ("c0 00", "the first packet is not CONNECT"),
    "publish": ("30 03 0001 74", "the first packet is not CONNECT"),
    "http": (b"GET / HTTP/1.1\r\n".hex(), "the first packet is not CONNECT"),
    "tls": ("16 0301 0100 01", "the first packet is not CONNECT"),
}


@pytest.mark.parametrize(("wire", "reason"), BROKEN_CONNECTS.values(), ids=BROKEN_CONNECTS)
def test_malformed_connect_is_named(wire: str, reason: str) -> None:
    (found,) = Decoder().feed(bytes.fromhex(wire))

    assert isinstance(found, p.Malformed)
    assert found.reason == reason


def test_largest_packet_passes_and_the_next_does_not() -> None:
    fits = encode(p.Publish("t", b"x" * (MAX_PACKET_BYTES - 3)))
    decoder = connected()

    (packet,) = decoder.feed(fits)
    (refused,) = decoder.feed(encode(p.Publish("t", b"x" * (MAX_PACKET_BYTES - 2)))[:5])

    assert isinstance(packet, p.Publish)
    assert refused == p.Malformed("packet of 65537 bytes; at most 65536 are read", 0x95)


def test_topic_cache_is_bounded() -> None:
    decoder = connected()

    for number in range(3_000):
        decoder.feed(encode(p.Publish(f"t/{number}", b"")))

    assert len(decoder._topics) <= 1_000


# --- MQTT 5 ---------------------------------------------------------------------------------------------------------


def test_short_acknowledgement_of_mqtt_5_means_success() -> None:
    assert connected(5).feed(bytes.fromhex("40020001 40030002 10")) == [p.Puback(1), p.Puback(2, 0x10)]


def test_older_versions_know_no_reason_codes_on_the_wire() -> None:
    assert encode(p.Puback(1, 0x99), 4) == bytes.fromhex("40020001")
    assert encode(p.Puback(1, 0x99), 5) == bytes.fromhex("4003000199")
    assert encode(p.Unsuback(1, (0x11,)), 4) == bytes.fromhex("b0020001")


def test_subscribe_options_of_mqtt_5_are_taken() -> None:
    (found,) = connected(5).feed(bytes.fromhex("82 07 0001 00 0001 74 2d"))

    assert found == p.Subscribe(1, (p.Subscription("t", 0x2D),))
