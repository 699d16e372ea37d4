"""What goes around a message over HTTP."""

import dataclasses
from typing import Any

import pytest

from tests.simulator.forwarder.making import DEV_EUI, HTTP_EXAMPLE, changed, compact, document
from uplab.simulator.forwarder.connections.connection import parse_connection
from uplab.simulator.forwarder.destinations.connector import Envelope
from uplab.simulator.forwarder.destinations.http.envelope import envelope
from uplab.simulator.forwarder.destinations.table import CONNECTORS
from uplab.simulator.forwarder.documents.document import read_document
from uplab.simulator.forwarder.documents.token import check_token, parse_query
from uplab.simulator.forwarder.settings import read_settings


def wrapped(**configuration: Any) -> Envelope:
    """The envelope of the usual uplink."""
    settings = dataclasses.replace(read_settings([], {}), as_id="as", as_key="key")
    connection = parse_connection(changed(HTTP_EXAMPLE, **configuration), CONNECTORS, settings.platform)
    read = read_document(compact(document()))
    return envelope(connection, 8, settings)(read, read.content, read.parsed)


def test_headers_are_resolved_and_nothing_is_signed_unasked() -> None:
    headers = {"X-Thing": "{DevEUI}", "X-Root": "{DevEUI_uplink.FPort}", "X-Site": "A"}

    assert wrapped(headers=headers) == Envelope({"X-Thing": DEV_EUI, "X-Root": "5", "X-Site": "A"}, "")


@pytest.mark.parametrize(
    ("keys", "as_id", "key"),
    [
        ({}, "as", "key"),
        ({"downlinkAsId": "mine", "downlinkAsKey": "Own"}, "mine", "Own"),
        ({"downlinkAsId": "mine", "downlinkAsKey": "Own", "tiak": "0" * 32}, "mine", "0" * 32),
    ],
    ids=["default", "AS key", "TIAK"],
)
def test_compliance_signs_with_the_nearest_key(keys: dict[str, str], as_id: str, key: str) -> None:
    query = parse_query(wrapped(lrcCompliance=True, **keys).query)

    assert query["AS_ID"] == as_id
    assert check_token(query, "DevEUI_uplink", document()["DevEUI_uplink"], key)
