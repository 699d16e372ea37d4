import base64

import pytest

from tests.scenarios.history_lines import Story
from uplab.scenarios.checks.standing.secrecy import NoSecret
from uplab.scenarios.history.secrets import Secrets, redact, register


def test_what_the_scenario_has_judged_is_not_judged_again() -> None:
    key = Secrets(7).hex("standing")
    register(key, "the standing key")
    story, secrecy = Story(), NoSecret()
    answer = {"method": "DELETE", "path": "/connections/1", "status": 204, "headers": [["x-debug", key]], "raw": b""}
    story.tells("api.answered", **answer)
    secrecy.judged_until = story.history.mark
    story.tells("api.answered", **answer)
    for event in story.events:
        secrecy.see(event)

    [breach] = secrecy.breaches
    assert breach.here
    assert "the standing key stands in the answer 204 to DELETE /connections/1" in breach.happened


@pytest.mark.parametrize("openly", [True, False], ids=["as a header too", "as a password alone"])
def test_password_of_a_connection_stands_in_no_answer(openly: bool) -> None:
    password = Secrets(7).hex("tenant")
    configuration = {"hostName": "t.example:1883", "username": "me", "password": password}
    body = {"configuration": {**configuration, **({"headers": {"X-Key": password}} if openly else {})}}
    story, secrecy = Story(), NoSecret()
    story.api("POST", "/connections", body, 201, {"id": "1", "configuration": {**configuration, "password": "*****"}})
    story.api("GET", "/connections/1/events", answer=[{"message": f"CONNECT with {password} was refused"}])
    for event in story.events:
        secrecy.see(event)

    told = [breach.happened for breach in secrecy.breaches]
    wanted = "the password of a connection stands in the answer 200 to GET /connections/1/events"
    assert told == ([] if openly else [wanted])


def test_log_is_looked_through_too() -> None:
    key, password = Secrets(7).hex("logged"), Secrets(7).hex("tenant's")
    register(key, "the logged key")
    story, secrecy = Story(), NoSecret()
    configuration = {"hostName": "t.example:1883", "username": "me", "password": password}
    story.api("POST", "/connections", {"configuration": configuration}, 201, {"id": "1"})
    for event in story.events:
        secrecy.see(event)

    secrecy.look_through(redact(f"started\nkey {key}\nCONNECT me {password}\nS-tandards are kept".encode()))

    told = [breach.happened for breach in secrecy.breaches]
    assert [text.partition(":")[0] for text in told] == [
        "the logged key stands in the log",
        "the password of a connection stands in the log",
    ]
    assert key not in str(told)


def test_log_is_looked_through_over_its_lines() -> None:
    key = Secrets(7).hex("logged over lines")
    register(key, "the key over lines")
    inner = base64.b64encode(f"somebody:{key}".encode()).decode()
    encoded = base64.b64encode(f"Authorization: Basic {inner}".encode()).decode()
    pieces = [encoded[at : at + 24] for at in range(0, len(encoded), 24)]
    secrecy = NoSecret()

    secrecy.look_through("".join(f"2026-01-01T00:00:00Z DEBUG dump: '{one}'\n" for one in pieces).encode())

    assert any("the key over lines stands in the log" in breach.happened for breach in secrecy.breaches)


@pytest.mark.parametrize(("url", "found"), [("/api/auth/login?a=b", 0), ("/api/v1/telemetry", 1)])
def test_password_of_a_connection_goes_to_the_login_of_its_own_and_nowhere_else(url: str, found: int) -> None:
    password = Secrets(7).hex("tenant over REST")
    configuration = {"hostName": "t.example:443", "username": "me", "password": password}
    story, secrecy = Story(), NoSecret()
    story.api("POST", "/connections", {"configuration": configuration}, 201, {"id": "1"})
    body = f'{{"username": "me", "password": "{password}"}}'.encode()
    story.tells("destination.arrived", fake="thingsboard", method="POST", host="t.example", url=url, raw=body)
    for event in story.events:
        secrecy.see(event)

    assert len(secrecy.breaches) == found
