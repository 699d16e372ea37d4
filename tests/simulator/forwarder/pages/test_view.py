"""What the pages show, as plain values."""

from __future__ import annotations

from typing import Any

import pytest

from uplab.simulator.forwarder.destinations.table import CONNECTORS
from uplab.simulator.forwarder.pages.form import Kinds
from uplab.simulator.forwarder.pages.view import Badge, Setting, badge, connection_view, event_row, ring
from uplab.simulator.forwarder.pages.view import settings as settings_of

KINDS = Kinds(CONNECTORS)


def test_ring_shares_come_to_a_whole() -> None:
    drawn = ring("uplinks", 4, [("Successful", "good", 2), ("Failed", "bad", 1), ("Lost", "off", 1)])

    assert drawn.total == 4
    assert drawn.parts == (
        ("Successful", "good", 2, 50.0, 0.0),
        ("Failed", "bad", 1, 25.0, 50.0),
        ("Lost", "off", 1, 25.0, 75.0),
    )


def test_ring_without_traffic_is_empty() -> None:
    assert ring("uplinks", 0, [("Successful", "good", 0)]).parts == (("Successful", "good", 0, 0.0, 0.0),)


def test_unknown_state_is_shown_as_an_error() -> None:
    assert badge("SOMETHING_NEW") == Badge("SOMETHING NEW", "bad")


HTTP, WIDGELIX = {"connectorId": "actility-http-iot"}, {"connectorId": "actility-http-iot", "brand": "WIDGELIX"}


def settings(resource: dict[str, Any]) -> tuple[Setting, ...]:
    return settings_of(resource, KINDS)


@pytest.mark.parametrize("key", ["password", "tiak", "downlinkAsKey", "accessToken", "clientSecret"])
def test_secret_is_never_among_the_values(key: str) -> None:
    assert [setting.values for setting in settings(HTTP | {"configuration": {key: "canary"}})] == [("*****",)]


@pytest.mark.parametrize("name", ["X-API-Key", "Cookie", "x-auth-token"])
def test_other_headers_of_widgelix_are_shown_without_secrets(name: str) -> None:
    configuration = {"headers": {"authorization": "canary", name: "canary", "X-Site": "A"}}

    assert settings(WIDGELIX | {"configuration": configuration}) == (
        Setting("Headers", (f"{name}: *****", "X-Site: A")),
    )


def test_known_settings_come_first_and_unset_ones_not_at_all() -> None:
    configuration = {"odd": 5, "description": "d", "downlinkPort": None, "createDevices": False, "destinationURL": "u"}

    assert settings(HTTP | {"configuration": configuration}) == (
        Setting("Create devices", ("off",)),
        Setting("odd", ("5",)),
    )


def test_widgelix_shows_the_address_that_was_filled_in() -> None:
    configuration = {"destinationURL": "https://w.example/", "headers": {"Authorization": "Bearer canary"}}

    assert settings(WIDGELIX | {"configuration": configuration}) == (
        Setting("Destination URL", ("https://w.example/",)),
    )


def test_connection_without_much_is_shown_all_the_same() -> None:
    view = connection_view({"id": "1", "name": "bare", "connectorId": "actility-kafka-iot", "state": "CLOSED"}, KINDS)

    assert (view.kind, view.description, view.downlink_url, view.settings) == ("actility-kafka-iot", "", "", ())


def test_event_row_reads_like_a_sentence() -> None:
    row = event_row(
        {"time": "2026-01-01T10:11:12.500+00:00", "severity": "info", "type": "STATE_CHANGED", "devEUI": None}
    )

    assert (row.time, row.kind, row.device) == ("2026-01-01 10:11:12", "State changed", "")
