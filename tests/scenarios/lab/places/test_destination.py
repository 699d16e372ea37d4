"""Destinations of a scenario's own: what is configured, what is judged, and what the history has of them."""

from typing import Any

import httpx
from pytest_httpserver import HTTPServer

from uplab.scenarios.checks.checks import Route
from uplab.scenarios.history.hops import HOPS
from uplab.scenarios.lab.places.destination import bin_of, scripted, topic_of


def test_bin_and_topic_have_address_body_and_route() -> None:
    there = bin_of("hall 4", blamePeriod=1)
    assert there.address == there.body["configuration"]["destinationURL"] == "https://posthere.io/hall 4"
    assert (there.route, there.body["configuration"]["blamePeriod"]) == (Route("posthere", "/hall 4"), 1)

    there = topic_of("sites/{DevEUI}", "sites/+")
    assert there.address == "broker.uplab.test:1883 sites/{DevEUI}"
    assert there.body["configuration"]["uplinkTopicPattern"] == "sites/{DevEUI}"
    assert there.route.takes({"fake": "broker", "topic": "sites/1"})


def test_what_reaches_a_scripted_server_is_told_with_what_its_handler_answered(httpserver: HTTPServer) -> None:
    told: list[tuple[str, dict[str, Any]]] = []
    there, undo = scripted(httpserver, "/up", lambda hop, facts: told.append((hop, facts)))
    httpserver.expect_request("/up", method="POST").respond_with_data("no", status=503)

    assert httpx.post(f"{there.address}?a=b", content=b'{"n": 1}', headers={"X-Site": "A"}).status_code == 503
    httpx.get(httpserver.url_for("/other"))
    undo()
    httpx.post(there.address, content=b"untold")

    assert [hop for hop, _ in told] == ["destination.arrived", "destination.answered"] * 2
    arrived, answered = told[0][1], told[1][1]
    assert (arrived["url"], arrived["raw"], arrived["delivery"]) == ("/up?a=b", b'{"n": 1}', True)
    assert ["X-Site", "A"] in arrived["headers"]
    assert (answered["status"], answered["written"], answered["returned"]) == (503, True, True)
    assert answered["exchange"] == arrived["exchange"]
    assert there.route.takes(arrived)
    assert told[2][1]["delivery"] is False
    for hop, facts in told:
        raw = facts.pop("raw", None)
        assert HOPS[hop].problem(facts, raw=raw is not None) is None
