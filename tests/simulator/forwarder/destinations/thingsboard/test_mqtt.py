"""The ThingsBoard sink against a scripted MQTT server on loopback."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
import trustme

from tests.simulator.forwarder.mqtt_stub import DEADLINE_S, Publish, serve
from tests.simulator.forwarder.thingsboard_given import (
    CONNECT,
    EUI,
    MS,
    RPC,
    TELEMETRY,
    account,
    outgoing,
    run,
    sink_for,
)
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing


def is_telemetry(publish: Publish) -> bool:
    return publish.topic == TELEMETRY


def test_opening_logs_in_as_a_gateway() -> None:
    async def conversation() -> None:
        async with serve() as broker:
            sink = sink_for(broker)

            assert await sink.open() == Answer("delivered")

            connect = broker.connects[0]
            assert (connect["protocol"], connect["level"], connect["clean"]) == ("MQTT", 4, True)
            assert (connect["username"], connect["password"]) == ("gateway", "HelloWorld")
            assert broker.subscribed == [(RPC, 1)]
            await sink.close()
            await broker.wait(lambda: broker.ended == ["DISCONNECT"], "a clean end")

    run(conversation())


def test_device_is_announced_once_before_its_telemetry() -> None:
    async def conversation() -> None:
        async with serve() as broker:
            sink = sink_for(broker)
            await sink.open()

            answers = [await sink.deliver(outgoing(1)), await sink.deliver(outgoing(2, dev_eui=EUI.lower()))]

            assert answers == [Answer("delivered"), Answer("delivered")]
            assert [publish.topic for publish in broker.published] == [CONNECT, TELEMETRY, TELEMETRY]
            assert {publish.qos for publish in broker.published} == {1}
            assert broker.on(CONNECT) == [{"device": EUI, "type": "lorawan"}]
            assert broker.on(TELEMETRY)[1] == {EUI: [{"ts": MS, "values": {"t": 1.5, "fCntUp": 2}}]}
            await sink.close()

    run(conversation())


def test_each_session_announces_anew() -> None:
    async def conversation() -> None:
        async with serve() as broker:
            sink = sink_for(broker)
            for f_cnt in (1, 2):
                await sink.open()
                await sink.deliver(outgoing(f_cnt))
            assert len(broker.on(CONNECT)) == 2
            await sink.close()

    run(conversation())


def test_every_uplink_waits_for_its_own_acknowledgement() -> None:
    async def conversation() -> None:
        async with serve() as broker:
            broker.acknowledge = lambda publish: not is_telemetry(publish)
            sink = sink_for(broker)
            await sink.open()
            first = asyncio.create_task(sink.deliver(outgoing(1)))
            second = asyncio.create_task(sink.deliver(outgoing(2)))
            await broker.wait(lambda: len(broker.on(TELEMETRY)) == 2, "two uplinks in flight")

            later = next(p for p in broker.published if is_telemetry(p) and p.body[EUI][0]["values"]["fCntUp"] == 2)
            broker.acknowledge_now(later)

            assert await second == Answer("delivered")
            assert not first.done()
            await sink.close()
            assert await first == Answer("unclear", reason="closed")

    run(conversation())


def test_missing_acknowledgement_is_unclear() -> None:
    async def conversation() -> None:
        async with serve() as broker:
            broker.acknowledge = lambda publish: not is_telemetry(publish)
            sink = sink_for(broker, timeout_s=0.6)
            await sink.open()

            assert await sink.deliver(outgoing()) == Answer("unclear", reason="no acknowledgement in 0.6 s")

            broker.acknowledge = lambda _: True
            assert (await sink.deliver(outgoing(2))).ok
            await sink.close()

    run(conversation())


def test_device_that_cannot_be_announced_is_not_handed_over() -> None:
    async def conversation() -> None:
        async with serve() as broker:
            broker.acknowledge = is_telemetry
            sink = sink_for(broker, timeout_s=0.6)
            await sink.open()

            assert await sink.deliver(outgoing()) == Answer("unreachable", reason="no acknowledgement in 0.6 s")

            assert broker.on(TELEMETRY) == []
            await sink.close()

    run(conversation())


def test_lost_link_ends_waiting_at_once_and_is_told_once() -> None:
    async def conversation() -> None:
        lost: list[str] = []
        async with serve() as broker:
            broker.acknowledge = lambda publish: not is_telemetry(publish)
            sink = sink_for(broker, on_lost=lost.append, timeout_s=60)
            await sink.open()
            waiting = [asyncio.create_task(sink.deliver(outgoing(n))) for n in (1, 2)]
            await broker.wait(lambda: len(broker.on(TELEMETRY)) == 2, "two uplinks in flight")

            broker.cut()

            answers = [await task for task in waiting]
            assert [answer.kind for answer in answers] == ["unclear", "unclear"]
            assert answers[0].reason == "the link was lost: the server closed the connection"
            assert lost == [answers[0].reason]
            assert (await sink.deliver(outgoing(3))).kind == "unreachable"
            assert len(broker.connects) == 1, "the sink must not reconnect by itself"

            broker.acknowledge = lambda _: True
            assert (await sink.open()).ok
            assert (await sink.deliver(outgoing(3))).ok
            await sink.close()
            assert len(lost) == 1, "a link that was closed is not lost"

    run(conversation())


@pytest.mark.parametrize("code", [2, 4, 5])
def test_refused_account_is_told_apart(code: int) -> None:
    async def conversation() -> None:
        async with serve() as broker:
            broker.connack = code
            sink = sink_for(broker, timeout_s=6 * DEADLINE_S)

            answer = await sink.open()

            assert (answer.kind, answer.status) == ("authentication_failed", code)
            assert answer.reason.startswith(f"CONNACK {code}: ")
            assert "HelloWorld" not in answer.reason
            assert (await sink.deliver(outgoing())).kind == "unreachable"
            await broker.wait(lambda: len(broker.ended) == 1, "the refused connection to end")
            await sink.close()

    run(conversation())


def test_refused_subscription_is_told_and_uplinks_go_on() -> None:
    async def conversation() -> None:
        async with serve() as broker:
            broker.suback = 0x80
            sink = sink_for(broker)

            answer = await sink.open()

            assert answer.ok
            assert answer.reason.startswith("ThingsBoard refuses the subscription to commands")
            assert (await sink.deliver(outgoing())).ok
            await sink.close()

    run(conversation())


def test_unavailable_server_is_unreachable() -> None:
    async def conversation() -> None:
        async with serve() as broker:
            broker.connack = 3
            assert await sink_for(broker).open() == Answer("unreachable", 3, "CONNACK 3: the server is unavailable")

    run(conversation())


def test_server_of_another_protocol_version_is_unreachable_at_once() -> None:
    async def conversation() -> None:
        async with serve() as broker:
            broker.connack = 1
            answer = await sink_for(broker, timeout_s=6 * DEADLINE_S).open()
            assert answer.kind == "unreachable"
            assert answer.reason.startswith("no CONNACK: ")
            assert len(broker.connects) == 1

    run(conversation())


def test_corrected_account_recovers() -> None:
    async def conversation() -> None:
        async with serve() as broker:
            broker.connack = 5
            sink = sink_for(broker)
            assert (await sink.open()).kind == "authentication_failed"
            broker.connack = 0
            assert (await sink.open()).ok
            assert (await sink.deliver(outgoing())).ok
            await sink.close()

    run(conversation())


def test_nobody_listening_is_unreachable() -> None:
    async def conversation() -> None:
        async with serve() as broker:
            sink = sink_for(broker)
        assert (await sink.open()).kind == "unreachable"

    run(conversation())


def test_server_that_never_answers_is_unreachable_and_let_go() -> None:
    async def conversation() -> None:
        async with serve() as broker:
            broker.connack = None
            answer = await sink_for(broker, timeout_s=0.9).open()
            assert answer.kind == "unreachable"
            await broker.wait(lambda: len(broker.ended) == 1, "the connection to be closed")

    run(conversation())


def test_unknown_device_is_refused_when_devices_may_not_be_made() -> None:
    async def conversation() -> None:
        async with serve() as broker:
            closed = account(createDevices=False)
            sink = sink_for(broker, account=closed, known_devices=["00000000000000aa"])
            await sink.open()

            refused = await sink.deliver(outgoing())

            assert refused == Answer("refused", reason=f"device {EUI} is unknown and createDevices is false")
            assert (await sink.deliver(outgoing(dev_eui="00000000000000AA"))).ok
            assert list(broker.on(TELEMETRY)[0]) == ["00000000000000AA"]
            await sink.close()

    run(conversation())


def test_unusable_document_is_refused_alone() -> None:
    async def conversation() -> None:
        async with serve() as broker:
            sink = sink_for(broker)
            await sink.open()
            timeless = Outgoing(EUI, 1, "yesterday", {"temperature": 1}, b"{}")

            answers = [await sink.deliver(timeless), await sink.deliver(outgoing(text="x" * 70_000))]

            assert [answer.kind for answer in answers] == ["refused", "refused"]
            assert "more than ThingsBoard takes" in answers[1].reason
            assert broker.published == []
            assert (await sink.deliver(outgoing())).ok
            await sink.close()

    run(conversation())


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


def certificate(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def test_port_8883_is_verified_by_the_configured_name(authority: trustme.CA, ca_file: Path) -> None:
    async def conversation() -> None:
        async with serve(certificate(authority, "tb.example")) as broker:
            sink = sink_for(broker, account=account(8883), ca_file=ca_file)
            assert await sink.open() == Answer("delivered")
            assert (await sink.deliver(outgoing())).ok
            await sink.close()

    run(conversation())


def test_unknown_authority_is_refused(ca_file: Path) -> None:
    async def conversation() -> None:
        async with serve(certificate(trustme.CA(), "tb.example")) as broker:
            answer = await sink_for(broker, account=account(8883), ca_file=ca_file).open()
            assert answer.kind == "unreachable"
            assert "CERTIFICATE_VERIFY_FAILED" in answer.reason
            assert broker.connects == []

    run(conversation())


def test_unreadable_authorities_are_told(tmp_path: Path) -> None:
    async def conversation() -> None:
        async with serve() as broker:
            answer = await sink_for(broker, account=account(8883), ca_file=tmp_path / "none.pem").open()
            assert answer.kind == "unreachable"
            assert answer.reason.startswith("the authorities cannot be read")

    run(conversation())


def test_many_uplinks_are_in_flight_on_one_link() -> None:
    async def conversation() -> None:
        async with serve() as broker:
            sink = sink_for(broker)
            await sink.open()

            answers = await asyncio.gather(*(sink.deliver(outgoing(n, f"{n % 7:016X}")) for n in range(1, 301)))

            assert {answer.kind for answer in answers} == {"delivered"}
            counters = [next(iter(body.values()))[0]["values"]["fCntUp"] for body in broker.on(TELEMETRY)]
            assert sorted(counters) == list(range(1, 301))
            assert len(broker.connects) == 1
            await sink.close()

    run(conversation())
