"""Which requests go where, and which of them are deliveries."""

import pytest

from tests.fakes.widgelix.client import Client
from tests.fakes.widgelix.make import uplink
from uplab.fakes.messages import Answer, Request
from uplab.fakes.widgelix.protocol import delivers

INGEST = "/v1/input-node/actility"


@pytest.mark.parametrize(
    ("url", "is_delivery"),
    [
        (INGEST, True),
        (f"{INGEST}?a=b", True),
        ("/v1/input%2Dnode/actility", True),
        (f"https://app.widgelix.com{INGEST}", True),
        (f"{INGEST}/", False),
        ("/devices", False),
        ("/api/login", False),
    ],
)
def test_only_the_ingest_is_a_delivery(url: str, is_delivery: bool) -> None:
    assert delivers("POST", url) is is_delivery
    reply = Client().reply("GET", url)

    assert isinstance(reply, Answer)
    assert (reply.status == 405) is is_delivery or url.startswith("/api")


def test_ingest_names_the_method_it_wants() -> None:
    reply = Client().reply("PUT", INGEST, uplink())

    assert isinstance(reply, Answer)
    assert (reply.status, dict(reply.headers)["Allow"]) == (405, "POST")


def test_refused_token_is_asked_for_as_http_says() -> None:
    reply = Client().reply("POST", INGEST, uplink())

    assert isinstance(reply, Answer)
    assert (reply.status, dict(reply.headers)["WWW-Authenticate"]) == (401, "Bearer")


def test_body_that_was_cut_is_too_large() -> None:
    client = Client()
    key = client.key(client.device())
    request = Request(1, "POST", INGEST, (("Authorization", f"Bearer {key}"),), uplink(), 2_000_000)

    reply = client.protocol.handle(request)

    assert isinstance(reply, Answer)
    assert reply.status == 413
