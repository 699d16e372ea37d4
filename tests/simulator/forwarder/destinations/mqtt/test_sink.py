"""The MQTT sink against a scripted server on loopback."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.simulator.forwarder.mqtt_stub import Broker, serve
from tests.simulator.forwarder.thingsboard_given import run
from uplab.simulator.forwarder.destinations.mqtt.sink import MqttSink
from uplab.simulator.forwarder.destinations.mqtt_session import Login
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing

DOWN = {"DevEUI_downlink": {"DevEUI": "20635F0108000E09", "FPort": "5", "payload_hex": "01"}}


class Taken(list[Any]):
    """The documents that came back; `changed` is set at each."""

    def __init__(self) -> None:
        super().__init__()
        self.changed = asyncio.Event()

    async def take(self, document: object) -> str:
        self.append(document)
        self.changed.set()
        return ""


def sink_for(
    broker: Broker, taken: Taken, *, wanted: str | None = "things/+/downlink", known: set[str] | None = None
) -> MqttSink:
    login = Login("127.0.0.1", broker.port, "uplab-abc", "me", "secret", clean=False)
    return MqttSink(login, wanted=wanted, downlink=taken.take, on_lost=None, timeout_s=10.0, known=known)


def outgoing(topic: str = "things/1/uplink", body: bytes = b'{"n": 1.50}') -> Outgoing:
    return Outgoing("1", 1, "", {}, body, topic=topic)


def test_message_is_published_as_it_stands_and_waits_for_its_acknowledgement() -> None:
    async def conversation() -> None:
        async with serve() as broker:
            sink = sink_for(broker, Taken())
            assert await sink.open() == Answer("delivered")
            assert await sink.deliver(outgoing()) == Answer("delivered")

            connect = broker.connects[0]
            assert (connect["client_id"], connect["clean"], connect["level"]) == ("uplab-abc", False, 4)
            assert [(one.topic, one.qos, one.body) for one in broker.published] == [("things/1/uplink", 1, {"n": 1.5})]
            assert broker.subscribed == [("things/+/downlink", 1)]
            await sink.close()

    run(conversation())


def test_without_a_topic_for_downlinks_nothing_is_subscribed_to() -> None:
    async def conversation() -> None:
        async with serve() as broker:
            sink = sink_for(broker, Taken(), wanted=None)
            await sink.open()
            await sink.deliver(outgoing())
            assert broker.subscribed == []
            await sink.close()

    run(conversation())


def test_downlinks_are_taken_and_what_is_none_is_ignored() -> None:
    async def conversation() -> None:
        async with serve() as broker:
            taken = Taken()
            sink = sink_for(broker, taken)
            await sink.open()
            for body in (b"no JSON", {"other": 1}, [1], DOWN):
                broker.push("things/1/downlink", body)
            await asyncio.wait_for(taken.changed.wait(), 5)
            assert taken == [DOWN]
            await sink.close()

    run(conversation())


def test_refused_subscription_is_said_and_uplinks_go_on() -> None:
    async def conversation() -> None:
        async with serve() as broker:
            broker.suback = 0x80
            sink = sink_for(broker, Taken())
            answer = await sink.open()
            assert answer.ok
            assert "refuses the subscription" in answer.reason
            assert await sink.deliver(outgoing()) == Answer("delivered")
            await sink.close()

    run(conversation())


@pytest.mark.parametrize("wanted", ["after/+", None])
def test_what_an_earlier_session_subscribed_to_is_given_up(wanted: str | None) -> None:
    async def conversation() -> None:
        async with serve() as broker:
            known: set[str] = set()
            for one in ("before/+", wanted, wanted):
                sink = sink_for(broker, Taken(), wanted=one, known=known)
                await sink.open()
                await sink.close()
            assert broker.unsubscribed == ["before/+"]
            assert known == ({wanted} if wanted else set())

    run(conversation())


def test_downlinks_of_a_topic_that_is_not_wanted_are_ignored() -> None:
    async def conversation() -> None:
        async with serve() as broker:
            taken = Taken()
            sink = sink_for(broker, taken, wanted="after/+")
            await sink.open()
            broker.push("before/1", DOWN)
            broker.push("after/1", {"DevEUI_downlink": {"FPort": 2}})
            await asyncio.wait_for(taken.changed.wait(), 5)
            assert taken == [{"DevEUI_downlink": {"FPort": 2}}]
            await sink.close()

    run(conversation())
