"""What happens while something else is under way."""

from tests.scenarios.history_lines import DEV, OTHER, Story, document
from uplab.scenarios.checks.conditions.moments import OF_MOMENTS, Moments


def met(story: Story) -> list[str]:
    moments = Moments()
    return [name for event in story.events for name in moments.see(event)]


def test_what_was_refused_waits_until_it_is_taken() -> None:
    story = Story()
    story.connected("1", DEV)
    story.sent(1)
    story.answered(story.arrives(document(DEV, 1)), 503)
    story.api("PUT", "/connections/1", {"configuration": {}})
    story.tells("forwarder.ended", how="killed")
    story.delivered(1)
    story.api("DELETE", "/connections/1")

    found = met(story)

    assert {"PUT while something waits", "killed while something waits", "killed and started"} <= set(found)
    assert "DELETE while something waits" not in found
    assert "killed while a delivery is open" not in found


def test_flows_of_several_connectors_and_devices_in_several_flows() -> None:
    story = Story()
    story.bound("1", DEV)
    story.bound("2", OTHER)
    assert met(story) == []
    story.bound("2", DEV)
    body = {"connectors": [{"connectionId": "1"}, {"connectionId": "2"}], "matchers": []}
    story.api("POST", "/flows", body, 201)

    assert met(story) == ["a device in several flows", "a flow with several connectors"]


def test_dozen_of_connections_is_met_once() -> None:
    story = Story()
    for number in range(13):
        story.connected(str(number))

    assert met(story) == ["a dozen connections"]


def test_faults_are_met_by_what_was_done() -> None:
    story = Story()
    for action in ("Status(code=404)", "Status(code=200)", "Hang()", "Delay(s=1.3)", "Redirect(location='/')"):
        story.tells("fault.delivered", action=action)

    assert met(story) == ["an answer of 4xx", "no answer", "a slow answer", "an answer of 3xx"]


def test_what_it_says_stands_in_the_table() -> None:
    names = {name for name, _, _ in OF_MOMENTS}
    story = Story()
    story.connected("1", DEV)
    story.sent(1, outcome="refused")
    for hop in ("network.joined", "network.joined", "downlink.posted", "destination.closed"):
        story.tells(hop)
    story.tells("network.downlink", outcome="rejected")
    story.tells("forwarder.ended", how="stopped")

    found = met(story)

    assert set(found) <= names
    assert {"an uplink is refused", "a device joins anew", "a downlink without FPort", "stopped and started"} <= {
        *found
    }
