"""Telemetry over REST whose answer breaks off: its status has decided."""

from __future__ import annotations

import pytest
from aiohttp import web

from tests.simulator.forwarder.destinations.thingsboard.test_rest import opened, outgoing, run, serve


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"200 X\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "delivered"),
        (b"200 X\r\nContent-Length: 1000\r\n\r\n{", "delivered"),
        (b"503 X\r\nContent-Length: 1000\r\n\r\n{", "unreachable"),
        (b"400 X\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "refused"),
    ],
    ids=["200, no chunk", "200, cut off", "503, cut off", "400, no chunk"],
)
def test_status_of_telemetry_decides_whatever_its_body_is(answer: bytes, kind: str) -> None:
    async def conversation() -> None:
        async def broken(request: web.Request) -> web.StreamResponse | None:
            if request.path.startswith("/api/plugins") and request.transport is not None:
                request.transport.write(b"HTTP/1.1 " + answer)
                request.transport.close()
            return None

        async with serve() as platform, opened(platform) as sink:
            platform.script = broken
            assert (await sink.deliver(outgoing())).kind == kind

    run(conversation())
