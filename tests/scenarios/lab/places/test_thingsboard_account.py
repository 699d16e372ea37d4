from __future__ import annotations

from typing import Any

import httpx
import pytest

from uplab.scenarios.checks.verdict import CheckFailed
from uplab.scenarios.lab.places.thingsboard_account import ThingsBoardAccount


def account(*, status: int = 200, body: Any = None) -> ThingsBoardAccount:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/auth/login":
            return httpx.Response(status, json={"token": "t"})
        return httpx.Response(200, json=body)

    return ThingsBoardAccount(httpx.Client(transport=httpx.MockTransport(answer)))


@pytest.mark.parametrize(
    ("transport", "host", "fake"),
    [
        ("mqtt", "thingsboard.cloud:1883", "thingsboard v1/gateway/telemetry"),
        ("mqtts", "thingsboard.cloud:8883", "thingsboard v1/gateway/telemetry"),
        ("rest", "thingsboard.cloud:443", "thingsboard REST"),
    ],
)
def test_destination_is_the_account_at_its_port(transport: str, host: str, fake: str) -> None:
    there = account().destination(transport, actionTimeout=5)

    given = there.body["configuration"]
    assert (given["hostName"], given["username"], given["actionTimeout"]) == (host, "tenant@thingsboard.org", 5)
    assert f"{there.route.fake} {there.route.path}" == fake


def test_refused_login_is_said() -> None:
    with pytest.raises(CheckFailed, match=r"answered 401 to the login of tenant@thingsboard.org"):
        account(status=401)
