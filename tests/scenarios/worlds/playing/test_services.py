"""What a user makes at Widgelix before a connection leads there."""

import httpx
import pytest

from uplab.scenarios.checks.verdict import CheckUnknown
from uplab.scenarios.worlds.playing.services import access_token


def test_device_is_made_and_its_token_given() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.method} {request.url.path}")
        told = {"token": "t", "id": 7, "accessToken": "secret"}
        return httpx.Response(200, json=[] if request.method == "GET" else told)

    assert access_token(httpx.Client(transport=httpx.MockTransport(answer)), "20635F0106000001") == "secret"
    assert asked[-1] == "POST /api/devices/7/connectivity/token"


def test_service_that_refuses_proves_nothing() -> None:
    client = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(503)))
    with pytest.raises(CheckUnknown, match="Widgelix answered 503"):
        access_token(client, "20635F0106000001")
