"""Many clients and many messages: all are served, and what is kept stays bounded.

A million: `UPLAB_MESSAGES=1000000 make test ARGS="tests/fakes/thingsboard/test_load.py -k bounded -rP -o timeout=900"`.
"""

import asyncio
import os
import resource

from tests.fakes.thingsboard.mqtt_client import MqttClient, running
from uplab.fakes.journal import Journal
from uplab.fakes.mqtt import packets as p
from uplab.fakes.mqtt.codec import encode
from uplab.fakes.thingsboard.state.series import Budget

MESSAGES = int(os.environ.get("UPLAB_MESSAGES", "20000"))
CONNECTIONS = 1_000
BATCH = 500


def room_for_files() -> int:
    """How many connections fit, both of their ends in this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * CONNECTIONS + 200
    if hard == resource.RLIM_INFINITY or hard >= wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
        return CONNECTIONS
    return (hard - 200) // 2


def test_a_thousand_devices_are_connected_at_once() -> None:
    count = room_for_files()

    async def story() -> None:
        async with running(Journal()) as (server, port):
            state = server.state
            devices = [state.add_device(state.demo.id, f"D{number}") for number in range(count)]
            clients = []
            for start in range(0, count, 100):
                some = devices[start : start + 100]
                clients += await asyncio.gather(
                    *(MqttClient.connect(port, username=one.credentials.id, password=None) for one in some)
                )
            assert sum(one.connected for one in devices) == count

            topic = "v1/devices/me/telemetry"
            acks = await asyncio.gather(*(one.publish(topic, b'{"ts":1,"values":{"t":1}}') for one in clients))

            assert set(acks) == {p.Puback(7)}
            assert all(one.series.latest("t") == (1, 1) for one in devices)
            for one in clients:
                await one.close()

    asyncio.run(story())


def test_what_is_kept_of_many_messages_is_bounded_and_counted() -> None:
    async def story() -> None:
        budget = Budget(points=10_000, rows_per_device=5_000)
        async with running(Journal(1_000), budget=budget) as (server, port):
            client = await MqttClient.connect(port)
            before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            for start in range(0, MESSAGES, BATCH):
                batch = b"".join(
                    encode(
                        p.Publish(
                            "v1/gateway/telemetry",
                            b'{"D%d":[{"ts":%d,"values":{"t":21.5}}]}' % (number % 20, number + 1),
                            1,
                            number % 60_000 + 1,
                        )
                    )
                    for number in range(start, start + BATCH)
                )
                await client.send(batch)
                for _ in range(BATCH):
                    assert isinstance(await client.next(), p.Puback)
            grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb) / 1024
            print(f"{MESSAGES} messages, {grown_mb:.0f} MB more at most")

            found = server.state.budget
            assert found.kept <= 10_000
            assert found.kept + found.dropped == MESSAGES
            assert grown_mb < 100
            await client.close()

    asyncio.run(story())
