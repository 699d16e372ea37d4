"""A dashboard of the user's: it follows a device over ThingsBoard's WebSocket and sees each value as it comes."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import aiohttp

from uplab.scenarios import CheckFailed

if TYPE_CHECKING:
    from uplab.scenarios import Lab, ThingsBoardAccount

__all__ = ["Dashboard", "following"]

HOST, PORT = "thingsboard.cloud", 443
_ANSWER_S = 10.0


class Dashboard:
    """What one widget was sent of one key of one device, in the order of arrival: (ts in ms, value as text)."""

    def __init__(self, lab: Lab, account: ThingsBoardAccount, device_id: str, key: str) -> None:
        self.points: list[tuple[int, str]] = []
        self._lab, self._account, self._key = lab, account, key
        self._command = {"type": "TIMESERIES", "cmdId": 1, "entityType": "DEVICE", "entityId": device_id, "keys": key}
        self._client: aiohttp.ClientSession | None = None
        self._websocket: aiohttp.ClientWebSocketResponse | None = None
        self._reading: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Log in and subscribe; raises CheckFailed when ThingsBoard does not answer as it promises."""
        address = self._lab.resolve.get(f"{HOST}:{PORT}", f"{HOST}:{PORT}")
        tls = ssl.create_default_context(cafile=str(self._lab.ca_file))
        self._client = aiohttp.ClientSession(trust_env=False)
        try:
            async with asyncio.timeout(_ANSWER_S):
                websocket = self._websocket = await self._client.ws_connect(
                    f"wss://{address}/api/ws", ssl=tls, server_hostname=HOST, headers={"Host": HOST}
                )
                asked = {"authCmd": {"cmdId": 0, "token": self._account.token}, "cmds": [self._command]}
                await websocket.send_json(asked)
                first = await websocket.receive()
        except (aiohttp.ClientError, TimeoutError) as error:
            why = str(error) or f"no answer in {_ANSWER_S:g} s"
            raise CheckFailed(f"ThingsBoard's WebSocket could not be followed: {why}") from None
        if first.type is not aiohttp.WSMsgType.TEXT:
            raise CheckFailed(f"ThingsBoard closed the WebSocket: {websocket.close_code} {first.extra or ''}".rstrip())
        if first.json().get("errorCode"):
            raise CheckFailed(f"ThingsBoard refused the subscription: {first.json().get('errorMsg')}")
        self._reading = asyncio.get_running_loop().create_task(self._read(websocket))

    async def close(self) -> None:
        """Follow it no longer."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        if self._websocket is not None:
            await self._websocket.close()
        if self._client is not None:
            await self._client.close()

    async def _read(self, websocket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in websocket:
            update: dict[str, Any] = message.json()
            self.points += [(ts, value) for ts, value in (update.get("data") or {}).get(self._key, ())]


@contextlib.contextmanager
def following(lab: Lab, account: ThingsBoardAccount, device: str, key: str) -> Iterator[Dashboard]:
    """Follow one key of a device while the block lasts."""
    found = account.device(device)
    if found is None:
        raise CheckFailed(f"ThingsBoard has no device {device}; it has {account.devices()}")
    dashboard = Dashboard(lab, account, found["id"]["id"], key)
    try:
        lab.loop.run(dashboard.open())
        yield dashboard
    finally:
        lab.loop.run(dashboard.close())
