import pytest

from tests.scenarios.history_lines import Story
from uplab.scenarios.checks.standing.secrecy import NoSecret
from uplab.scenarios.history.secrets import Secrets, register


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
