"""Commands from ThingsBoard through the sink."""

from __future__ import annotations

from typing import Any

from tests.simulator.forwarder.mqtt_stub import serve
from tests.simulator.forwarder.thingsboard_given import EUI, RPC, outgoing, run, sink_for


def test_command_is_passed_on_and_answered() -> None:
    async def conversation() -> None:
        asked: list[tuple[str, str, Any]] = []

        async def on_rpc(dev_eui: str, method: str, params: Any) -> dict[str, Any]:
            asked.append((dev_eui, method, params))
            return {"queued": True}

        async with serve() as broker:
            sink = sink_for(broker, on_rpc=on_rpc)
            await sink.open()

            params = {"fPort": 5, "payload_hex": "0a0b"}
            broker.push(RPC, {"device": EUI, "data": {"id": 4, "method": "sendDownlink", "params": params}})
            await broker.wait(lambda: len(broker.on(RPC)) == 1, "the reply")

            assert asked == [(EUI, "sendDownlink", params)]
            assert broker.on(RPC) == [{"device": EUI, "id": 4, "data": {"queued": True}}]
            await sink.close()

    run(conversation())


def test_failing_command_is_answered_with_an_error() -> None:
    async def conversation() -> None:
        async def on_rpc(dev_eui: str, method: str, params: Any) -> dict[str, Any]:
            raise LookupError("secret detail")

        async with serve() as broker:
            sink = sink_for(broker, on_rpc=on_rpc)
            await sink.open()

            broker.push(RPC, b"no command")
            broker.push(RPC, {"device": EUI, "data": {"id": 5, "method": "sendDownlink", "params": {}}})
            await broker.wait(lambda: len(broker.on(RPC)) == 1, "the reply")

            reply = {"device": EUI, "id": 5, "data": {"error": "the command failed: LookupError"}}
            assert broker.on(RPC) == [reply]
            assert (await sink.deliver(outgoing())).ok
            await sink.close()

    run(conversation())


def test_command_without_a_listener_is_declined() -> None:
    async def conversation() -> None:
        async with serve() as broker:
            sink = sink_for(broker)
            await sink.open()
            broker.push(RPC, {"device": EUI, "data": {"id": 6, "method": "sendDownlink", "params": {}}})
            await broker.wait(lambda: len(broker.on(RPC)) == 1, "the reply")
            assert broker.on(RPC)[0]["data"] == {"error": "this connection takes no commands"}
            await sink.close()

    run(conversation())
