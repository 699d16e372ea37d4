"""The API of the forwarder under test, as a client uses it; every request and answer is a line of the history."""

from collections.abc import Callable
from typing import Any

import httpx

__all__ = ["ForwarderApi"]

Emit = Callable[[str, dict[str, Any]], None]


class ForwarderApi:
    """Calls /iot-flow/v1 and its siblings. Answers come back whole: a scenario judges status and body itself."""

    def __init__(self, base: str, *, emit: Emit, token: str | None = None, timeout_s: float = 10.0) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.base = base
        self._emit = emit
        self._client = httpx.Client(timeout=timeout_s, trust_env=False, headers=headers)

    def request(self, method: str, path: str, body: Any = None, *, content: bytes | None = None) -> httpx.Response:
        """One request; `content` sends bytes as they are, for bodies that are no JSON."""
        url = f"{self.base}{path}"
        request = self._client.build_request(
            method,
            url,
            json=body if content is None and body is not None else None,
            content=content,
            headers={"Content-Type": "application/json"} if content is not None else None,
        )
        self._emit("api.asked", {"method": method, "path": path, "raw": request.content})
        response = self._client.send(request)
        self._emit(
            "api.answered", {"method": method, "path": path, "status": response.status_code, "raw": response.content}
        )
        return response

    def create(self, body: Any) -> httpx.Response:
        """POST /connections."""
        return self.request("POST", "/connections", body)

    def get(self, connection_id: str) -> httpx.Response:
        """GET /connections/{id}."""
        return self.request("GET", f"/connections/{connection_id}")

    def replace(self, connection_id: str, body: Any) -> httpx.Response:
        """PUT /connections/{id}: the whole configuration again."""
        return self.request("PUT", f"/connections/{connection_id}", body)

    def delete(self, connection_id: str) -> httpx.Response:
        """DELETE /connections/{id}."""
        return self.request("DELETE", f"/connections/{connection_id}")

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()
