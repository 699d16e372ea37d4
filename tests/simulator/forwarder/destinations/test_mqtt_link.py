"""The MQTT session: how its end is told, and what it verifies."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
import trustme

from tests.simulator.forwarder.mqtt_stub import DEADLINE_S, Broker, serve
from uplab.simulator.forwarder.destinations.mqtt_link import Link, NamedContext


def run(work: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(2 * DEADLINE_S):
            await work

    asyncio.run(bounded())


def link_to(broker: Broker, ends: asyncio.Queue[str], **options: Any) -> Link:
    return Link(
        on_end=ends.put_nowait,
        connect_timeout_s=DEADLINE_S,
        hostname="127.0.0.1",
        port=broker.port,
        username="u",
        password="p",
        identifier="link",
        **options,
    )


def test_end_by_the_server_is_told_at_once() -> None:
    async def conversation() -> None:
        async with serve() as broker:
            ends: asyncio.Queue[str] = asyncio.Queue()
            link = link_to(broker, ends)
            await link.__aenter__()

            broker.cut()

            assert await ends.get() == "the server closed the connection"
            link.drop()

    run(conversation())


def test_server_that_hangs_up_on_connect_fails_it_at_once() -> None:
    async def conversation() -> None:
        async with serve() as broker:
            broker.connack = None
            link = link_to(broker, asyncio.Queue(), timeout=6 * DEADLINE_S)
            entering = asyncio.create_task(link.__aenter__())
            await broker.wait(lambda: len(broker.connects) == 1, "CONNECT")

            broker.cut()

            with pytest.raises(aiomqtt.MqttError, match=r"^no CONNACK: the server closed the connection$"):
                await entering
            link.drop()

    run(conversation())


def test_link_can_be_dropped_in_any_state() -> None:
    async def conversation() -> None:
        async with serve() as broker:
            ends: asyncio.Queue[str] = asyncio.Queue()
            link = link_to(broker, ends)
            link.drop()
            await link.__aenter__()
            link.drop()
            link.drop()
            await broker.wait(lambda: broker.ended == ["DISCONNECT"], "one clean end")

    run(conversation())


@pytest.mark.parametrize(("name", "accepted"), [("tb.example", True), ("127.0.0.1", False)])
def test_certificate_must_bear_the_configured_name(name: str, accepted: bool, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(server)

    async def conversation() -> None:
        async with serve(server) as broker:
            context = NamedContext.trusting(tmp_path / "ca.pem", "tb.example")
            link = link_to(broker, asyncio.Queue(), tls_context=context)
            if accepted:
                await link.__aenter__()
                await link.__aexit__(None, None, None)
            else:
                with pytest.raises(aiomqtt.MqttError, match=r"not valid for 'tb\.example'"):
                    await link.__aenter__()

    run(conversation())


def test_without_a_file_the_authorities_of_the_system_are_trusted() -> None:
    context = NamedContext.trusting(None, "tb.example")

    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
