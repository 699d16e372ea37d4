import asyncio
from collections.abc import Awaitable, Callable

import pytest

from uplab.fakes.journal import Journal
from uplab.fakes.posthere.server import PosthereServer
from uplab.scenarios.lab.ways.proxy import Proxy, proxy_environment, target_of

POST = b"POST http://posthere.io/bin?a=b HTTP/1.1\r\nHost: posthere.io\r\nX-Site: A\r\nContent-Length: 2\r\n"


@pytest.mark.parametrize(
    ("head", "where", "onward"),
    [
        (b"CONNECT Posthere.io:443 HTTP/1.1\r\nHost: x\r\n\r\n", "posthere.io:443", b""),
        (
            b"POST http://posthere.io/a?b=c HTTP/1.1\r\nHost: posthere.io\r\nProxy-Connection: keep-alive\r\n"
            b"connection: keep-alive\r\nX-Connection: kept\r\n\r\n",
            "posthere.io:80",
            b"POST /a?b=c HTTP/1.1\r\nConnection: close\r\nHost: posthere.io\r\nX-Connection: kept\r\n\r\n",
        ),
        (
            b"GET http://posthere.io:8080 HTTP/1.0\r\n\r\n",
            "posthere.io:8080",
            b"GET / HTTP/1.0\r\nConnection: close\r\n\r\n",
        ),
    ],
)
def test_head_says_where_it_leads_and_what_goes_on(head: bytes, where: str, onward: bytes) -> None:
    assert target_of(head) == (where, onward)


@pytest.mark.parametrize(
    "head",
    [
        b"GET /a HTTP/1.1\r\n\r\n",
        b"GET https://posthere.io/ HTTP/1.1\r\n\r\n",
        b"CONNECT posthere.io HTTP/1.1\r\n\r\n",
        b"CONNECT posthere.io:https HTTP/1.1\r\n\r\n",
        b"GET http://posthere.io:x/ HTTP/1.1\r\n\r\n",
        b"GET http://p\xffsthere.io/ HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01 TLS \r\n\r\n",
        b"\r\n\r\n",
    ],
)
def test_what_is_meant_for_no_proxy_leads_nowhere(head: bytes) -> None:
    assert target_of(head) is None


def test_loopback_and_the_network_server_need_no_proxy() -> None:
    found = proxy_environment("10.0.0.1:8", "http://lab.example:9/")

    assert found["NO_PROXY"] == found["no_proxy"] == "localhost,127.0.0.1,::1,lab.example"


Story = Callable[[Journal, int], Awaitable[None]]


def through_a_proxy(story: Story) -> None:
    async def told() -> None:
        journal = Journal()
        fake = PosthereServer(emit=journal)
        port = await fake.listen()
        proxy = Proxy({"posthere.io:80": f"127.0.0.1:{port}", "closed.example:80": "127.0.0.1:1"})
        try:
            await story(journal, await proxy.start("127.0.0.1"))
        finally:
            await proxy.stop()
            await fake.stop()

    asyncio.run(told())


async def answer_to(port: int, *sent: bytes) -> bytes:
    """Everything that comes back until the other side closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in sent:
        writer.write(part)
        await writer.drain()
    async with asyncio.timeout(20):
        found = await reader.read()
    writer.close()
    return found


def test_request_in_absolute_form_reaches_the_fake_with_its_host_and_headers() -> None:
    async def story(journal: Journal, port: int) -> None:
        answer = await answer_to(port, POST + b"\r\n{", b"}")

        assert answer.startswith(b"HTTP/1.1 200")
        [arrived] = journal.facts("destination.arrived")
        assert (arrived["host"], arrived["url"]) == ("posthere.io", "/bin?a=b")
        assert ["X-Site", "A"] in [list(pair) for pair in arrived["headers"]]

    through_a_proxy(story)


def test_tunnel_is_carried_byte_for_byte_and_stays_open() -> None:
    async def story(journal: Journal, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"CONNECT posthere.io:80 HTTP/1.1\r\nHost: posthere.io:80\r\n\r\n")
        async with asyncio.timeout(20):
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
            for _ in range(2):
                writer.write(b"POST /bin HTTP/1.1\r\nHost: posthere.io\r\nContent-Length: 2\r\n\r\n{}")
                head = await reader.readuntil(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 200")
                fields = dict(one.lower().split(b": ", 1) for one in head.split(b"\r\n")[1:-2])
                await reader.readexactly(int(fields[b"content-length"]))
        assert len(journal.facts("destination.arrived")) == 2
        writer.close()

    through_a_proxy(story)


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET http://nobody.example/ HTTP/1.1", b"502"),
        (b"CONNECT nobody.example:443 HTTP/1.1", b"502"),
        (b"GET http://closed.example/ HTTP/1.1", b"502"),
        (b"GET / HTTP/1.1", b"400"),
    ],
)
def test_what_leads_nowhere_is_answered_by_the_proxy(request_line: bytes, status: bytes) -> None:
    async def story(journal: Journal, port: int) -> None:
        answer = await answer_to(port, request_line + b"\r\nHost: x\r\n\r\n")

        assert answer.split(b" ")[1] == status

    through_a_proxy(story)
