import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from uplab.fakes.faults import Always, Fault, Status, as_data
from uplab.scenarios.load.files import Tail
from uplab.scenarios.load.workers.destination import Destination

UPLINK = {"DevEUI_uplink": {"DevEUI": "70B3D50000000001", "FCntUp": 3, "Time": "2026-01-01T00:00:01Z"}}
FIRST = {"stream": "arrivals", "host": "127.0.0.1", "hosts": ["load.uplab.test"], "elsewhere": 9}


def played(folder: Path, kind: str, work: Any) -> list[list[Any]]:
    async def play() -> None:
        destination = Destination(lambda _: None)
        first = {**FIRST, "kind": kind, "folder": str(folder), "paths": {"/load-1": 0, "/load-2": 1}}
        port = (await destination.order("begin", first))["port"]
        try:
            await work(destination, port)
        finally:
            await destination.stop()

    asyncio.run(play())
    return list(Tail(folder, "arrivals").read())


def test_each_exchange_is_noted_with_its_place_and_whether_it_was_taken(tmp_path: Path) -> None:
    async def work(destination: Destination, port: int) -> None:
        url = f"http://127.0.0.1:{port}"
        async with aiohttp.ClientSession() as client:
            await client.post(f"{url}/load-2?x=1", json=UPLINK)
            await client.post(f"{url}/other", json=UPLINK)
            await client.post(f"{url}/load-1", data=b"<html>")
            await client.get(f"{url}/load-1")
            fault = Fault("f", Always(), Status(503))
            await destination.order("faults", {"faults": [as_data(fault)]})
            await client.post(f"{url}/load-1", json=UPLINK)
            await destination.order("faults", {"faults": []})
            await destination.order("down", {})
            await destination.order("up", {})
            await client.post(f"{url}/load-1", json=UPLINK)

    found = played(tmp_path, "http", work)

    exchanges = [line for line in found if len(line) == 11]
    assert [(line[0], line[8], line[9]) for line in exchanges] == [
        (1, True, False),
        (9, True, False),
        (0, False, True),
        (0, True, False),
    ]
    assert {tuple(line[1:5]) for line in exchanges} == {("70B3D50000000001", "u", 3, 1_767_225_601_000)}
    assert all(line[6] <= line[7] for line in exchanges)
    assert [line[2] for line in found if len(line) == 3] == ["<html>"]


def test_the_bytes_of_the_last_are_known(tmp_path: Path) -> None:
    async def work(destination: Destination, port: int) -> None:
        async with aiohttp.ClientSession() as client:
            await client.post(f"http://127.0.0.1:{port}/load-1", json=UPLINK)
        destination._arrivals.flush()  # type: ignore[union-attr]
        [line] = Tail(tmp_path, "arrivals").read()
        assert (await destination.order("raw", {"exchange": line[10]}))["raw"] is not None
        assert (await destination.order("raw", {"exchange": -1}))["raw"] is None

    played(tmp_path, "http", work)


def test_telemetry_is_noted_for_each_device_and_ts(tmp_path: Path) -> None:
    async def work(destination: Destination, _port: int) -> None:
        facts = {"fake": "thingsboard", "session": 1, "exchange": 5, "topic": "v1/gateway/telemetry", "qos": 1}
        raw = orjson.dumps({"A": [{"ts": 1, "values": {"FCntUp": 2}}, {"ts": 2, "values": {}}]})
        destination._of_mqtt("destination.published", {**facts, "raw": raw})
        destination._of_mqtt("destination.published", {**facts, "exchange": 6, "raw": raw})
        destination._of_mqtt(
            "destination.published", {**facts, "exchange": 7, "topic": "v1/gateway/connect", "raw": b""}
        )
        destination._of_mqtt("destination.acknowledged", {"exchange": 5, "code": 0})
        destination._of_mqtt("destination.closed", {"session": 1})

    found = played(tmp_path, "thingsboard", work)

    assert [(line[1], line[3], line[4], line[8]) for line in found] == [
        ("A", 2, 1, True),
        ("A", None, 2, True),
        ("A", 2, 1, False),
        ("A", None, 2, False),
    ]
