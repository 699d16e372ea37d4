"""Downlinks of a world are posted as its plan says, and judged as its oracle says."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.scenarios.worlds.playing.fake_stage import fake_stage
from tests.scenarios.worlds.small_world import small_world
from uplab.scenarios.worlds.plan import Downlink
from uplab.scenarios.worlds.playing.down import post_down


@pytest.mark.parametrize(
    ("device", "through", "lower", "statuses", "clause"),
    [("a", "x", False, [202], "DL-15.a"), ("a", "x", True, [202], "DL-15.a"), ("b", "y", False, [], "DL-14")],
)
def test_answer_is_that_of_the_oracle(device: str, through: str, lower: bool, statuses: list[int], clause: str) -> None:
    fields = {"FPort": 5, "payload_hex": "01"}
    step = Downlink(device=device, through=through, lower=lower, fields=fields)
    posted: list[Any] = []

    def post_downlink(url: str, body: Any) -> httpx.Response:
        posted.append((url, body["DevEUI"]))
        return httpx.Response(202)

    stage = fake_stage(small_world(step.model_dump()), post_downlink=post_downlink)
    [(check, proves)] = post_down(stage, 0, step)
    assert (check.asked()["statuses"], proves) == (statuses, clause)
    dev_eui = stage.devices[device].dev_eui
    assert posted == [(f"http://d/{through}", dev_eui.lower() if lower else dev_eui)]


def test_connection_that_does_not_work_is_not_judged() -> None:
    step = Downlink(device="a", through="x", fields={"FPort": 5, "payload_hex": "01"})
    plan = small_world(step.model_dump(), connections={"x": {"trouble": "nobody"}, "y": {}})
    stage = fake_stage(plan, post_downlink=lambda *_: httpx.Response(404))
    assert post_down(stage, 0, step) == []
