import pytest

from tests.scenarios.history_lines import DEV, Story, document
from uplab.scenarios.checks.standing.origin import Origin


@pytest.mark.parametrize(
    ("told", "complete", "invented"),
    [
        (document(DEV, 7), True, True),
        (document(DEV, 7), False, False),
        ({"DevEUI_downlink_Rejected": {"DevEUI": DEV, "Time": "2026-01-01T00:00:00+00:00"}}, True, False),
        ({"temperature": 21.5}, True, False),
        (b"no JSON", True, False),
    ],
)
def test_whole_document_of_nobody_is_invented(told: object, complete: bool, invented: bool) -> None:
    story, origin = Story(), Origin()
    story.sent(1)
    story.arrives(told, complete=complete)  # type: ignore[arg-type]
    for event in story.events:
        origin.see(event)

    assert [breach.device for breach in origin.breaches] == ([DEV] if invented else [])
