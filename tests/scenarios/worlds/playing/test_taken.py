"""A body that must be taken is made, shown and deleted."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from uplab.scenarios.under_test.profile import load_profile
from uplab.scenarios.worlds.playing.taken import body_taken, take
from uplab.scenarios.worlds.space.taken import TAKEN

LOGIN = {"username": "u", "password": "p"}


class Api:
    """Takes everything, or nothing."""

    def __init__(self, status: int = 201) -> None:
        self.status = status
        self.asked: list[str] = []

    def create(self, _: Any) -> httpx.Response:
        self.asked.append("POST")
        return httpx.Response(self.status, json={"id": "7"}, extensions={"uplab": 1})

    def get(self, _: str) -> httpx.Response:
        self.asked.append("GET")
        return httpx.Response(200, json={"id": "7"})

    def delete(self, _: str) -> httpx.Response:
        self.asked.append("DELETE")
        return httpx.Response(204)


def lab(api: Api, transport: str = "both") -> Any:
    profile = load_profile(None)
    choices = profile.choices.model_copy(update={"thingsboard_transport": transport})
    return SimpleNamespace(
        api=api,
        profile=profile.model_copy(update={"choices": choices}),
        options=SimpleNamespace(thingsboard_login=LOGIN),
    )


def test_body_is_altered_in_its_places() -> None:
    assert body_taken(TAKEN["http"], LOGIN)["configuration"]["destinationURL"] == "http://posthere.io/taken"
    at_443 = body_taken(TAKEN["ThingsBoard at 443"], LOGIN)["configuration"]
    assert at_443 == {"hostName": "thingsboard.cloud:443", **LOGIN}
    assert "downlinkTopicPattern" not in body_taken(TAKEN["a broker without downlinks"], LOGIN)["configuration"]


@pytest.mark.parametrize(("status", "asked"), [(201, ["POST", "GET", "DELETE"]), (400, ["POST"])])
def test_it_is_made_shown_and_deleted(status: int, asked: list[str]) -> None:
    api = Api(status)
    found = take(lab(api), "a description")
    assert api.asked == asked
    assert [clause for _, clause in found] == ["HTTP-22", "COM-10.a", "HTTP-03.a"][: len(asked)]


def test_transport_that_is_not_declared_is_not_asked_for() -> None:
    assert take(lab(Api(), "mqtt"), "ThingsBoard at 443") == []
