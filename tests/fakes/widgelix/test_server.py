"""The fake Widgelix on real sockets, used by httpx."""

import asyncio
import io
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import httpx
import orjson
import pytest
import trustme
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from tests.fakes.widgelix.make import EUI, ManualClock, counted_tokens, uplink
from uplab.fakes.behaviour import Behaviour
from uplab.fakes.faults import Fault, Nth, Status
from uplab.fakes.journal import Journal
from uplab.fakes.messages import Answer, Request, text_answer
from uplab.fakes.web import WebRim
from uplab.fakes.widgelix.documents import parse
from uplab.fakes.widgelix.server import WidgelixServer

INGEST = "/v1/input-node/actility"


class User:
    """Somebody at the REST API of a running fake."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def log_in(self) -> None:
        answer = await self.http.post("/api/login", json={"email": "demo@widgelix.example", "password": "demo"})
        self.http.headers["Authorization"] = f"Bearer {answer.json()['token']}"

    async def device(self, dev_eui: str = EUI) -> str:
        made = (await self.http.post("/api/device-types/load", json={"name": "ELSYS-ERS"})).json()
        members = {"name": "Room", "deviceId": dev_eui, "deviceTypeId": made["id"]}
        return str((await self.http.post("/api/devices", json=members)).json()["id"])

    async def key(self, device: str) -> str:
        answer = await self.http.post(f"/api/devices/{device}/connectivity/token")
        return str(answer.json()["accessToken"])

    async def deliver(self, key: str, body: bytes) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        return await self.http.post(INGEST, content=body, headers=headers)

    async def downlink(self, device: str, url: str, payload_hex: str = "00ff") -> dict[str, Any]:
        """Send a downlink and return it when its POST has ended."""
        await self.http.put(f"/api/devices/{device}/connectivity", json={"downlinkUrl": url, "downlinkPort": 5})
        sent = await self.http.post(f"/api/devices/{device}/downlinks", json={"payload_hex": payload_hex})
        assert sent.status_code == 202
        async with asyncio.timeout(10):
            while True:
                listed = (await self.http.get(f"/api/devices/{device}/downlinks")).json()["downlinks"]
                if listed[0]["status"] != "pending":
                    return dict(listed[0])


@asynccontextmanager
async def running(**settings_: Any) -> AsyncIterator[tuple[WidgelixServer, User]]:
    """A fake that listens, and somebody who is logged in."""
    server = WidgelixServer(clock=ManualClock(), new_token=counted_tokens(), **settings_)
    port = await server.listen()
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as http:
            user = User(http)
            await user.log_in()
            yield server, user
    finally:
        await server.stop()


Handle = Callable[[Request], Answer | Awaitable[Answer]]


@asynccontextmanager
async def forwarder(handle: Handle, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A stand-in for the other end of a downlink; gives its port."""
    rim = WebRim(handle, name="forwarder")
    port = await rim.listen(tls=tls)
    try:
        yield port
    finally:
        await rim.stop()


def test_uplink_travels_to_the_report() -> None:
    async def scenario() -> None:
        async with running() as (_, user):
            device = await user.device()
            key = await user.key(device)

            assert (await user.deliver(key, uplink())).status_code == 200
            report = await user.http.get(f"/api/devices/{device}/report?fields=temperature,motion&range=week")

            assert report.status_code == 200
            assert report.headers["Content-Disposition"].endswith(f'filename="report-{EUI}-20260102T000000Z.xlsx"')
            book = CalamineWorkbook.from_filelike(io.BytesIO(report.content))
            assert book.get_sheet_by_name("Report").to_python() == [
                ["Time (UTC)", "temperature", "motion"],
                [datetime(2026, 1, 1, 12, 0, 0, 123000), 22.6, 6.0],  # noqa: DTZ001 - Excel's dates have no zone
            ]

    asyncio.run(scenario())


def test_ingest_is_answered_while_a_report_is_written() -> None:
    async def scenario() -> None:
        async with running() as (server, user):
            device = await user.device()
            key = await user.key(device)
            known = server.state.devices("Demo organisation")[0]
            for number in range(30_000):
                minute, second = divmod(number, 60)
                time = f"2026-01-01T{minute // 60 % 24:02}:{minute % 60:02}:{second:02}.{minute // 1440}Z"
                server.state.accept(known, parse(uplink(Time=time, FCntUp=number)))

            report = asyncio.create_task(user.http.get(f"/api/devices/{device}/report?fields=temperature"))
            answered = 0
            while not report.done():
                assert (await user.deliver(key, uplink(FCntUp=99))).status_code == 200
                answered += 1

            # A report of this size takes seconds; were the loop held up by it, one or two would come through.
            assert (await report).status_code == 200
            assert answered > 20

    asyncio.run(scenario())


def test_pages_are_served_beside_the_api() -> None:
    async def scenario() -> None:
        async with running() as (_, user):
            del user.http.headers["Authorization"]
            form = {"email": "demo@widgelix.example", "password": "demo"}
            page = await user.http.post("/login", data=form, follow_redirects=True)

            assert page.url.path == "/devices"
            assert "Add Device" in page.text

    asyncio.run(scenario())


def test_plain_and_tls_sites_serve_the_same_state() -> None:
    async def scenario() -> None:
        authority = trustme.CA()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("app.widgelix.com", "127.0.0.1").configure_cert(context)
        trusting = ssl.create_default_context()
        authority.configure_trust(trusting)
        async with running() as (server, user):
            key = await user.key(await user.device())
            port = await server.listen(tls=context)

            async with httpx.AsyncClient(verify=trusting) as http:
                headers = {"Authorization": f"Bearer {key}"}
                answer = await http.post(f"https://127.0.0.1:{port}{INGEST}", content=uplink(), headers=headers)

            assert answer.status_code == 200
            assert len(server.state.devices("Demo organisation")[0].history) == 1

    asyncio.run(scenario())


def test_delivery_is_emitted_with_its_bytes() -> None:
    async def scenario() -> None:
        journal = Journal()
        async with running(emit=journal) as (_, user):
            key = await user.key(await user.device())
            journal.clear()

            await user.deliver(key, uplink())
            (arrived,) = journal.facts("destination.arrived")

        (answered,) = journal.facts("destination.answered")
        assert (arrived["fake"], arrived["method"], arrived["url"]) == ("widgelix", "POST", INGEST)
        assert arrived["raw"] == uplink()
        assert (answered["exchange"], answered["status"], answered["written"]) == (arrived["exchange"], 200, True)

    asyncio.run(scenario())


def test_faults_meet_deliveries_only() -> None:
    async def scenario() -> None:
        async with running() as (server, user):
            device = await user.device()
            key = await user.key(device)
            server.behaviour = Behaviour([Fault("once", Nth(1), Status(503))])

            assert (await user.http.get(f"/api/devices/{device}")).status_code == 200
            assert [(await user.deliver(key, uplink())).status_code for _ in range(2)] == [503, 200]
            assert (await user.http.get(f"/api/devices/{device}/history")).json()["total"] == 1

    asyncio.run(scenario())


def test_downlink_goes_where_the_table_says() -> None:
    async def scenario() -> None:
        received: list[Request] = []

        def take(request: Request) -> Answer:
            received.append(request)
            return text_answer(202, "queued")

        table: dict[str, str] = {}
        async with forwarder(take) as port, running(resolve=table) as (_, user):
            table["community.thingpark.com:80"] = f"127.0.0.1:{port}"  # the table is read when it is needed
            device = await user.device()

            downlink = await user.downlink(device, "http://community.thingpark.com/iot-flow/downlinkMessages/1")

        assert (downlink["status"], downlink["httpStatus"], downlink["detail"]) == ("sent", 202, "queued")
        (request,) = received
        assert (request.method, request.url, request.host) == (
            "POST",
            "/iot-flow/downlinkMessages/1",
            "community.thingpark.com",
        )
        assert request.header("content-type") == "application/json"
        content = orjson.loads(request.body)["DevEUI_downlink"]
        assert (content["DevEUI"], content["FPort"], content["payload_hex"]) == (EUI, 5, "00ff")

    asyncio.run(scenario())


def test_downlink_over_tls_trusts_the_given_authority() -> None:
    async def scenario() -> None:
        authority = trustme.CA()
        context, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
        authority.issue_cert("community.thingpark.com").configure_cert(context)
        url = "https://community.thingpark.com/x"
        async with forwarder(lambda _: text_answer(202, ""), context) as port:
            table = {"community.thingpark.com:443": f"127.0.0.1:{port}"}
            async with running(resolve=table, trust=trusting) as (_, user):
                assert (await user.downlink(await user.device(), url))["status"] == "failed"
            authority.configure_trust(trusting)
            async with running(resolve=table, trust=trusting) as (_, user):
                assert (await user.downlink(await user.device(), url))["status"] == "sent"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("answer", "status", "detail"),
    [
        (text_answer(404, "unknown"), 404, "unknown"),
        (Answer(302, b"", (("Location", "/elsewhere"),)), 302, None),
        (text_answer(500, "x" * 5000), 500, "x" * 500),
    ],
)
def test_refused_downlink_shows_the_answer(answer: Answer, status: int, detail: str | None) -> None:
    async def scenario() -> None:
        async with forwarder(lambda _: answer) as port, running() as (_, user):
            downlink = await user.downlink(await user.device(), f"http://127.0.0.1:{port}/x")

        assert (downlink["status"], downlink["httpStatus"], downlink["detail"]) == ("refused", status, detail)

    asyncio.run(scenario())


def test_downlink_to_nobody_fails_with_the_reason() -> None:
    async def scenario() -> None:
        async with forwarder(lambda _: Answer()) as port:
            pass
        async with running() as (_, user):
            downlink = await user.downlink(await user.device(), f"http://127.0.0.1:{port}/x")

        assert (downlink["status"], downlink["httpStatus"]) == ("failed", None)
        assert str(port) in downlink["detail"]

    asyncio.run(scenario())


@pytest.mark.parametrize("end", ["clear", "stop"])
def test_downlink_under_way_is_given_up(end: str) -> None:
    async def scenario() -> None:
        arrived = asyncio.Event()

        async def never(_: Request) -> Answer:
            arrived.set()
            await asyncio.Event().wait()
            return Answer()

        async with forwarder(never) as port, running() as (server, user):
            device = await user.device()
            members = {"downlinkUrl": f"http://127.0.0.1:{port}/x"}
            await user.http.put(f"/api/devices/{device}/connectivity", json=members)
            await user.http.post(f"/api/devices/{device}/downlinks", json={"payload_hex": "00"})
            async with asyncio.timeout(10):
                await arrived.wait()
                (post,) = [task for task in asyncio.all_tasks() if task.get_name() == "widgelix.downlink"]
                if end == "clear":
                    server.clear()
                else:
                    await server.stop()
                await asyncio.wait([post])
            assert post.cancelled()

    asyncio.run(scenario())


def test_clear_forgets_devices_and_sessions() -> None:
    async def scenario() -> None:
        async with running() as (server, user):
            key = await user.key(await user.device())

            server.clear()

            assert (await user.deliver(key, uplink())).status_code == 401
            assert (await user.http.get("/api/devices")).status_code == 401
            await user.log_in()
            assert (await user.http.get("/api/devices")).json() == []

    asyncio.run(scenario())


def test_stopped_fake_can_listen_again() -> None:
    async def scenario() -> None:
        async with running() as (server, user):
            await user.device()
            await server.stop()
            port = await server.listen()

            async with httpx.AsyncClient(headers=user.http.headers) as http:
                devices = (await http.get(f"http://127.0.0.1:{port}/api/devices")).json()
            assert [device["deviceId"] for device in devices] == [EUI]

    asyncio.run(scenario())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.binary(max_size=300) | st.binary(max_size=80).map(lambda raw: uplink(payload_hex=raw.hex())), max_size=5
    )
)
def test_no_body_makes_the_ingest_fail(bodies: list[bytes]) -> None:
    async def scenario() -> None:
        async with running() as (_, user):
            key = await user.key(await user.device())
            for body in bodies:
                assert (await user.deliver(key, body)).status_code in (200, 400)

    asyncio.run(scenario())
