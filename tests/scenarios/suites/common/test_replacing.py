from typing import Any, cast

import httpx
import pytest

from uplab.scenarios.checks.asked.pointer import meets, parsed
from uplab.scenarios.checks.asked.seen import as_json
from uplab.scenarios.lab.connection import LabConnection
from uplab.scenarios.lab.lab import Lab
from uplab.scenarios.suites.common.replacing import (
    DEFAULTS,
    expect_defaults,
    expect_gone,
    expect_mandatory,
    optional,
)

BODY = {"name": "one", "connectorId": "c", "configuration": {"destinationURL": "http://a.example", "description": "d"}}


class Platform:
    """A lab, its API and a connection in one: what PUT does is told by the test."""

    def __init__(self, *, refuses: bool = True, merges: bool = False, lists: bool = False) -> None:
        self.shown: dict[str, Any] = {"id": "7", "active": True, **BODY}
        self.refuses, self.merges, self.lists = refuses, merges, lists
        self.api, self.id = self, "7"
        self.failed: list[str] = []

    def read(self) -> dict[str, Any]:
        return self.shown

    def replace(self, _: str, body: dict[str, Any]) -> httpx.Response:
        if self.merges:
            self.shown = {**self.shown, **body}
        return httpx.Response(400 if self.refuses else 200)

    def get(self, _: str) -> httpx.Response:
        return httpx.Response(200 if self.lists else 404)

    def request(self, *_: str) -> httpx.Response:
        return httpx.Response(200, json=[self.shown] if self.lists else [])

    def expect_answer(self, promised: str, answer: httpx.Response, *statuses: int, proves: str) -> None:
        self.expect(promised, answer.status_code in statuses, "", proves=proves)

    def expect(self, promised: str, kept: bool, _: object, *, proves: str) -> None:
        assert proves == "WGX-07.b"
        self.failed += [] if kept else [promised]

    def expect_seen(
        self, promised: str, seen: object, wanted: dict[str, Any], happened: object = None, *, proves: str
    ) -> None:
        self.expect(promised, meets(parsed(as_json(seen)), wanted), happened, proves=proves)


def both(platform: Platform) -> tuple[Lab, LabConnection]:
    return cast(Lab, platform), cast(LabConnection, platform)


@pytest.mark.parametrize(
    ("platform", "failed"),
    [
        (Platform(), []),
        (Platform(refuses=False), ["PUT without name answers 400", "PUT without destinationURL answers 400"]),
        (Platform(merges=True), ["PUT without destinationURL changes nothing"]),
    ],
    ids=["refuses", "takes it", "half-done"],
)
def test_mandatory_keys(platform: Platform, failed: list[str]) -> None:
    expect_mandatory(*both(platform), BODY, "name", "configuration/destinationURL", proves="WGX-07.b")
    assert platform.failed == failed
    assert BODY["name"] == "one", "the caller's body stays whole"


@pytest.mark.parametrize(
    ("configuration", "failed"),
    [
        ({}, []),
        ({"downlinkEnabled": True, "sendMetadata": None}, []),
        ({"downlinkPort": 9}, ["what was not given again has its default"]),
        ({"description": "d"}, []),  # the body has one
    ],
)
def test_options(configuration: dict[str, Any], failed: list[str]) -> None:
    platform = Platform()
    platform.shown["configuration"] = configuration
    expect_defaults(*both(platform), BODY, proves="WGX-07.b")
    assert platform.failed == failed


def test_no_option_that_is_set_is_at_its_default() -> None:
    changed = optional(BODY, blamePeriod=7)
    assert changed["active"] is False
    assert [key for key, value in DEFAULTS.items() if changed["configuration"].get(key) == value] == []


@pytest.mark.parametrize("lists", [False, True])
def test_deleted_connection_is_shown_nowhere(lists: bool) -> None:
    platform = Platform(lists=lists)
    expect_gone(*both(platform), proves="WGX-07.b")
    assert len(platform.failed) == 2 * lists
