"""Telemetry from a real client (aiomqtt, on paho) through the fake ThingsBoard to a verdict, in each MQTT version."""

import asyncio
from typing import Any

import aiomqtt
import orjson
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.clients.test_thingsboard_mqtt import VERSIONS, aio, run
from tests.fakes.thingsboard.mqtt_client import DEADLINE_S, running
from tests.scenarios.history_lines import DEV, OTHER, TELEMETRY, Story, point
from uplab.scenarios.checks import checks
from uplab.scenarios.checks.checks import Route
from uplab.scenarios.checks.verdict import Verdict

TO = Route("thingsboard", TELEMETRY)
V5 = aiomqtt.ProtocolVersion.V5


def properties() -> Properties:
    """What a publisher of MQTT 5 may add to a message; the alias comes with its topic: ThingsBoard grants none."""
    found = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    found.MessageExpiryInterval = 60
    found.TopicAlias = 1
    found.UserProperty = [("site", "A"), ("site", "B")]
    found.ContentType = "application/json"
    found.CorrelationData = b"\xff" * 200  # makes the properties' length two bytes
    return found


def published(
    story: Story, version: aiomqtt.ProtocolVersion, *messages: Any, qos: int = 1, plain: bool = False
) -> None:
    """Sends each message over one link and waits for what the client waits for: the PUBACK, with QoS 0 the writing."""

    async def work() -> None:
        async with running(story.history.emit) as (_, port), aio(port, version) as client:
            for message in messages:
                more = None if plain or version != V5 else properties()
                await client.publish(TELEMETRY, orjson.dumps(message), qos=qos, timeout=DEADLINE_S, properties=more)
            told = story.history.wait_for
            await asyncio.to_thread(
                told, lambda e: e.hop == "destination.published", count=len(messages), timeout_s=DEADLINE_S
            )

    run(work())


def judged(story: Story, ids: list[str]) -> list[Verdict]:
    return [check(story.events, ids, TO) for check in (checks.none_lost, checks.none_twice, checks.in_order)]


@VERSIONS
@pytest.mark.parametrize("qos", [1, 2])
@pytest.mark.parametrize("plain", [True, False], ids=["plain", "properties"])
def test_telemetry_is_delivered(version: aiomqtt.ProtocolVersion, qos: int, plain: bool) -> None:
    story = Story()
    ids = [story.sent(1), story.sent(2), story.sent(1, OTHER)]

    published(story, version, {DEV: [point(1)]}, {DEV: [point(2)], OTHER: [point(1)]}, qos=qos, plain=plain)

    assert [(one.outcome, one.examined) for one in judged(story, ids)] == [("passed", 3)] * 3


@VERSIONS
def test_telemetry_with_qos_0_arrives_and_is_never_acknowledged(version: aiomqtt.ProtocolVersion) -> None:
    story = Story()
    ids = [story.sent(1)]

    published(story, version, {DEV: [point(1)]}, qos=0)
    lost = checks.none_lost(story.events, ids, TO)

    assert [event.ids for event in story.events if event.hop == "destination.published"] == [(ids[0],)]
    assert (lost.outcome, lost.hop) == ("failed", "forwarder")
    assert "arrived but was never answered" in lost.happened


@VERSIONS
def test_batch_in_any_order_is_judged_point_by_point(version: aiomqtt.ProtocolVersion) -> None:
    story = Story()
    ids = [story.sent(1), story.sent(2), story.sent(3)]

    published(story, version, {DEV: [point(2), point(1)]}, {DEV: [point(3), point(3)]})
    lost, twice, order = judged(story, ids)

    assert (lost.outcome, order.outcome) == ("passed", "passed")
    assert (twice.outcome, twice.ids) == ("failed", (ids[2],))


def test_refusal_of_mqtt_5_is_no_delivery() -> None:
    story = Story()
    ids = [story.sent(1)]

    published(story, V5, {DEV: [point(1), "no point"]})

    assert [event.facts["code"] for event in story.events if event.hop == "destination.acknowledged"] == [0x99]
    assert checks.none_lost(story.events, ids, TO).outcome == "failed"
