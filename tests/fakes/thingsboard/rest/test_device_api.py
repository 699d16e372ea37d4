"""The device API over HTTP, by access token."""

from typing import Any

import pytest

from tests.fakes.thingsboard.conversation import NOW_MS
from tests.fakes.thingsboard.rest_client import RestClient


@pytest.fixture(name="rest")
def a_client() -> RestClient:
    return RestClient()


@pytest.fixture(name="path")
def a_path(rest: RestClient) -> str:
    return f"/api/v1/{rest.device().credentials.id}"


def test_telemetry_is_taken_without_a_login(rest: RestClient, path: str) -> None:
    assert rest("POST", f"{path}/telemetry", b"{temperature:25}") == (200, "")
    assert rest.talk.latest("D1", "temperature") == (NOW_MS, 25)


def test_attributes_are_saved_and_read(rest: RestClient, path: str) -> None:
    assert rest("POST", f"{path}/attributes", {"a": 1}) == (200, "")
    rest.device().save_attributes("SHARED_SCOPE", {"s": 2}, NOW_MS)

    assert rest("GET", f"{path}/attributes") == (200, {"client": {"a": 1}, "shared": {"s": 2}})
    assert rest("GET", f"{path}/attributes?sharedKeys=s,x") == (200, {"shared": {"s": 2}})


@pytest.mark.parametrize("token", ["unknown", "tenant@thingsboard.org"])
@pytest.mark.parametrize("tail", ["telemetry", "attributes", "claim"])
def test_unknown_token_is_refused_without_a_body(rest: RestClient, token: str, tail: str) -> None:
    assert rest("POST", f"/api/v1/{token}/{tail}", {"a": 1}) == (401, "")


@pytest.mark.parametrize(
    ("tail", "body"), [("telemetry", b"{"), ("telemetry", b"5"), ("attributes", b"[]"), ("claim", b"[]")]
)
def test_malformed_payload_is_an_error(rest: RestClient, path: str, tail: str, body: Any) -> None:
    status, error = rest("POST", f"{path}/{tail}", body)

    assert (status, error["errorCode"]) == (500, 2)


@pytest.mark.parametrize("body", [b"", b'{"secretKey":"k"}'])
def test_claim_may_be_empty(rest: RestClient, path: str, body: bytes) -> None:
    assert rest("POST", f"{path}/claim", body) == (200, "")
