import asyncio
import contextlib
import ssl
import subprocess
import sys

import pytest
import trustme

from uplab.fakes.doors import Handshakes
from uplab.fakes.posthere.server import PosthereServer

# A client whose library tells why it leaves.
TELLING = """
import socket, ssl, sys
to = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
ssl.create_default_context().wrap_socket(to, server_hostname="posthere.io")
"""


def meet(client: ssl.SSLContext | None, authority: trustme.CA) -> tuple[Handshakes, int]:
    """What the server has seen of one client, and how many connections; None is a client in a process of its own."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("posthere.io").configure_cert(server)
    handshakes = Handshakes()
    handshakes.watch(server)

    async def work() -> int:
        fake = PosthereServer()
        port = await fake.listen(tls=server)
        if client is None:
            command = [sys.executable, "-c", TELLING, str(port)]
            await asyncio.to_thread(subprocess.run, command, capture_output=True, timeout=30, check=False)
        else:
            with contextlib.suppress(ssl.SSLError):
                _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname="posthere.io")
                writer.close()
        await fake.stop()
        return fake.opened

    return handshakes, asyncio.run(work())


def test_client_that_tells_why_it_leaves_is_quoted() -> None:
    handshakes, opened = meet(None, trustme.CA())

    assert (opened, handshakes.broken) == (1, 1)
    [alert] = handshakes.alerts
    assert alert.startswith("posthere.io: ")
    assert "UNKNOWN_CA" in alert


def test_client_that_only_leaves_is_counted() -> None:
    handshakes, opened = meet(ssl.create_default_context(), trustme.CA())

    assert (opened, handshakes.broken) == (1, 1)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_client_that_trusts_it_leaves_nothing_to_say(version: ssl.TLSVersion) -> None:
    authority = trustme.CA()
    client = ssl.create_default_context()
    client.minimum_version = client.maximum_version = version
    authority.configure_trust(client)

    handshakes, opened = meet(client, authority)

    assert (opened, handshakes.broken, handshakes.alerts) == (1, 0, [])
