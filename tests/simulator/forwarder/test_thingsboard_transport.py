"""The port in hostName decides between MQTT and REST."""

from __future__ import annotations

import pytest

from simulator.forwarder.thingsboard import read_account
from simulator.forwarder.thingsboard_rest_sink import ThingsBoardRestSink
from simulator.forwarder.thingsboard_sink import ThingsBoardSink
from simulator.forwarder.thingsboard_transport import thingsboard_sink


@pytest.mark.parametrize(
    ("port", "kind"),
    [(1883, ThingsBoardSink), (8883, ThingsBoardSink), (443, ThingsBoardRestSink), (8080, ThingsBoardRestSink)],
)
def test_each_documented_port_gets_its_sink(port: int, kind: type) -> None:
    account = read_account({"hostName": f"tb.example:{port}", "username": "u", "password": "p"})

    assert type(thingsboard_sink(account, resolve={}, ca_file=None)) is kind
