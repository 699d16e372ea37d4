"""Hosts whose certificates no client may trust, and one where nobody listens: nothing may arrive at any of them."""

import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import trustme

from uplab.fakes.hosts import Hosts
from uplab.fakes.posthere.server import PosthereServer
from uplab.scenarios.lab.loop import LoopThread
from uplab.scenarios.lab.ports import listening

__all__ = [
    "EXPIRED",
    "FALSE_HOSTS",
    "NOBODY",
    "NOBODYS_PORTS",
    "PORTS",
    "UNKNOWN_AUTHORITY",
    "WRONG_HOST",
    "FalseHosts",
]

UNKNOWN_AUTHORITY = "unknown-authority.uplab.test"
WRONG_HOST = "wrong-host.uplab.test"
EXPIRED = "expired.uplab.test"
FALSE_HOSTS = (UNKNOWN_AUTHORITY, WRONG_HOST, EXPIRED)
NOBODY = "nobody.uplab.test"  # refuses connections at every documented port
NOBODYS_PORTS = (80, 443, 1883, 8883)

FIRST_PORT = 16  # after those of the lab itself, where the ports are fixed
CLOSED_PORT = FIRST_PORT + len(FALSE_HOSTS)
PORTS = CLOSED_PORT + 2  # so many fixed ports the lab has, with that of its proxy


class FalseHosts:
    """A posthere behind three names, each with a certificate wrong in its own way: what arrives was not verified."""

    name = "false host"

    def __init__(self, authority: trustme.CA, *, emit: Callable[[str, dict[str, Any]], None], advertise: str) -> None:
        """`advertise` is the host of direct addresses: two certificates name it too, so that one thing is wrong."""
        self._server = PosthereServer(emit=emit, name=self.name)
        self._closed = socket.socket()
        now = datetime.now(UTC)
        self._certificates = {
            UNKNOWN_AUTHORITY: trustme.CA(organization_name="nobody knows it").issue_cert(UNKNOWN_AUTHORITY, advertise),
            WRONG_HOST: authority.issue_cert("another-host.uplab.test"),
            EXPIRED: authority.issue_cert(
                EXPIRED, advertise, not_before=now - timedelta(days=30), not_after=now - timedelta(days=1)
            ),
        }

    @property
    def hosts(self) -> Hosts:
        """The names that would be answered, if any client came so far."""
        return self._server.hosts

    def start(self, loop: LoopThread, bind: str, advertise: str, *, base_port: int = 0) -> dict[str, str]:
        """Opens the sites and says where each name leads; PortError when an address cannot be had."""
        found: dict[str, str] = {}
        for index, (host, certificate) in enumerate(self._certificates.items()):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
            port = base_port + FIRST_PORT + index if base_port else 0
            with listening(bind, port, name=host, first=base_port, count=PORTS):
                address = f"{advertise}:{loop.run(self._server.listen(bind, port, context))}"
            # No client that verifies comes as far as to notice that MQTT is not what is spoken here.
            found |= {f"{host}:443": address, f"{host}:8883": address}
        # Bound and never listened at, so that it stays closed: no other program can take it.
        port = base_port + CLOSED_PORT if base_port else 0
        with listening(bind, port, name=NOBODY, first=base_port, count=PORTS):
            self._closed.bind((bind, port))
        closed = f"{advertise}:{self._closed.getsockname()[1]}"
        return found | {f"{NOBODY}:{port}": closed for port in NOBODYS_PORTS}

    def stop(self, loop: LoopThread) -> None:
        """Closes the sites."""
        self._closed.close()
        loop.run(self._server.stop(), timeout_s=10)
