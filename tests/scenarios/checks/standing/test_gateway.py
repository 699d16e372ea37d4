from tests.scenarios.history_lines import DEV, Story, point
from uplab.scenarios.checks.standing.gateway import ConnectFirst


def test_device_is_unknown_again_in_each_session() -> None:
    story, gateway = Story(), ConnectFirst()
    for session in (1, 2):
        story.publishes({"device": DEV.lower()}, topic="v1/gateway/connect", session=session)
        story.publishes({DEV: [point(1)]}, session=session)
        story.tells("destination.closed", fake="thingsboard", session=session, reason="gone")
    story.publishes({DEV: [point(1)]}, session=3)
    story.publishes({DEV: [point(2)]}, session=3)
    for event in story.events:
        gateway.see(event)

    assert len(gateway.breaches) == 1
    assert gateway._connected.keys() == {("thingsboard", 3)}
