"""requests.sh says each request to the forwarder so that a shell sends the same."""

import base64
import shlex

from tests.reports.exports.traffic import TRAFFIC, _event
from uplab.reports.exports.curl import curl_lines


def commands(*events: object) -> list[list[str]]:
    text = curl_lines(events).decode()  # type: ignore[arg-type]
    return [shlex.split(line) for line in text.splitlines() if line.startswith(("curl", "printf"))]


def test_requests_to_the_forwarder_stand_in_their_order_with_their_answers() -> None:
    text = curl_lines(TRAFFIC).decode()

    typed = ["-H", "Content-Type: application/json", "--data-binary"]
    assert commands(*TRAFFIC) == [
        ["curl", "-sS", "-X", "POST", "$FORWARDER/connections", *typed, '{"name": "x"}'],
        ["curl", "-sS", "-X", "POST", "$FORWARDER/ingress?LrnFPort=5", *typed, '{"a": 1}'],
    ]
    assert "# u1, 2026-11-30T22:00:00.010+00:00, answered 200 after 2 ms" in text
    assert "# POST /x: its body is not in the history" in text
    assert "bin.test" not in text


def test_quotes_are_kept_and_what_no_argument_holds_is_piped() -> None:
    bodies = [b'{"name": "it\'s $HOME `x` \\\\ \\n"}', b"\xff\x00", b"@file", b"x" * 200_000]
    events = [
        _event(n, n, "tunnel.sent", body, attempt=n, url="http://h:1/in?a=%27b%27") for n, body in enumerate(bodies)
    ]

    found = commands(*events)

    assert found[0][-1].encode() == bodies[0]
    assert [base64.b64decode(one[2]) for one in found[1:]] == bodies[1:]
    assert {one[-1] for one in found[1:]} == {"@-"}
    assert "$FORWARDER/in?a=%27b%27" in found[0]
