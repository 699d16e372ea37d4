"""The ThingsBoard REST sink against a scripted HTTP server on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web

from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing
from uplab.simulator.forwarder.destinations.thingsboard.rest import ThingsBoardRestSink
from uplab.simulator.forwarder.destinations.thingsboard.telemetry import read_account

EUI = "20635F0108000E09"
TIME = "2020-01-06T12:46:54.285+01:00"
POINT = {"ts": 1578311214285, "values": {"t": 1.5, "fCntUp": 1}}

Script = Callable[[web.Request], Awaitable[web.StreamResponse | None]]


async def by_the_book(_: web.Request) -> web.StreamResponse | None:
    return None


@dataclass
class Platform:
    """ThingsBoard's answers by the book, and a script that may come first."""

    port: int = 0
    password: str = "HelloWorld"
    token: str = "token-1"
    logins: int = 0
    devices: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    points: list[tuple[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    script: Script = by_the_book

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.calls.append(f"{request.method} {request.path_qs}")
        scripted = await self.script(request)
        if scripted is not None:
            return scripted
        if request.path == "/api/auth/login":
            return await self._login(request)
        if request.headers.get("X-Authorization") != f"Bearer {self.token}":
            return web.json_response({"status": 401, "message": "Token has expired", "errorCode": 11}, status=401)
        if request.path == "/api/tenant/devices":
            name = request.query["deviceName"]
            if name in self.devices:
                return web.json_response({"id": {"entityType": "DEVICE", "id": self.devices[name]}, "name": name})
            return web.json_response({"message": "Requested item wasn't found!", "errorCode": 32}, status=404)
        if request.path == "/api/device":
            return await self._create(request)
        return await self._telemetry(request)

    async def _login(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body != {"username": "me@example.com", "password": self.password}:
            return web.json_response({"message": "Invalid username or password", "errorCode": 10}, status=401)
        self.logins += 1
        self.token = f"token-{self.logins}"
        return web.json_response({"token": self.token, "refreshToken": "r"})

    async def _create(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body["name"] in self.devices:
            text = "Device with such name already exists!"
            return web.json_response({"message": text, "errorCode": 31}, status=400)
        self.devices[body["name"]] = f"id-{len(self.devices)}"
        self.types[body["name"]] = body["type"]
        return web.json_response({"id": {"entityType": "DEVICE", "id": self.devices[body["name"]]}})

    async def _telemetry(self, request: web.Request) -> web.Response:
        device = request.path.split("/")[5]
        if device not in self.devices.values():
            return web.Response(status=404, text="Device with requested id wasn't found!")
        self.points.append((device, await request.json()))
        return web.Response()


@contextlib.asynccontextmanager
async def serve(tls: ssl.SSLContext | None = None) -> AsyncIterator[Platform]:
    platform = Platform()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", platform.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    platform.port = runner.addresses[0][1]
    try:
        yield platform
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def opened(platform: Platform, **changes: Any) -> AsyncIterator[ThingsBoardRestSink]:
    sink = sink_for(platform, **changes)
    assert "there is no way back" in (await sink.open()).reason
    yield sink
    await sink.close()


def sink_for(
    platform: Platform, *, port: int = 8080, ca_file: Path | None = None, timeout_s: float = 5.0, **changes: Any
) -> ThingsBoardRestSink:
    configuration = {"hostName": f"tb.example:{port}", "username": "me@example.com", "password": "HelloWorld"}
    resolve = {("tb.example", port): ("127.0.0.1", platform.port)}
    return ThingsBoardRestSink(
        read_account(configuration | changes), resolve=resolve, ca_file=ca_file, timeout_s=timeout_s
    )


def outgoing(dev_eui: str = EUI) -> Outgoing:
    document = {"DevEUI_uplink": {"Time": TIME, "DevEUI": dev_eui, "FCntUp": 1, "payload": {"t": 1.5}}}
    return Outgoing(dev_eui=dev_eui, f_cnt=1, time=TIME, document=document, body=b"{}")


def run(work: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(20):
            await work

    asyncio.run(bounded())


def at(path: str, answer: Callable[[], web.StreamResponse], times: int = 1_000_000) -> Script:
    """Answer a path so, the first `times` times."""
    left = [times]

    async def script(request: web.Request) -> web.StreamResponse | None:
        if request.path.startswith(path) and left[0]:
            left[0] -= 1
            return answer()
        return None

    return script


def hang_at(path: str) -> Script:
    async def script(request: web.Request) -> web.StreamResponse | None:
        if request.path.startswith(path):
            await asyncio.Event().wait()
        return None

    return script


def test_device_is_made_once_and_gets_its_points() -> None:
    async def conversation() -> None:
        async with serve() as platform, opened(platform) as sink:
            answers = [await sink.deliver(outgoing()), await sink.deliver(outgoing(EUI.lower()))]

            assert answers == [Answer("delivered", 200), Answer("delivered", 200)]
            assert platform.devices == {EUI: "id-0"}
            assert platform.types == {EUI: "lorawan"}
            assert platform.points == [("id-0", POINT), ("id-0", POINT)]
            assert len([call for call in platform.calls if call.startswith("GET")]) == 1

    run(conversation())


def test_existing_device_is_found_not_made() -> None:
    async def conversation() -> None:
        async with serve() as platform, opened(platform, createDevices=False) as sink:
            platform.devices[EUI] = "mine"

            assert (await sink.deliver(outgoing())).ok

            assert platform.points == [("mine", POINT)]
            assert "POST /api/device" not in platform.calls

    run(conversation())


def test_unknown_device_is_refused_when_devices_may_not_be_made() -> None:
    async def conversation() -> None:
        async with serve() as platform, opened(platform, createDevices=False) as sink:
            answer = await sink.deliver(outgoing())

            assert answer == Answer("refused", 404, f"device {EUI} is unknown and createDevices is false")
            assert platform.devices == {}

    run(conversation())


def test_device_that_another_made_meanwhile_is_used() -> None:
    async def conversation() -> None:
        async with serve() as platform, opened(platform) as sink:
            missing = web.json_response({"message": "Requested item wasn't found!", "errorCode": 32}, status=404)
            platform.devices[EUI] = "theirs"
            platform.script = at("/api/tenant/devices", lambda: missing, times=1)

            assert (await sink.deliver(outgoing())).ok
            assert platform.points == [("theirs", POINT)]

    run(conversation())


def test_deleted_device_is_made_again() -> None:
    async def conversation() -> None:
        async with serve() as platform, opened(platform) as sink:
            await sink.deliver(outgoing())
            platform.devices.clear()
            platform.devices["another"] = "id-9"

            assert (await sink.deliver(outgoing())).ok
            assert platform.points[-1] == (platform.devices[EUI], POINT)

    run(conversation())


def test_expired_session_is_renewed_once_for_all() -> None:
    async def conversation() -> None:
        async with serve() as platform, opened(platform) as sink:
            await sink.deliver(outgoing())
            platform.token = "another"

            answers = await asyncio.gather(*(sink.deliver(outgoing()) for _ in range(20)))

            assert {answer.kind for answer in answers} == {"delivered"}
            assert len(platform.points) == 21
            assert platform.logins == 2

    run(conversation())


def test_session_that_cannot_be_renewed_is_an_account_failure() -> None:
    async def conversation() -> None:
        async with serve() as platform, opened(platform) as sink:
            platform.token, platform.password = "another", "changed"

            answer = await sink.deliver(outgoing())

            assert answer == Answer("authentication_failed", 401, "401 Invalid username or password")
            assert platform.points == []

    run(conversation())


def test_session_refused_right_after_login_is_an_account_failure() -> None:
    async def conversation() -> None:
        async with serve() as platform, opened(platform) as sink:
            platform.script = at("/api/tenant", lambda: web.Response(status=401))
            assert (await sink.deliver(outgoing())).kind == "authentication_failed"
            assert platform.logins == 2

    run(conversation())


def test_wrong_password_is_told_apart_and_a_right_one_recovers() -> None:
    async def conversation() -> None:
        async with serve() as platform:
            platform.password = "another"
            sink = sink_for(platform)

            assert await sink.open() == Answer("authentication_failed", 401, "401 Invalid username or password")
            assert (await sink.deliver(outgoing())).kind == "unreachable"

            platform.password = "HelloWorld"
            assert (await sink.open()).ok
            await sink.close()

    run(conversation())


def test_nobody_listening_is_unreachable() -> None:
    async def conversation() -> None:
        async with serve() as platform:
            sink = sink_for(platform)
        assert (await sink.open()).kind == "unreachable"

    run(conversation())


@pytest.mark.parametrize("status", [302, 404, 500, 503])
def test_login_that_is_no_login_is_unreachable(status: int) -> None:
    async def conversation() -> None:
        async with serve() as platform:
            platform.script = at("/api/auth/login", lambda: web.Response(status=status, headers={"Location": "/x"}))
            answer = await sink_for(platform).open()
            assert (answer.kind, answer.status) == ("unreachable", status)
            assert platform.calls == ["POST /api/auth/login"], "a redirect must not be followed"

    run(conversation())


def test_hanging_login_is_unreachable_in_time() -> None:
    async def conversation() -> None:
        async with serve() as platform:
            platform.script = hang_at("/api/auth/login")
            assert await sink_for(platform, timeout_s=0.3).open() == Answer("unreachable", reason="no answer in 0.3 s")

    run(conversation())


@pytest.mark.parametrize(("path", "kind"), [("/api/tenant", "unreachable"), ("/api/plugins", "unclear")])
def test_hanging_answer_is_unclear_only_once_telemetry_is_posted(path: str, kind: str) -> None:
    async def conversation() -> None:
        async with serve() as platform, opened(platform, timeout_s=0.3) as sink:
            platform.script = hang_at(path)
            answer = await sink.deliver(outgoing())
            assert (answer.kind, answer.reason) == (kind, "no answer in 0.3 s")

    run(conversation())


def test_connection_cut_under_telemetry_is_unclear() -> None:
    async def conversation() -> None:
        async def cut(request: web.Request) -> web.StreamResponse | None:
            if request.path.startswith("/api/plugins") and request.transport is not None:
                request.transport.abort()
            return None

        async with serve() as platform, opened(platform) as sink:
            platform.script = cut
            assert (await sink.deliver(outgoing())).kind == "unclear"

    run(conversation())


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, "refused"), (403, "refused"), (500, "refused"), (429, "unreachable"), (503, "unreachable")],
)
def test_refused_telemetry_carries_status_and_words(status: int, kind: str) -> None:
    async def conversation() -> None:
        async with serve() as platform, opened(platform) as sink:
            platform.script = at("/api/plugins", lambda: web.json_response({"message": "No."}, status=status))
            answer = await sink.deliver(outgoing())
            assert (answer.kind, answer.status, answer.reason) == (kind, status, f"{status} No.")

    run(conversation())


def test_plain_text_error_is_told_and_cut_and_never_unpacked() -> None:
    async def conversation() -> None:
        async with serve() as platform, opened(platform) as sink:
            platform.script = at("/api/plugins", lambda: web.Response(status=400, text="x" * 1_000_000))
            assert len((await sink.deliver(outgoing())).reason) == 200
            packed, encoded = gzip.compress(b"bomb" * 1000), {"Content-Encoding": "gzip"}
            platform.script = at("/api/plugins", lambda: web.Response(status=400, body=packed, headers=encoded))
            assert "bombbomb" not in (await sink.deliver(outgoing())).reason

    run(conversation())


def test_answer_without_an_id_is_refused() -> None:
    async def conversation() -> None:
        async with serve() as platform, opened(platform) as sink:
            platform.script = at("/api/tenant", lambda: web.json_response({"id": "flat"}))
            assert await sink.deliver(outgoing()) == Answer("refused", 200, "the answer has no id.id")

    run(conversation())


def test_document_without_time_is_refused() -> None:
    async def conversation() -> None:
        async with serve() as platform, opened(platform) as sink:
            answer = await sink.deliver(Outgoing(EUI, 1, "yesterday", {"t": 1}, b"{}"))
            assert answer.kind == "refused"
            assert platform.calls == ["POST /api/auth/login"]

    run(conversation())


@pytest.mark.parametrize(("name", "kind"), [("tb.example", "delivered"), ("other.example", "unreachable")])
def test_port_443_is_verified_by_the_configured_name(name: str, kind: str, tmp_path: Path) -> None:
    async def conversation() -> None:
        authority = trustme.CA()
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(server)
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        async with serve(server) as platform:
            sink = sink_for(platform, port=443, ca_file=tmp_path / "ca.pem")
            assert (await sink.open()).kind == kind
            await sink.close()

    run(conversation())


def test_unreadable_authorities_are_told(tmp_path: Path) -> None:
    async def conversation() -> None:
        async with serve() as platform:
            answer = await sink_for(platform, port=443, ca_file=tmp_path / "none.pem").open()
            assert answer.kind == "unreachable"
            assert answer.reason.startswith("the authorities cannot be read")

    run(conversation())
