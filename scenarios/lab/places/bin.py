"""A posthere bin, read over its public page and JSON as a user reads it."""

from dataclasses import dataclass
from typing import Any

import httpx

__all__ = ["Bin", "Request"]


@dataclass(frozen=True, slots=True)
class Request:
    """One request that a bin shows."""

    method: str
    status: int
    headers: dict[str, str]
    body: str


class Bin:
    """One bin at its own address, such as https://posthere.io/4b19-48f6-94cc."""

    def __init__(self, client: httpx.Client, url: str) -> None:
        self._client = client
        self.url = url

    @property
    def path(self) -> str:
        """Where it stands at the service, such as /4b19-48f6-94cc."""
        return httpx.URL(self.url).path

    def requests(self) -> list[Request]:
        """What the bin has taken, oldest first; header names in lower case."""
        return [
            Request(r["method"], r["status"], {k.lower(): v for k, v in r["headers"].items()}, r["body"])
            for r in reversed(self._json(self.url))
            if not r.get("missed")
        ]

    def others(self) -> list[str]:
        """The names of every other bin of the service that holds anything."""
        root = httpx.URL(self.url).copy_with(raw_path=b"/")
        own = httpx.URL(self.url).path.strip("/")
        return [found["name"] for found in self._json(str(root)) if found["name"].strip("/") != own and found["count"]]

    def page(self) -> str:
        """The page for people."""
        response = self._client.get(self.url, headers={"Accept": "text/html"})
        response.raise_for_status()
        return response.text

    def _json(self, url: str) -> Any:
        response = self._client.get(url, headers={"Accept": "application/json"})
        response.raise_for_status()
        return response.json()
