"""The ThingsBoard sink against the fake ThingsBoard, with which it shares no code."""

from __future__ import annotations

import asyncio

from uplab.fakes.thingsboard.server import ThingsBoardServer
from uplab.simulator.forwarder.destinations.sink import Outgoing
from uplab.simulator.forwarder.destinations.thingsboard.mqtt import ThingsBoardSink
from uplab.simulator.forwarder.destinations.thingsboard.telemetry import Account

TIME, MS = "2020-01-06T12:46:54.285+01:00", 1578311214285


def outgoing(dev_eui: str, f_cnt: int, temperature: float) -> Outgoing:
    content = {
        "Time": TIME,
        "DevEUI": dev_eui,
        "FCntUp": f_cnt,
        "Lrrs": {"Lrr": [{"Lrrid": "00000065"}]},
        "DriverCfg": {"mod": {"pId": "elsys", "mId": "ers", "ver": "1"}},
        "payload": {"temperature": temperature},
    }
    return Outgoing(dev_eui, f_cnt, TIME, {"DevEUI_uplink": content}, b"{}")


def test_devices_are_made_once_and_hold_their_own_values() -> None:
    async def conversation() -> None:
        server = ThingsBoardServer()
        port = await server.listen_mqtt()
        gateway = server.state.provision_gateway("gw", "right")

        def sink(password: str) -> ThingsBoardSink:
            account = Account("127.0.0.1", port, "mqtt", "gw", password)
            return ThingsBoardSink(account, timeout_s=5)

        try:
            assert (await sink("wrong").open()).kind == "authentication_failed"
            link = sink("right")
            assert (await link.open()).ok
            for dev_eui, f_cnt, value in (
                ("00000000000000aa", 1, 1.5),
                ("00000000000000BB", 1, 2.5),
                ("00000000000000AA", 2, 3.5),
            ):
                assert (await link.deliver(outgoing(dev_eui, f_cnt, value))).ok
            await link.close()

            made = {d.name: d for d in server.state.devices_of(gateway.tenant_id) if not d.gateway}
            assert set(made) == {"00000000000000AA", "00000000000000BB"}
            assert {device.type for device in made.values()} == {"elsys:ers"}
            latest = {name: device.series.latest("temperature") for name, device in made.items()}
            assert latest == {
                "00000000000000AA": (MS, 3.5),
                "00000000000000BB": (MS, 2.5),
            }
        finally:
            await server.stop()

    asyncio.run(conversation())
