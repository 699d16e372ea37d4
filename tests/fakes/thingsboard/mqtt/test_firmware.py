"""Conversations: a device is told of its firmware, and fetches it over MQTT."""

import hashlib

import orjson
import pytest

from tests.fakes.thingsboard.conversation import NOW_MS
from tests.fakes.thingsboard.rest.test_device_api import DATA, assign_firmware
from tests.fakes.thingsboard.rest_client import RestClient
from uplab.fakes.mqtt import packets as p
from uplab.fakes.thingsboard.mqtt.firmware import assigned, told


@pytest.fixture(name="rest")
def a_client() -> RestClient:
    return RestClient()


def test_device_is_told_of_its_firmware_by_shared_attributes(rest: RestClient) -> None:
    session = rest.talk.device("D1")
    rest.talk.say(session, p.Subscribe(1, (p.Subscription("v1/devices/me/attributes", 1),)))

    assign_firmware(rest)

    (push,) = rest.talk.heard(session)
    assert isinstance(push, p.Publish)
    assert orjson.loads(push.payload) == {
        "fw_title": "fw",
        "fw_version": "1.1",
        "fw_size": len(DATA),
        "fw_checksum_algorithm": "SHA256",
        "fw_checksum": hashlib.sha256(DATA).hexdigest(),
    }
    assert rest.talk.latest("D1", "fw_state") == (NOW_MS, "INITIATED")


def test_firmware_is_told_once_and_taken_back(rest: RestClient) -> None:
    assign_firmware(rest)
    links, device = rest.talk.protocol.links, rest.device()
    assert assigned(rest.state, device) is not None
    assert told(links, device) == []

    device.firmware_id = None
    told(links, device)

    assert assigned(rest.state, device) is None
    assert device.attributes("SHARED_SCOPE", NOW_MS) == {}


def test_firmware_is_fetched_over_mqtt(rest: RestClient) -> None:
    assign_firmware(rest)
    session = rest.talk.device("D1")

    got = b""
    for number, size in enumerate((b"1000", b"", b"")):
        ack, push = rest.talk.publish(session, f"v2/fw/request/5/chunk/{number}", size)
        assert isinstance(push, p.Publish)
        assert (ack, push.topic) == (p.Puback(7), f"v2/fw/response/5/chunk/{number}")
        got += push.payload

    assert got == DATA


@pytest.mark.parametrize(
    ("topic", "size", "error"),
    [("v2/sw/request/1/chunk/0", b"", b"NOT_FOUND"), ("v2/fw/request/1/chunk/0", b"70000", b"PAYLOAD_TOO_LARGE")],
)
def test_impossible_chunk_is_an_error_and_closes(rest: RestClient, topic: str, size: bytes, error: bytes) -> None:
    assign_firmware(rest)

    _, push, reason = rest.talk.publish(rest.talk.device("D1"), topic, size)

    assert isinstance(push, p.Publish)
    assert (push.topic, push.payload) == ("v2/fw/error", error)
    assert reason == f"firmware: {error.decode()}"
