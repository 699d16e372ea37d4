"""Who begins a request to the network server and does not end it is put out."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from yarl import URL

from uplab.simulator.network import tunnel
from uplab.simulator.network.downlink_queue import Queued, Rejected
from uplab.simulator.network.tunnel import DOWNLINK_PATH, NetworkRim


@pytest.mark.parametrize("half", [b"P", f"POST {DOWNLINK_PATH} HTTP/1.1\r\nHost: x\r\n".encode()])
def test_half_a_request_to_the_network_server_is_put_out(monkeypatch: pytest.MonkeyPatch, half: bytes) -> None:
    monkeypatch.setattr(tunnel, "HEAD_S", 0.2)

    async def run() -> bytes:
        rim = NetworkRim(_NoQueues(), as_keys={})
        await rim.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", URL(rim.url).port)
        try:
            whole = f"POST {DOWNLINK_PATH}?DevEUI=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode()
            writer.write(whole)
            first = await reader.readuntil(b"</html>")
            writer.write(half)
            async with asyncio.timeout(30):
                return first[:12] + await reader.read()
        finally:
            writer.close()
            await rim.stop()

    assert asyncio.run(run()) == b"HTTP/1.1 400"


class _NoQueues:
    def enqueue(self, *_arguments: Any, **_more: Any) -> Queued | Rejected:
        raise AssertionError("nothing is queued")

    def flush(self, dev_eui: str) -> Queued | Rejected:
        raise AssertionError(dev_eui)
