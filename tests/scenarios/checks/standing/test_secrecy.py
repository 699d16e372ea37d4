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
