from tests.scenarios.history_lines import Story
from uplab.scenarios.checks.standing.connections import Connections
from uplab.scenarios.checks.standing.places import Places


def test_each_place_is_said_once() -> None:
    story, places = Story(), Places(Connections())
    for f_cnt in range(1, 4):
        story.sent(f_cnt)
        story.delivered(f_cnt, url="/elsewhere")
    for event in story.events:
        places.see(event)
    places.close()

    assert [breach.ids for breach in places.take()] == [("u1",)]
    assert places.take() == []
