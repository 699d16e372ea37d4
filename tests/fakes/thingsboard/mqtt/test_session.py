import orjson

from uplab.fakes.thingsboard.mqtt.session import Session


def test_push_without_a_subscription_has_qos_1() -> None:
    session = Session(1)

    packets = [session.push("v1/devices/me/attributes/response/1", {"a": 1}) for _ in range(2)]

    assert [(packet.qos, packet.packet_id) for packet in packets] == [(1, 1), (1, 2)]
    assert orjson.loads(packets[0].payload) == {"a": 1}


def test_push_has_the_granted_qos() -> None:
    session = Session(1, granted={"v1/devices/me/rpc/request/+": 0})

    packet = session.push("v1/devices/me/rpc/request/3", b"raw")

    assert (packet.qos, packet.packet_id, packet.payload) == (0, 0, b"raw")


def test_packet_identifiers_begin_anew_after_the_last() -> None:
    session = Session(1)

    numbers = {session.push("t", b"").packet_id for _ in range(0x10000)}

    assert numbers == set(range(1, 0x10000))
