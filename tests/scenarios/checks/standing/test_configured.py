from typing import Any

import orjson

from tests.scenarios.history_lines import Story
from uplab.scenarios.checks.standing.configured import Configurations

PLACE = ("posthere.io", "/a")


def seen(*lines: tuple[str, dict[str, Any]]) -> Configurations:
    story, configured = Story(), Configurations()
    for hop, facts in lines:
        story.tells(hop, **facts)
    for event in story.events:
        if event.hop in Configurations.hops:
            configured.see(event)
    return configured


def line(hop: str, path: str = "/connections", status: int = 201, **body: Any) -> tuple[str, dict[str, Any]]:
    facts: dict[str, Any] = {"method": "POST", "path": path, "raw": orjson.dumps(body)}
    return hop, facts if hop == "api.asked" else {**facts, "status": status}


CONFIGURATION = {"destinationURL": "https://posthere.io/a", "sendRawDecodedFormat": True}


def test_what_was_asked_for_and_shown_is_known_by_its_place() -> None:
    configured = seen(
        line("api.asked", configuration=CONFIGURATION),
        line("api.answered", configuration=CONFIGURATION, id="1", downlinkUrl="http://f/1"),
    )

    assert configured.at(PLACE) == [CONFIGURATION]
    assert configured.urls_at(PLACE) == configured.urls == {"http://f/1"}
    assert configured.any_is("sendRawDecodedFormat")

    configured.begin()
    assert (configured.at(PLACE), configured.urls, configured.any_is("sendRawDecodedFormat")) == ([], set(), False)


def test_refusals_and_other_resources_show_nothing() -> None:
    configured = seen(
        line("api.answered", status=400, configuration=CONFIGURATION),
        line("api.answered", path="/flows", configuration=CONFIGURATION),
        line("api.answered", configuration={"destinationURL": "no url"}),
    )
    assert configured.at(PLACE) == []
