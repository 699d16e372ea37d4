"""What must be refused is asked with one thing wrong, and judged by its answer."""

from __future__ import annotations

from typing import Any

import httpx

from tests.scenarios.worlds.playing.fake_stage import fake_stage
from tests.scenarios.worlds.small_world import small_world
from uplab.scenarios.worlds.plan import Refuse
from uplab.scenarios.worlds.playing.refused import refuse

WRONG = httpx.Response(400, json={"code": "com-4000", "message": "wrong"})


class Api:
    """Notes what it is asked, and refuses it."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []

    def create(self, body: Any) -> httpx.Response:
        return self._noted(body)

    def replace(self, _: str, body: Any) -> httpx.Response:
        return self._noted(body)

    def request(self, _method: str, _path: str, body: Any = None) -> httpx.Response:
        return self._noted(body)

    def _noted(self, body: Any) -> httpx.Response:
        if body is not None:
            self.bodies.append(body)
        return WRONG


def asked(row: str, **more: Any) -> tuple[list[Any], list[str]]:
    """The bodies that were asked with, and the clauses that are judged."""
    api = Api()
    posted: list[Any] = []

    def post_downlink(_: str, body: Any) -> httpx.Response:
        posted.append(body)
        return WRONG

    stage = fake_stage(small_world(), api=api, post_downlink=post_downlink)
    found = refuse(stage, Refuse(row=row, connection="x", device="a", **more))
    return [*api.bodies, *posted], [clause for _, clause in found]


def test_one_thing_is_wrong() -> None:
    [body], clauses = asked("no name")
    assert "name" not in body
    assert clauses == ["COM-02.a", "COM-20.g"]
    [body], _ = asked("ThingsBoard without a port")
    assert body["configuration"]["hostName"] == "thingsboard.cloud"


def test_refused_change_must_change_nothing() -> None:
    [body], clauses = asked("PUT of an unknown key")
    assert body["configuration"]["retries"] == 3
    assert clauses == ["COM-20.d", "COM-20.g", "COM-20.d"]


def test_flows_and_downlinks() -> None:
    [body], clauses = asked("flow of a short key")
    assert (body["matchers"][0]["key"], clauses) == ("lora:20635f", ["COM-20.f", "COM-20.g"])
    [body], clauses = asked("downlink port 225")
    assert (body["FPort"], clauses) == (225, ["DL-06.a"])


def test_connection_that_takes_no_downlink_may_refuse_it_for_that() -> None:
    closed = {"x": {"configuration": {"downlinkEnabled": False}}, "y": {}}
    stage = fake_stage(small_world(connections=closed), api=Api(), post_downlink=lambda *_: WRONG)
    [(check, _)] = refuse(stage, Refuse(row="downlink port 225", connection="x", device="a"))
    assert check.asked()["statuses"] == []
