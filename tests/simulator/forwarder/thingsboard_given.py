"""What the tests of the ThingsBoard sink begin with."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from tests.simulator.forwarder.mqtt_stub import DEADLINE_S, Broker
from uplab.simulator.forwarder.destinations.sink import Outgoing
from uplab.simulator.forwarder.destinations.thingsboard.mqtt import ThingsBoardSink
from uplab.simulator.forwarder.destinations.thingsboard.telemetry import Account, read_account

__all__ = ["CONNECT", "EUI", "MS", "RPC", "TELEMETRY", "TIME", "account", "outgoing", "run", "sink_for"]

CONNECT, TELEMETRY, RPC = "v1/gateway/connect", "v1/gateway/telemetry", "v1/gateway/rpc"
EUI = "20635F0108000E09"
TIME = "2020-01-06T12:46:54.285+01:00"
MS = 1578311214285


def run(work: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(6 * DEADLINE_S):
            await work

    asyncio.run(bounded())


def outgoing(f_cnt: int = 1, dev_eui: str = EUI, **payload: Any) -> Outgoing:
    document = {"DevEUI_uplink": {"Time": TIME, "DevEUI": dev_eui, "FCntUp": f_cnt, "payload": payload or {"t": 1.5}}}
    return Outgoing(dev_eui=dev_eui, f_cnt=f_cnt, time=TIME, document=document, body=b"{}")


def account(port: int = 1883, **changes: Any) -> Account:
    configuration = {"hostName": f"tb.example:{port}", "username": "gateway", "password": "HelloWorld"}
    return read_account(configuration | changes)


def sink_for(broker: Broker, **options: Any) -> ThingsBoardSink:
    asked = options.pop("account", account())
    resolve = {("tb.example", asked.port): ("127.0.0.1", broker.port)}
    return ThingsBoardSink(asked, resolve=resolve, **options)
