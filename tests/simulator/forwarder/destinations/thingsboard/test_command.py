"""Commands of ThingsBoard on their way to the network server."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.forwarder.lrc_stub import LrcStub
from tests.simulator.forwarder.making import DEV_EUI, HTTP_EXAMPLE, OTHER_EUI, changed
from uplab.simulator.forwarder.destinations.connector import Back
from uplab.simulator.forwarder.destinations.table import CONNECTORS
from uplab.simulator.forwarder.destinations.thingsboard.command import carry_out
from uplab.simulator.forwarder.service import Service
from uplab.simulator.forwarder.settings import read_settings
from uplab.simulator.forwarder.store.store import Store


@pytest.fixture
def lrc() -> Iterator[LrcStub]:
    with LrcStub() as stub:
        yield stub


RPCS: list[tuple[object, dict[str, str] | None, str]] = [
    ({"FPort": 5, "payload_hex": "00ff"}, {"FPort": "5", "Payload": "00ff"}, ""),
    ({"FPort": 5, "payload_hex": "00", "DevEUI": OTHER_EUI}, {"FPort": "5", "DevEUI": DEV_EUI}, ""),
    ("0aff", {"FPort": "9", "Payload": "0aff"}, ""),
    ({"FlushDownlinkQueue": 1}, {"FlushDownlinkQueue": "1"}, ""),
    ({"interval": 5}, None, "cannot be encoded"),
    (True, None, "cannot be encoded"),
    ({"FPort": 0, "payload_hex": "00"}, None, "FPort must be"),
    ("xyz", None, "payload_hex must be"),
]


@pytest.mark.parametrize(("params", "expected", "error"), RPCS, ids=range(len(RPCS)))
def test_command_of_thingsboard_becomes_a_downlink(
    tmp_path: Path, lrc: LrcStub, params: object, expected: dict[str, str] | None, error: str
) -> None:
    async def run() -> dict[str, Any]:
        store = Store(tmp_path / "q")
        service = Service(read_settings(["--network-url", lrc.url], {}), store, "http://127.0.0.1:1", CONNECTORS)
        await service.start()
        shown = await service.create(changed(HTTP_EXAMPLE, destinationURL="http://127.0.0.1:1/", downlinkPort=9))
        matchers = [{"type": "key", "key": f"lora:{DEV_EUI}"}]
        await service.create_flow({"name": "f", "matchers": matchers, "connectors": [{"connectionId": shown["id"]}]})
        try:
            runner = service.runner(shown["id"])
            back = Back(lambda raw: service.downlinks.answer(runner, raw), runner.lost)
            return await carry_out(back, DEV_EUI, "sendDownlink", params)
        finally:
            await service.stop()
            store.close()

    answer = asyncio.run(run())

    if expected is None:
        assert error in answer["error"]
        assert lrc.queries() == []
    else:
        assert answer == {"status": "accepted"}
        assert expected.items() <= lrc.queries()[0].items()
