"""A network server's downlink interface as a test scripts it: plain sockets, the query recorded, the answer given."""

from typing import Self
from urllib.parse import parse_qsl

from tests.simulator.forwarder.destination import HANG, Destination, answer

__all__ = ["LrcStub"]


class LrcStub:
    """Answers downlinks with a status and a text in a page, as the real one does."""

    def __init__(self) -> None:
        self.status: int | None = 200
        self.text = "Request queued by LRC"
        self._socket = Destination(lambda _: self._answer())

    def __enter__(self) -> Self:
        self._socket.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._socket.__exit__(*error)

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self._socket.port}"

    def queries(self) -> list[dict[str, str]]:
        """The decoded queries that arrived."""
        assert all(a.target.startswith("/thingpark/lrc/rest/downlink?") for a in self._socket.arrivals)
        return [dict(parse_qsl(a.target.partition("?")[2], strict_parsing=True)) for a in self._socket.arrivals]

    def _answer(self) -> bytes | str:
        if self.status is None:
            return HANG
        return answer(self.status, f"<html><body>{self.text}</body></html>".encode())
