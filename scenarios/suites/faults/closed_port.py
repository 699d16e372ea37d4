"""A destination that is not there: its port is kept free of others, refuses connections, and may open later."""

import contextlib
import socket
from collections.abc import Iterator

from uplab.fakes.posthere.server import PosthereServer
from uplab.scenarios import Lab, Route

__all__ = ["ClosedPort", "closed_port"]


class ClosedPort:
    """A port of this machine where nobody listens. It stays bound, so that no other program can take it meanwhile."""

    fake = "late posthere"

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._socket = socket.socket()
        # With this option, here and at the listener (asyncio sets it), a port may be bound twice while one listens.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((lab.options.advertise_host, 0))
        self._server = PosthereServer(emit=lab.history.emit, name=self.fake)
        self.host, self.port = self._socket.getsockname()[:2]

    @property
    def base(self) -> str:
        """The address without a path."""
        return f"http://{self.host}:{self.port}"

    def route(self, path: str) -> Route:
        """Where a path leads once the port is open."""
        return Route(self.fake, path)

    def open(self) -> None:
        """From now on a posthere answers there."""
        self._lab.loop.run(self._server.listen(self.host, self.port))

    def close(self) -> None:
        """Gives the port back."""
        self._lab.loop.run(self._server.stop())
        self._socket.close()


@contextlib.contextmanager
def closed_port(lab: Lab) -> Iterator[ClosedPort]:
    """A closed port for one scenario."""
    port = ClosedPort(lab)
    with contextlib.closing(port):
        yield port
