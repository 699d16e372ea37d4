"""The broker as a whole, before amqtt: what clients get, and what the page is told."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import httpx
import orjson

from tests.fakes.thingsboard.mqtt_client import CLOSED, MqttClient, fact
from uplab.fakes.broker.accounts import Account, Accounts
from uplab.fakes.broker.server import BrokerServer
from uplab.fakes.journal import Journal
from uplab.fakes.mqtt import packets as p


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


async def connected(port: int, name: str = "c", *, clean: bool = True, username: str | None = None) -> MqttClient:
    client = await MqttClient.open(port)
    await client.send(p.Connect(4, name, clean=clean, username=username, password=b"secret" if username else None))
    answer = await client.next()
    assert isinstance(answer, p.Connack)
    assert answer.code == 0
    return client


def test_subscribers_get_what_is_published_also_what_waited_for_them() -> None:
    async def story() -> None:
        journal = Journal()
        server = BrokerServer(emit=journal)
        port = await server.listen_mqtt()
        try:
            reader = await connected(port, "reader", clean=False)
            await reader.send(p.Subscribe(1, (p.Subscription("things/#", 1),)))
            assert await reader.next() == p.Suback(1, (1,))
            writer = await connected(port, "writer")
            assert await writer.publish("things/7", b"first") == p.Puback(7)
            got = await reader.next()
            assert isinstance(got, p.Publish)
            assert (got.topic, got.payload, got.qos) == ("things/7", b"first", 1)
            await reader.send(p.Puback(got.packet_id), p.Disconnect())
            assert await reader.next() == CLOSED
            await fact(journal, "destination.closed")
            # It has a session, so that what comes while it is away waits for it.
            assert await writer.publish("things/8", b"second") == p.Puback(7)
            again = await connected(port, "reader", clean=False)
            got = await again.next()
            assert isinstance(got, p.Publish)
            assert (got.topic, got.payload) == ("things/8", b"second")
            for client in (reader, writer, again):
                await client.close()
            pushed = [facts["raw"] for facts in journal.facts("destination.pushed")]
            assert pushed == [b"first", b"second"]
        finally:
            await server.stop()

    run(story())


def test_operator_publishes_and_hears_beside_the_relay() -> None:
    async def story() -> None:
        journal = Journal()
        server = BrokerServer(emit=journal, accounts=Accounts({"me": Account("secret")}))
        port = await server.listen_mqtt()
        try:
            operator = await server.operator()
            await operator.subscribe("up/#")
            client = await connected(port, username="me")
            await client.send(p.Subscribe(1, (p.Subscription("down/#", 1),)))
            assert await client.next() == p.Suback(1, (1,))
            await operator.publish("down/1", b"{}")
            got = await client.next()
            assert isinstance(got, p.Publish)
            assert got.topic == "down/1"
            await client.publish("up/1", b"x")
            [heard] = await operator.wait_for(1, "up/#")
            assert (heard.topic, heard.payload, heard.qos, heard.retain) == ("up/1", b"x", 1, False)
            # What the operator does is no delivery.
            assert [facts["topic"] for facts in journal.facts("destination.published")] == ["up/1"]
            await client.close()
        finally:
            await server.stop()

    run(story())


def test_killed_broker_takes_everybody_along_and_comes_back() -> None:
    async def story() -> None:
        journal = Journal()
        server = BrokerServer(emit=journal)
        port = await server.listen_mqtt()
        try:
            client = await connected(port)
            await server.kill()
            assert await client.next() == CLOSED
            late = await MqttClient.open(port)
            await late.send(p.Connect(4, "late"))
            assert await late.next() == CLOSED
            closed = await fact(journal, "destination.closed", 2)
            assert closed[1]["reason"] == "the broker cannot be reached: the broker is down"
            server.revive()
            again = await connected(port)
            assert await again.publish("t", b"x") == p.Puback(7)
            for one in (client, late, again):
                await one.close()
        finally:
            await server.stop()

    run(story())


def test_page_is_told_of_messages_as_they_come() -> None:
    async def story() -> None:
        server = BrokerServer()
        mqtt, web = await server.listen_mqtt(), await server.listen()
        try:
            client = await connected(mqtt, "sensor")
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{web}") as browser:
                async with browser.stream("GET", "/live") as live:
                    lines = live.aiter_lines()
                    await client.publish("things/1", b'{"n":1}')
                    async for line in lines:
                        if line.startswith("data: {"):
                            break
                    assert orjson.loads(line.removeprefix("data: "))["topic"] == "things/1"
                told = (await browser.get("/topics")).json()
                assert [one["clientId"] for one in told["clients"]] == ["sensor"]
                assert (await browser.get("/", headers={"Host": "evil.example"})).status_code == 421
            await client.close()
        finally:
            await server.stop()

    run(story())
