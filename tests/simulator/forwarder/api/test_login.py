import pytest

from tests.simulator.forwarder.process import Forwarder
from uplab.simulator.forwarder.api.login import _basic


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Basic ZHJlaS1hcGkvbWU6czpjcmV0", ("drei-api/me", "s:cret")),
        ("basic OnM=", ("", "s")),
        ("Basic %%%", None),
        ("Bearer x", None),
        (None, None),
    ],
)
def test_basic_credentials_are_read(header: str | None, expected: tuple[str, str] | None) -> None:
    assert _basic(header) == expected


@pytest.mark.parametrize("body", [b"", b"\xff", b"grant_type=x", b"a=1&" * 50])
def test_malformed_token_request_is_refused(forwarder: Forwarder, body: bytes) -> None:
    assert forwarder.call("POST", "/oauth/token", content=body).status_code == 400
