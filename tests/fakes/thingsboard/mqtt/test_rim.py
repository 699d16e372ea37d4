"""Several connections on real sockets: take-over, TLS, silence, the end of the server."""

import asyncio
import ssl

import pytest
import trustme

from tests.fakes.thingsboard.mqtt_client import CLOSED, MqttClient, fact, running
from uplab.fakes.journal import Journal
from uplab.fakes.mqtt import packets as p


def test_newer_session_of_the_account_ends_the_older() -> None:
    async def story() -> None:
        journal = Journal()
        async with running(journal) as (_, port):
            older = await MqttClient.connect(port)
            newer = await MqttClient.connect(port)
            assert await older.next() == CLOSED
            await newer.send(p.Pingreq())
            assert await newer.next() == p.Pingresp()
            (closed,) = await fact(journal, "destination.closed")
            assert closed["reason"] == "taken over by a newer session of the device"
            await older.close()
            await newer.close()

    asyncio.run(story())


def test_tls_is_spoken_beside_plain() -> None:
    async def story() -> None:
        authority = trustme.CA()
        ours, theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
        authority.issue_cert("127.0.0.1").configure_cert(ours)
        authority.configure_trust(theirs)
        async with running() as (server, plain_port):
            tls_port = await server.listen_mqtt(tls=ours)
            client = await MqttClient.open(tls_port, tls=theirs)
            await client.send(p.Connect(4, "c", username="tenant@thingsboard.org", password=b"tenant"))
            assert await client.next() == p.Connack(False, 0)
            assert tls_port != plain_port
            plain = await MqttClient.open(tls_port)
            await plain.send(p.Connect(4, "c"))
            while await plain.next() != CLOSED:
                pass
            assert len(server._mqtt._connections) == 1
            await plain.close()
            await client.close()

    asyncio.run(story())


def test_silent_connection_is_closed() -> None:
    async def story() -> None:
        journal = Journal()
        async with running(journal, idle_s=0.05) as (_, port):
            silent = await MqttClient.open(port)
            assert await silent.next() == CLOSED
            (closed,) = await fact(journal, "destination.closed")
            assert closed["reason"] == "nothing heard for 0.05 s"
            await silent.close()

    asyncio.run(story())


def test_stopped_server_closes_everything() -> None:
    async def story() -> None:
        journal = Journal()
        async with running(journal) as (_, port):
            clients = [await MqttClient.open(port) for _ in range(3)]
            await clients[0].send(p.Connect(4, "c", username="tenant@thingsboard.org", password=b"tenant"))
            await clients[0].next()
        assert [await client.next() for client in clients] == [CLOSED] * 3
        assert len(journal.facts("destination.closed")) == 3
        with pytest.raises(OSError, match="onnect"):
            await MqttClient.open(port)
        for client in clients:
            await client.close()

    asyncio.run(story())


def test_larger_push_than_the_client_takes_is_left_out() -> None:
    async def story() -> None:
        async with running() as (server, port):
            device = server.state.add_device(server.state.demo.id, "D")
            client = await MqttClient.open(port, level=5)
            limit: p.Properties = ((0x27, 60),)
            await client.send(p.Connect(5, "c", username=device.credentials.id, properties=limit))
            assert await client.next() == p.Connack(False, 0)
            await client.send(p.Subscribe(1, (p.Subscription("v2/a", 0),)))
            assert await client.next() == p.Suback(1, (0,))
            for value in ("x" * 100, "short"):
                server._mqtt.perform(server.protocol.links.attributes_changed(device, {"a": value}))
            pushed = await client.next()
            assert isinstance(pushed, p.Publish)
            assert pushed.payload == b'{"a":"short"}'
            await client.close()

    asyncio.run(story())
