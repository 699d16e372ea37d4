from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from uplab.scenarios.checks.leaks import ACCOUNT_PASSWORD, answers, around, leaks, shown_by_the_way
from uplab.scenarios.history import secrets
from uplab.scenarios.history.history import Event, History
from uplab.scenarios.history.identity import Ledger
from uplab.scenarios.history.secrets import Secrets, register

KEY, TOKEN, PASSWORD = "Qz8-tunnel-key", "Qz8-api-token", "Qz8-password"
HEADER = Secrets(7).hex("header")


@pytest.fixture(autouse=True)
def known() -> Iterator[None]:
    register(KEY, "the tunnel key")
    register(TOKEN, "the API token")
    register(PASSWORD, "the password in --forwarder-ingress")
    yield
    secrets._foreign.clear()


USUAL: dict[str, dict[str, Any]] = {
    "api.asked": {"method": "GET", "path": "/", "raw": b""},
    "api.answered": {"method": "GET", "path": "/", "status": 200, "headers": [], "raw": b""},
    "downlink.posted": {
        "dev_eui": None,
        "f_port": 1,
        "payload_hex": "01",
        "correlation_id": None,
        "url": "http://f/downlinks",
        "status": 200,
        "answer": "",
        "headers": [],
        "raw": b"",
    },
    "tunnel.sent": {"attempt": 1, "dev_eui": None, "f_cnt": None, "url": "http://f", "raw": b""},
    "tunnel.answered": {"attempt": 1, "outcome": "refused", "status": 200, "reason": ""},
    "destination.arrived": {
        "fake": "posthere",
        "exchange": 1,
        "method": "POST",
        "url": "/",
        "host": "posthere.io",
        "headers": [],
        "raw": b"",
        "size": 0,
        "complete": True,
        "delivery": True,
    },
    "destination.published": {
        "fake": "thingsboard",
        "session": 1,
        "exchange": 1,
        "topic": "v1/gateway/telemetry",
        "level": 4,
        "qos": 1,
        "retain": False,
        "duplicate": False,
        "packet_id": 1,
        "properties": [],
        "members": None,
        "raw": b"",
    },
}


def told(hop: str, **facts: Any) -> Sequence[Event]:
    """A history of one line, redacted as every history is."""
    history = History(Ledger())
    history.emit(hop, {**USUAL[hop], **facts})
    return history.events


def found(events: Sequence[Event]) -> list[str]:
    """What the failed verdicts say."""
    return [v.happened for v in leaks("an answer", answers(events)) if v.outcome == "failed"]


@pytest.mark.parametrize(
    ("hop", "facts", "place"),
    [
        (
            "api.answered",
            {"method": "PUT", "path": "/connections", "status": 405},
            "the answer 405 to PUT /connections",
        ),
        ("downlink.posted", {"status": 400}, "the answer 400 to a downlink"),
        ("tunnel.answered", {"attempt": 1, "status": 403}, "the answer 403 of the ingress"),
    ],
)
@pytest.mark.parametrize("said", [{"raw": f"no: {KEY}".encode()}, {"headers": [["X-Debug", KEY.encode().hex()]]}])
def test_secret_is_named_with_its_place(hop: str, facts: dict[str, Any], place: str, said: dict[str, Any]) -> None:
    assert found(told(hop, **facts, **said)) == [f"the tunnel key stands in {place}"]


def test_each_secret_has_a_verdict_of_its_own() -> None:
    events = told("api.answered", method="GET", path="/x", status=404, raw=f"{KEY} {PASSWORD} {HEADER}".encode())

    verdicts = leaks("an answer", answers(events), {"the header": HEADER})

    assert [(v.promised, v.outcome, v.examined) for v in verdicts] == [
        ("the API token is not in an answer", "passed", 1),
        ("the header is not in an answer", "failed", 1),
        ("the password in --forwarder-ingress is not in an answer", "failed", 1),
        ("the tunnel key is not in an answer", "failed", 1),
    ]
    assert "Qz8" not in "".join(v.text() for v in verdicts)


def test_what_the_lab_itself_has_asked_is_no_leak() -> None:
    asked = {"url": f"http://me:{PASSWORD}@x", "payload_hex": f"{KEY}"}
    assert found(told("downlink.posted", status=202, **asked)) == []
    assert shown_by_the_way(told("api.asked", method="POST", path="/connections", raw=KEY.encode())) == []
    assert shown_by_the_way(told("tunnel.sent", attempt=1, url=f"http://me:{PASSWORD}@x", raw=b"")) == []


@pytest.mark.parametrize(
    ("hop", "facts"),
    [
        ("destination.arrived", {"host": "posthere.io", "url": f"/bin?key={TOKEN}", "exchange": 1}),
        ("destination.published", {"topic": "v1/gateway/rpc", "exchange": 1, "raw": TOKEN.encode()}),
    ],
)
def test_secret_that_goes_to_a_destination_is_a_leak(hop: str, facts: dict[str, Any]) -> None:
    (verdict,) = shown_by_the_way(told(hop, **facts))

    assert (verdict.outcome, verdict.hop, verdict.requirement) == ("failed", "forwarder", "COM-21")
    assert verdict.happened.startswith("the API token stands in a ")


def test_secret_in_a_packed_body_is_hidden_and_found() -> None:
    packed = gzip.compress(f"a long text, and {TOKEN} in it".encode() * 5)
    other = gzip.compress(b"nothing of the kind")
    events = told("destination.arrived", raw=packed)

    assert events[0].raw is not None
    assert len(events[0].raw) == len(packed)
    assert not events[0].raw.startswith(b"\x1f\x8b")
    assert [v.happened for v in shown_by_the_way(events)] == ["the API token stands in a request to posthere.io"]
    assert told("destination.arrived", raw=other)[0].raw == other
    assert told("destination.arrived", raw=packed[:12])[0].raw == packed[:12]


@pytest.mark.parametrize("name", ["Set-Cookie", "ETag", TOKEN])
def test_secret_in_a_header_is_found(name: str) -> None:
    said = name if name == TOKEN else f'"{TOKEN}"'
    events = told("api.answered", headers=[[name, said]])
    assert found(events) == ["the API token stands in the answer 200 to GET /"]


def test_password_of_an_account_belongs_in_its_login_and_nowhere_else() -> None:
    register("Qz8-account-password", ACCOUNT_PASSWORD)
    asked = {"method": "POST", "raw": b'{"username": "a", "password": "Qz8-account-password"}'}
    assert shown_by_the_way(told("destination.arrived", url="/api/auth/login", **asked)) == []
    (verdict,) = shown_by_the_way(told("destination.arrived", url="/api/v1/x/telemetry", **asked))
    assert verdict.happened == f"{ACCOUNT_PASSWORD} stands in a request to posthere.io"
    (other,) = shown_by_the_way(told("destination.arrived", url="/api/auth/login", raw=KEY.encode()))
    assert other.happened.startswith("the tunnel key")


def test_long_lists_are_shortened() -> None:
    said = [(f"place {number}", KEY.encode()) for number in range(7)]
    assert next(v.happened for v in leaks("the log", said) if v.outcome == "failed") == (
        "the tunnel key stands in place 0; place 1; place 2, and 4 more"
    )


def test_only_what_a_requirement_is_about_is_judged_for_it() -> None:
    verdicts = leaks("the log", [("here", f"{KEY} {HEADER}".encode())], {"the header": HEADER}, only_more=True)
    assert [v.promised for v in verdicts] == ["the header is not in the log"]


def test_long_line_is_told_around_its_secret() -> None:
    told_of = around("x" * 500 + f" key {KEY} " + "y" * 500)
    assert len(told_of) < 160
    assert " key S-" in told_of
    assert around("short") == "short"
