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


def test_measurements_of_one_uplink_are_kept_at_their_own_times() -> None:
    records = [{"eventTime": f"2020-01-06T{hour}:00:00Z", "value": 100 + hour} for hour in (10, 11)]

    async def conversation() -> None:
        server = ThingsBoardServer()
        port = await server.listen_mqtt()
        gateway = server.state.provision_gateway("gw", "right")
        link = ThingsBoardSink(Account("127.0.0.1", port, "mqtt", "gw", "right", own_times=True), timeout_s=5)
        try:
            assert (await link.open()).ok
            one = outgoing("00000000000000AA", 1, 1.5)
            one.document["DevEUI_uplink"]["points"] = {"volume": {"unitId": "l", "records": records}}
            assert (await link.deliver(one)).ok
            await link.close()

            (device,) = [d for d in server.state.devices_of(gateway.tenant_id) if not d.gateway]
            kept = device.series.history("volume", 0, MS + 1, limit=10, newest_first=False)
            assert [tuple(point)[:2] for point in kept] == [(1578304800000, 110), (1578308400000, 111)]
            assert device.series.latest("temperature") == (MS, 1.5)
        finally:
            await server.stop()

    asyncio.run(conversation())
