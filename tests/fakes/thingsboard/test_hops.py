"""What the fake tells of MQTT: each packet was parsed once, and its facts say all that it carried."""

import pytest

from tests.fakes.thingsboard.mqtt.test_connection import TELEMETRY, body, run
from tests.fakes.thingsboard.mqtt_client import CLOSED, MqttClient, fact, running
from uplab.fakes.journal import Journal
from uplab.fakes.mqtt import packets as p


def test_hops_tell_the_whole_story() -> None:
    async def story() -> None:
        journal = Journal()
        async with running(journal) as (_, port):
            client = await MqttClient.connect(port)
            packet = p.Publish(TELEMETRY, body(1), 1, 7)
            await client.send(packet)
            assert await client.next() == p.Puback(7)
            await client.send(p.Disconnect())
            assert await client.next() == CLOSED
            await fact(journal, "destination.closed")
            await client.close()

        connected, published, acknowledged, closed = journal.entries()
        session = connected.facts["session"]
        both = {"fake": "thingsboard", "session": session}
        exchange = published.facts["exchange"]
        assert connected.hop == "destination.connected"
        who = {"username": "tenant@thingsboard.org", "client_id": "c", "level": 4}
        assert connected.facts == {**both, **who, "code": 0}
        assert published.hop == "destination.published"
        assert published.facts == {
            **both,
            "exchange": exchange,
            "topic": TELEMETRY,
            "level": 4,
            "qos": 1,
            "retain": False,
            "duplicate": False,
            "packet_id": 7,
            "properties": [],
            "members": [["A", 1]],
            "raw": packet.payload,
        }
        assert acknowledged.hop == "destination.acknowledged"
        assert acknowledged.facts == {**both, "exchange": exchange, "kind": "PUBACK", "code": 0}
        assert closed.hop == "destination.closed"
        assert closed.facts == {**both, "reason": "the client disconnected"}

    run(story())


def test_message_of_mqtt_5_is_told_with_all_that_it_carries() -> None:
    async def story() -> None:
        journal = Journal()
        properties: p.Properties = (
            (0x02, 60),
            (0x09, b"\xff"),
            (0x23, 3),
            (0x26, ("site", "A")),
            (0x26, ("site", "B")),
        )
        async with running(journal) as (_, port):
            client = await MqttClient.connect(port, level=5)
            await client.send(p.Publish(TELEMETRY, body(1), 1, 7, True, True, properties))
            assert await client.next() == p.Puback(7)
            await client.close()

        (told,) = journal.facts("destination.published")
        assert told["properties"] == [
            ["message_expiry_interval_s", 60],
            ["correlation_data_hex", "ff"],
            ["topic_alias", 3],
            ["user_property", ["site", "A"]],
            ["user_property", ["site", "B"]],
        ]
        assert (told["level"], told["retain"], told["duplicate"], told["raw"]) == (5, True, True, body(1))

    run(story())


@pytest.mark.parametrize(("level", "code"), [(4, 0), (5, 0x90)])
def test_reason_code_is_told_as_it_went_over_the_wire(level: int, code: int) -> None:
    async def story() -> None:
        journal = Journal()
        async with running(journal) as (_, port):
            client = await MqttClient.connect(port, level=level)
            await client.send(p.Publish("v1/gateway/nothing", b"{}", 1, 7))
            assert await client.next() == p.Puback(7, code)
            await client.close()

        assert [facts["code"] for facts in journal.facts("destination.acknowledged")] == [code]

    run(story())
