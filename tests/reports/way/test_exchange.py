from typing import Any

import pytest

from uplab.reports.run import Line
from uplab.reports.way.exchange import as_it_went

_HTTP: dict[str, Any] = {"method": "POST", "url": "/x?a=1", "headers": [["Host", "posthere.io"], ["X-Thing", "1\n2"]]}
_MQTT: dict[str, Any] = {"topic": "v1/t", "qos": 1, "packet_id": 7, "retain": True, "duplicate": True}


@pytest.mark.parametrize(
    ("hop", "facts", "raw", "shown"),
    [
        ("destination.arrived", _HTTP, '{"a":1}', 'POST /x?a=1 HTTP/1.1\nHost: posthere.io\nX-Thing: 1 2\n\n{"a":1}'),
        ("destination.answered", {"status": 503}, None, "HTTP/1.1 503 Service Unavailable"),
        ("destination.answered", {"status": None}, None, "no answer"),
        ("destination.answered", {"status": 799}, None, "HTTP/1.1 799"),
        ("tunnel.sent", {"url": "http://a/b"}, "{}", "POST http://a/b HTTP/1.1\n\n{}"),
        ("tunnel.answered", {"status": 200, "headers": [["A", "b"]]}, "", "HTTP/1.1 200 OK\nA: b"),
        ("destination.published", _MQTT, "{}", "PUBLISH v1/t\nQoS 1, packet 7, RETAIN, DUP\n\n{}"),
        ("destination.acknowledged", {"kind": "PUBACK", "code": 135}, None, "PUBACK, reason code 135"),
        ("device.sent", {"dev_eui": "1"}, None, None),
    ],
)
def test_hop_is_shown_as_it_went(hop: str, facts: dict[str, Any], raw: str | None, shown: str | None) -> None:
    assert as_it_went(Line(1, 0.0, hop, (), facts, raw)) == shown


def test_many_headers_are_counted() -> None:
    many = [[f"X-{n}", "1"] for n in range(50)]

    assert str(as_it_went(Line(1, 0.0, "tunnel.answered", (), {"status": 200, "headers": many}))).endswith(
        "X-39: 1\n… and 10 more headers"
    )


def test_facts_of_strangers_break_nothing() -> None:
    line = Line(1, 0.0, "destination.connected", (), {"level": "x", "client_id": None}, "raw")

    assert str(as_it_went(line)).startswith("CONNECT\nclient identifier: None")
