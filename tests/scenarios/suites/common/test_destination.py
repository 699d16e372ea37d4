from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from tests.scenarios.history_lines import DEV, OTHER
from uplab.scenarios.lab.connection import LabConnection
from uplab.scenarios.lab.lab import Lab
from uplab.scenarios.suites.common.destination import telling

EVENTS = [
    {"id": "3", "time": "2026-01-01T00:00:03Z", "connectionId": "8", "devEUI": DEV, "message": "Refused with 503"},
    {"id": "2", "time": "2026-01-01T00:00:02Z", "connectionId": "8", "devEUI": OTHER, "message": "refused with 503"},
    {"id": "1", "time": "2026-01-01T00:00:01Z", "connectionId": "8", "connectionName": "503", "message": "opened"},
]


def told(*words: object, **more: Any) -> list[str]:
    """The ids of the events that are found; none when the lab would go on asking."""

    def request(_method: str, path: str) -> httpx.Response:
        assert path == "/connections/8/events"
        return httpx.Response(200, json=EVENTS)

    def poll(fetch: Any, fact: Any, *, awaited: str, proves: str | None = None) -> Any:
        seen = fetch()
        return seen if fact(seen) else []

    lab = cast(Lab, SimpleNamespace(api=SimpleNamespace(request=request), poll=poll))
    return [event["id"] for event in telling(lab, cast(LabConnection, SimpleNamespace(id="8")), *words, **more)]


@pytest.mark.parametrize(
    ("words", "more", "found"),
    [
        ((503,), {}, ["3", "2"]),
        (("REFUSED",), {"dev_eui": DEV}, ["3"]),
        (("refused", "504"), {}, []),
        (("refused",), {"among": ("502", "503")}, ["3", "2"]),
        (("refused",), {"among": ("502",)}, []),
        (("8",), {}, []),  # its connection's id tells nothing
    ],
)
def test_events_are_found_by_words_and_device(
    words: tuple[object, ...], more: dict[str, Any], found: list[str]
) -> None:
    assert told(*words, **more) == found
