from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from uplab.scenarios.history import secrets
from uplab.scenarios.history.secrets import Secrets, found_in
from uplab.scenarios.under_test.login import LOGIN, log_in, own_token
from uplab.scenarios.under_test.process import Endpoints
from uplab.scenarios.under_test.profile import load_profile
from uplab.scenarios.under_test.target import RunOptions

OWN = Secrets(7).hex("API token")


@pytest.fixture(autouse=True)
def forgotten_secrets() -> Iterator[None]:
    yield
    secrets._foreign.clear()


def options(**more: Any) -> RunOptions:
    return RunOptions(**{"seed": 7, "profile": load_profile(None), **more})


def at(api: str = "http://x/iot-flow/v1", ingress: str = "http://x/ingress") -> Endpoints:
    return Endpoints(api, ingress, "http://x")


def test_forwarder_that_the_lab_starts_gets_a_token_of_the_lab() -> None:
    assert own_token(options(), Secrets(7)) == OWN
    assert log_in(options(), at(), given={}, own=OWN) == OWN
    assert found_in(OWN) == ["the API token"]


@pytest.mark.parametrize("given", [{"api_token": "Qz8-token"}, {"oauth_client": "me"}, {"command": None}])
def test_token_of_the_lab_goes_to_nobody_else(given: dict[str, Any]) -> None:
    assert own_token(options(**given), Secrets(7)) is None


def test_login_of_the_forwarder_goes_first(httpserver: HTTPServer) -> None:
    httpserver.expect_oneshot_request("/iot-flow/v1/oauth/token").respond_with_json({"access_token": "Qz8-fetched"})
    api = at(httpserver.url_for("/iot-flow/v1"))

    token = log_in(options(), api, given=dict(zip(LOGIN, ("me", "Qz8-client"), strict=True)), own=OWN)

    assert token == "Qz8-fetched"
    assert httpserver.log[0][0].form["client_secret"] == "Qz8-client"
    assert found_in("Qz8-fetched Qz8-client") == ["the client secret", "the fetched token"]


def test_password_in_an_address_of_the_ready_line_is_registered() -> None:
    log_in(options(), at(ingress="http://me:Qz8-pass@x/ingress"), given={}, own=OWN)

    assert found_in("Qz8-pass") == ["the password in the address of the ingress"]
