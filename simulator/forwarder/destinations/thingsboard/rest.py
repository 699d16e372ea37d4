"""The ThingsBoard connection over its REST API, for 443 and the other HTTP ports: login, devices by name, telemetry.

The calls are those of ThingsBoard's own REST client: /api/auth/login, X-Authorization, /api/tenant/devices?deviceName=,
/api/device, /api/plugins/telemetry/DEVICE/{id}/timeseries/ANY.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from uplab.simulator.forwarder.destinations.pool import Pool
from uplab.simulator.forwarder.destinations.resolver import Resolver
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing
from uplab.simulator.forwarder.destinations.thingsboard.telemetry import Account, Point, point, telemetry_body
from uplab.simulator.forwarder.resolve import Endpoint

__all__ = ["ThingsBoardRestSink"]

READ_MAX = 65_536  # bytes of an answer that are looked at; ours are a few hundred
UNAUTHORIZED, NOT_FOUND, BAD_REQUEST = 401, 404, 400
ITEM_EXISTS = 31  # errorCode of a device name that is taken (ThingsboardErrorCode)
NOT_NOW = frozenset({429, 502, 503, 504})  # the service says that it did not take it, and to come again
CONNECTIONS_MAX = 64
NO_WAY_BACK = "over HTTPS there is no way back: ThingsBoard pushes commands over MQTT only, at port 1883 or 8883"


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    body: Any

    @property
    def reason(self) -> str:
        """The server's own words: in JSON under `message`, for some errors as plain text."""
        text = self.body.get("message") if isinstance(self.body, dict) else self.body
        return f"{self.status} {text}".strip()[:200] if isinstance(text, str) else str(self.status)

    def text(self, *path: str) -> str:
        """A text in the answer; _RefusedError when it is not there."""
        value = self.body
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        if not isinstance(value, str):
            raise _RefusedError(Answer("refused", self.status, f"the answer has no {'.'.join(path)}"))
        return value


class _RefusedError(Exception):
    """Ends a delivery with an answer, before its telemetry is posted."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.reason)
        self.answer = answer


class ThingsBoardRestSink:
    """Delivers to ThingsBoard's REST API (a Sink): the session is renewed once when it has expired.

    `resolve` maps (lower-case host, port) to where it really is; `tls` verifies the server on https ports (None: the
    system's authorities). Commands from ThingsBoard do not come this way: its REST API pushes none to an account.
    """

    def __init__(
        self,
        account: Account,
        *,
        resolve: Mapping[Endpoint, Endpoint] | None = None,
        ca_file: Path | None = None,
        timeout_s: float = 10.0,
    ) -> None:
        self._account = account
        self._base = f"{account.transport}://{_in_url(account.host)}:{account.port}"
        self._resolve, self._ca_file = resolve or {}, ca_file
        self._timeout_s = timeout_s
        self._session: aiohttp.ClientSession | None = None
        self._token = ""
        self._logging_in = asyncio.Lock()
        self._devices: dict[str, str] = {}

    async def open(self) -> Answer:
        """Log in; what an earlier session knew of devices is forgotten."""
        await self.close()
        try:
            context = ssl.create_default_context(cafile=self._ca_file)
        except OSError as error:
            return Answer("unreachable", reason=f"the authorities cannot be read: {error}")
        self._session = aiohttp.ClientSession(
            connector=Pool(resolver=Resolver(self._resolve), ssl=context, limit=CONNECTIONS_MAX),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept-Encoding": "identity"},
            auto_decompress=False,  # so that a small answer cannot unpack to gigabytes
        )
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._renew(self._token)
        except _RefusedError as refused:
            await self.close()
            return refused.answer
        except (aiohttp.ClientError, OSError, ValueError) as error:
            await self.close()
            return Answer("unreachable", reason=_describe(error, self._timeout_s))
        return Answer("delivered", reason=NO_WAY_BACK)

    async def deliver(self, outgoing: Outgoing) -> Answer:
        """Find or make the device, post the point, and wait for the status."""
        if self._session is None:
            return Answer("unreachable", reason="not connected")
        try:
            made = point(outgoing.dev_eui, outgoing.time, outgoing.document, own_times=self._account.own_times)
            body = telemetry_body(made)
        except (TypeError, ValueError) as error:  # orjson's own error is a TypeError
            return Answer("refused", reason=f"the document cannot be sent as telemetry: {error}")
        deadline = asyncio.get_running_loop().time() + self._timeout_s
        try:
            answer = await self._deliver(made, body, deadline)
            if answer.status == NOT_FOUND:  # the device was deleted since we looked it up
                self._devices.pop(made.device, None)
                answer = await self._deliver(made, body, deadline)
        except _RefusedError as refused:
            return refused.answer
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Answer("unreachable", reason=_describe(error, self._timeout_s))
        return answer

    async def close(self) -> None:
        """End all connections, and forget the session."""
        session, self._session = self._session, None
        self._token, self._devices = "", {}
        if session is not None:
            await session.close()

    async def _deliver(self, made: Point, body: bytes, deadline: float) -> Answer:
        """Post the telemetry; only what fails after that began is unclear, all else is raised."""
        async with asyncio.timeout_at(deadline):
            device = await self._device(made)
        try:
            async with asyncio.timeout_at(deadline):
                path = f"/api/plugins/telemetry/DEVICE/{device}/timeseries/ANY"
                reply = await self._call("POST", path, body, by_status=True)
        except aiohttp.ClientConnectorError:  # nothing was sent on a connection that there is not
            raise
        except (aiohttp.ClientError, OSError) as error:
            return Answer("unclear", reason=_describe(error, self._timeout_s))
        return Answer("delivered", reply.status) if 200 <= reply.status < 300 else _refusal(reply)

    async def _device(self, made: Point) -> str:
        """Return the id of a point's device, made where it is missing and that is allowed."""
        if made.device in self._devices:
            return self._devices[made.device]
        found = await self._find(made.device)
        if found is None:
            if not self._account.create_devices:
                text = f"device {made.device} is unknown and createDevices is false"
                raise _RefusedError(Answer("refused", NOT_FOUND, text))
            found = await self._create(made)
        self._devices[made.device] = found
        return found

    async def _find(self, name: str) -> str | None:
        reply = await self._call("GET", f"/api/tenant/devices?deviceName={name}")
        if reply.status == NOT_FOUND:
            return None
        if reply.status != 200:
            raise _RefusedError(_refusal(reply))
        return reply.text("id", "id")

    async def _create(self, made: Point) -> str:
        body = orjson.dumps({"name": made.device, "type": made.device_type})
        reply = await self._call("POST", "/api/device", body)
        if reply.status == 200:
            return reply.text("id", "id")
        taken = isinstance(reply.body, dict) and reply.body.get("errorCode") == ITEM_EXISTS
        if reply.status == BAD_REQUEST and taken:  # another uplink, or another forwarder, was quicker
            found = await self._find(made.device)
            if found is not None:
                return found
        raise _RefusedError(_refusal(reply))

    async def _call(self, method: str, path: str, body: bytes | None = None, *, by_status: bool = False) -> _Reply:
        """Ask once, and once more with a new session when the old one has expired.

        With `by_status` the status says all, also where the answer's body breaks off.
        """
        token = self._token
        reply = await self._request(method, path, body, token, by_status=by_status)
        if reply.status == UNAUTHORIZED:
            await self._renew(token)
            reply = await self._request(method, path, body, self._token, by_status=by_status)
        return reply

    async def _renew(self, expired: str) -> None:
        """Log in, unless somebody else did so since this token was seen to fail."""
        async with self._logging_in:
            if self._token != expired:
                return
            credentials = orjson.dumps({"username": self._account.username, "password": self._account.password})
            reply = await self._request("POST", "/api/auth/login", credentials, "")
            if reply.status in {UNAUTHORIZED, 403}:
                raise _RefusedError(Answer("authentication_failed", reply.status, reply.reason))
            if reply.status != 200:
                raise _RefusedError(Answer("unreachable", reply.status, f"login failed: {reply.reason}"))
            self._token = reply.text("token")

    async def _request(
        self, method: str, path: str, body: bytes | None, token: str, *, by_status: bool = False
    ) -> _Reply:
        if self._session is None:
            raise _RefusedError(Answer("unreachable", reason="not connected"))
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if token:
            headers["X-Authorization"] = f"Bearer {token}"
        async with self._session.request(
            method, self._base + path, data=body, headers=headers, allow_redirects=False
        ) as response:
            try:
                return _Reply(response.status, _read(await _start_of(response.content)))
            except aiohttp.ClientError:
                if not by_status:
                    raise
                return _Reply(response.status, None)


async def _start_of(content: aiohttp.StreamReader) -> bytes:
    """Read a body to its end, or to where it is no longer of interest."""
    raw = b""
    while len(raw) < READ_MAX and (chunk := await content.read(READ_MAX - len(raw))):
        raw += chunk
    return raw


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _read(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return raw.decode(errors="replace")


def _refusal(reply: _Reply) -> Answer:
    """Say no with the server's words; a session that is refused twice is an account that is."""
    if reply.status == UNAUTHORIZED:
        return Answer("authentication_failed", reply.status, reply.reason)
    return Answer("unreachable" if reply.status in NOT_NOW else "refused", reply.status, reply.reason)


def _describe(error: Exception, timeout_s: float) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer in {timeout_s:g} s"
    return str(error) or type(error).__name__
