from __future__ import annotations

import asyncio
import hashlib
import json
import socket
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import pytest
from pytest_httpserver import HTTPServer
from yarl import URL

from uplab.simulator.clock import ManualClock
from uplab.simulator.errors import SimulatorError
from uplab.simulator.network.downlink_queue import Queued, Rejected
from uplab.simulator.network.lrc import downlink_token
from uplab.simulator.network.tunnel import DOWNLINK_PATH, NetworkRim, Outcome, Tunnel, sign_uplink

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "tunnel-tokens.json").read_text())["uplink"]
AS_ID, KEY = "lab.AS", "F3203a20a2e8dfaf6686b621f56d05e3"
UPLINK = {
    "DevEUI_uplink": {
        "Time": "2026-01-01T00:00:00.000+00:00",
        "DevEUI": "20635F0108000496",
        "FPort": 17,
        "FCntUp": 18,
        "FCntDn": 3,
        "payload_hex": "032c",
        "LrrRSSI": -46.0,
        "CustomerID": "100002167",
    }
}
Hops = list[tuple[str, dict[str, Any]]]


def signed_elements(document: dict[str, Any], elements: str) -> bool:
    """Whether the token of the document is made of these body elements."""
    pairs = sign_uplink(document, as_id=AS_ID, as_key=KEY, time="T", lrn_infos="I")
    query = "&".join(f"{name}={value}" for name, value in pairs[:-1])
    return pairs[-1] == ("Token", hashlib.sha256(f"{elements}{query}{KEY}".encode()).hexdigest())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["name"]))
@pytest.mark.parametrize("number", [int, str])
def test_public_uplink_tokens_are_made(vector: dict[str, Any], number: type) -> None:
    body = {
        "DevEUI": vector["dev_eui"],
        "FPort": number(vector["f_port"]),
        "FCntUp": number(vector["f_cnt_up"]),
        "payload_hex": vector["payload_hex"],
        "CustomerID": vector["customer_id"],
    }

    pairs = sign_uplink(
        {"DevEUI_uplink": body},
        as_id=vector["as_id"],
        as_key=vector["key"],
        time=vector["time"],
        lrn_infos=vector["lrn_infos"],
    )

    assert pairs == [
        ("LrnDevEui", vector["dev_eui"]),
        ("LrnFPort", str(vector["f_port"])),
        ("LrnInfos", vector["lrn_infos"]),
        ("AS_ID", vector["as_id"]),
        ("Time", vector["time"]),
        ("Token", vector["token"]),
    ]


@pytest.mark.parametrize(
    ("root", "body", "elements"),
    [
        (
            "DevEUI_uplink",
            {"DevEUI": "D", "FPort": 1, "FCntUp": 2, "FCntDn": 3, "payload_hex": "", "CustomerID": "C"},
            "CD12",
        ),
        ("DevEUI_uplink", {"DevEUI": "D", "rawJoinRequest": "00", "MType": 0, "CustomerID": "C"}, "CD"),
        ("DevEUI_notification", {"DevEUI": "D", "CustomerID": "C", "FCntDn": 7, "Type": "join"}, "CD7"),
        ("DevEUI_downlink_Sent", {"DevEUI": "D", "FPort": 1, "FCntDn": 7, "FCntUp": 9, "CustomerID": "C"}, "CD17"),
        ("DevEUI_downlink_Rejected", {"DevEUI": "D", "FPort": 1, "DeliveryStatus": 0, "CustomerID": "C"}, "CD1"),
        ("BS_alarm", {"ID": 102, "LrrID": "100001C2", "CustomerID": "C"}, "C"),
    ],
)
def test_each_root_is_signed_with_the_elements_it_has(root: str, body: dict[str, Any], elements: str) -> None:
    assert signed_elements({root: body}, elements)


def test_without_a_port_the_query_has_none() -> None:
    pairs = sign_uplink({"DevEUI_notification": {"DevEUI": "D"}}, as_id=AS_ID, as_key=KEY, time="T", lrn_infos="I")

    assert [name for name, _ in pairs] == ["LrnDevEui", "LrnInfos", "AS_ID", "Time", "Token"]


def post(
    ingress: str, document: dict[str, Any] = UPLINK, *, timeout_s: float = 5.0, traced: bool = False
) -> tuple[Outcome, Hops]:
    hops: Hops = []

    async def run() -> Outcome:
        tunnel = Tunnel(
            ingress=ingress,
            as_id=AS_ID,
            as_key=KEY,
            clock=ManualClock(1_767_225_600.0),
            emit=lambda hop, facts: hops.append((hop, facts)),
            timeout_s=timeout_s,
            traced=traced,
        )
        await tunnel.start()
        try:
            return await tunnel.post(document)
        finally:
            await tunnel.stop()

    return asyncio.run(run()), hops


def test_a_read_2xx_is_accepted(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/ingress", method="POST").respond_with_data("fine", status=202)

    outcome, hops = post(httpserver.url_for("/ingress"))

    assert outcome == Outcome("accepted", 202, "")
    [(request, _)] = httpserver.log
    assert request.get_data() == hops[0][1]["raw"]
    assert request.headers["Content-Type"] == "application/json"
    assert b'"LrrRSSI":-46.0' in request.get_data()


@pytest.mark.parametrize("traced", [True, False])
def test_post_that_is_traced_has_the_header_that_its_hop_tells(httpserver: HTTPServer, traced: bool) -> None:
    httpserver.expect_request("/ingress").respond_with_data("")

    _, [(_, sent), _] = post(httpserver.url_for("/ingress"), traced=traced)

    [(request, _)] = httpserver.log
    assert request.headers.get("traceparent") == sent.get("traceparent")
    assert ("traceparent" in sent) == traced


def test_the_query_is_encoded_as_documented(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/ingress").respond_with_data("")

    _, [(_, sent), _] = post(httpserver.url_for("/ingress"))

    [(request, _)] = httpserver.log
    raw_query = request.query_string.decode()
    assert "Time=2026-01-01T00%3A00%3A00.000%2B00%3A00&Token=" in raw_query
    assert sent["url"] == f"{httpserver.url_for('/ingress')}?{raw_query}"
    expected = sign_uplink(
        UPLINK, as_id=AS_ID, as_key=KEY, time="2026-01-01T00:00:00.000+00:00", lrn_infos=f"{AS_ID}-1-1"
    )
    assert parse_qsl(raw_query) == expected


@pytest.mark.parametrize("status", [301, 400, 403, 503])
def test_another_status_is_refused(httpserver: HTTPServer, status: int) -> None:
    headers = {"Location": "/elsewhere"} if status == 301 else {}
    httpserver.expect_request("/ingress").respond_with_data("no thanks", status=status, headers=headers)

    outcome, _ = post(httpserver.url_for("/ingress"))

    assert outcome == Outcome("refused", status, "no thanks")
    assert len(httpserver.log) == 1


def test_only_the_beginning_of_an_answer_is_kept(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/ingress").respond_with_data("x" * 1_000_000, status=500)

    outcome, _ = post(httpserver.url_for("/ingress"))

    assert outcome.reason == "x" * 300


def test_what_is_secret_goes_before_an_answer_is_cut(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/ingress").respond_with_data("x" * 290 + KEY, status=500, headers={"X-Told": "y"})
    hops: Hops = []

    async def run() -> Outcome:
        tunnel = Tunnel(
            ingress=httpserver.url_for("/ingress"),
            as_id=AS_ID,
            as_key=KEY,
            emit=lambda hop, facts: hops.append((hop, facts)),
            hide=lambda raw: raw.replace(KEY.encode(), b"*" * len(KEY)),
        )
        await tunnel.start()
        try:
            return await tunnel.post(UPLINK)
        finally:
            await tunnel.stop()

    assert asyncio.run(run()).reason == "x" * 290 + "*" * 10
    # The hop has the whole answer: whoever keeps it hides what is secret, and looks for it.
    assert hops[-1][1]["raw"] == b"x" * 290 + KEY.encode()
    assert ["X-Told", "y"] in hops[-1][1]["headers"]


def test_nobody_there_is_refused_as_unreachable() -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening, so that nobody else can be there
        outcome, hops = post(f"http://127.0.0.1:{taken.getsockname()[1]}/ingress")

    assert (outcome.kind, outcome.status) == ("refused", None)
    assert outcome.reason.startswith("unreachable")
    assert [hop for hop, _ in hops] == ["tunnel.sent", "tunnel.answered"]


def address(server: asyncio.Server) -> str:
    return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/ingress"


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def post_to(handler: Handler, **options: Any) -> Outcome:
    """Post to a server that is no good."""

    async def run() -> Outcome:
        served = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await handler(reader, writer)
            finally:
                writer.close()
                served.set()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        tunnel = Tunnel(ingress=address(server), as_id=AS_ID, as_key=KEY, **options)
        await tunnel.start()
        try:
            return await tunnel.post(UPLINK)
        finally:
            await tunnel.stop()
            await served.wait()
            server.close()

    return asyncio.run(run())


async def hang_up(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")


async def hang_up_in_the_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
    await writer.drain()


async def say_nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()  # until the other side gives up


async def talk_nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"220 mail.example.com ESMTP\r\n\r\n")


@pytest.mark.parametrize("handler", [hang_up, say_nothing, talk_nonsense])
def test_no_readable_answer_is_unclear(handler: Handler) -> None:
    outcome = post_to(handler, timeout_s=0.3)

    assert (outcome.kind, outcome.status) == ("unclear", None)
    assert outcome.reason


def test_half_an_accepting_answer_is_unclear() -> None:
    outcome = post_to(hang_up_in_the_answer)

    assert (outcome.kind, outcome.status) == ("unclear", 200)


def test_each_post_is_an_attempt_of_its_own(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/ingress").respond_with_data("")

    _, first = post(httpserver.url_for("/ingress"))
    _, second = post(httpserver.url_for("/ingress"))

    attempts = [facts["attempt"] for _, facts in first + second]
    assert attempts[0] == attempts[1] < attempts[2] == attempts[3]
    answered = dict(first[1][1])
    assert [value for name, value in answered.pop("headers") if name == "Content-Length"] == ["0"]
    assert answered == {"attempt": attempts[0], "outcome": "accepted", "status": 200, "reason": "", "raw": b""}
    assert (first[0][1]["dev_eui"], first[0][1]["f_cnt"]) == ("20635F0108000496", 18)


def test_a_cancelled_post_ends_unclear() -> None:
    hops: Hops = []

    async def run() -> None:
        arrived, served = asyncio.Event(), asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            arrived.set()
            await say_nothing(reader, writer)
            writer.close()
            served.set()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        tunnel = Tunnel(ingress=address(server), as_id=AS_ID, as_key=KEY, emit=lambda *hop: hops.append(hop))
        await tunnel.start()
        task = asyncio.ensure_future(tunnel.post(UPLINK))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await tunnel.stop()
        await served.wait()
        server.close()

    asyncio.run(run())

    assert hops[-1][1]["outcome"] == "unclear"


def test_a_tunnel_that_was_not_started_says_so() -> None:
    with pytest.raises(SimulatorError, match=r"^the tunnel is not started$"):
        asyncio.run(Tunnel(ingress="http://127.0.0.1:1/", as_id=AS_ID, as_key=KEY).post(UPLINK))


def test_many_documents_go_out_at_once(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/ingress").respond_with_data("")

    async def run() -> list[Outcome]:
        tunnel = Tunnel(ingress=httpserver.url_for("/ingress"), as_id=AS_ID, as_key=KEY)
        await tunnel.start()
        try:
            return await asyncio.gather(*[tunnel.post(UPLINK) for _ in range(100)])
        finally:
            await tunnel.stop()

    assert [outcome.kind for outcome in asyncio.run(run())] == ["accepted"] * 100
    assert len(httpserver.log) == 100


class Desk:
    """A network server that takes everything, or nothing."""

    def __init__(self, cause: str | None = None) -> None:
        self.taken: list[tuple[str, int, bytes]] = []
        self.cause = cause

    def enqueue(self, dev_eui: str, f_port: int, payload: bytes, **_: Any) -> Queued | Rejected:
        if self.cause is not None:
            return Rejected(self.cause)
        self.taken.append((dev_eui, f_port, payload))
        return Queued(1)

    def flush(self, dev_eui: str) -> Queued | Rejected:
        raise NotImplementedError


def ask_rim(desk: Desk, query: str, *, path: str = DOWNLINK_PATH) -> tuple[int, str]:
    async def run() -> tuple[int, str]:
        rim = NetworkRim(desk, as_keys={AS_ID: KEY}, clock=ManualClock(1_767_225_600.0))
        await rim.start()
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.post(URL(f"{rim.url}{path}?{query}", encoded=True)) as response,
            ):
                return response.status, await response.text()
        finally:
            await rim.stop()

    return asyncio.run(run())


@pytest.fixture
def query() -> str:
    decoded = f"DevEUI=20635F0108000496&FPort=5&Payload=aabb&AS_ID={AS_ID}&Time=2026-01-01T01:00:00.000+01:00"
    token = downlink_token(decoded, KEY)
    return decoded.replace(":", "%3A").replace("+", "%2B") + f"&Token={token}"


def test_the_rim_queues_a_signed_downlink(query: str) -> None:
    desk = Desk()

    assert ask_rim(desk, query) == (200, "<html><body>Request queued by LRC</body></html>")
    assert desk.taken == [("20635F0108000496", 5, b"\xaa\xbb")]


def test_the_rim_says_why_it_rejects(query: str) -> None:
    assert ask_rim(Desk("device <x> is unknown"), query) == (
        350,
        "<html><body>device &lt;x&gt; is unknown</body></html>",
    )


def test_the_rim_answers_a_malformed_query_with_400() -> None:
    status, text = ask_rim(Desk(), "DevEUI=12")

    assert (status, "DevEUI: expected 16 hexadecimal digits" in text) == (400, True)


def test_the_rim_has_one_door(query: str) -> None:
    assert ask_rim(Desk(), query, path="/thingpark/lrc/rest/uplink")[0] == 404
