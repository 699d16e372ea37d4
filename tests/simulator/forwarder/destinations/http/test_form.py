"""The two forms of the HTTP connector."""

from uplab.simulator.forwarder.connections.connection import Configuration
from uplab.simulator.forwarder.destinations.http.form import KINDS
from uplab.simulator.forwarder.destinations.http.settings import HttpConfiguration
from uplab.simulator.forwarder.platform import Platform


def test_each_parameter_of_its_own_has_a_label_in_the_order_of_the_schema() -> None:
    common = Configuration.model_json_schema()["properties"]
    own = [name for name in HttpConfiguration.model_json_schema()["properties"] if name not in common]

    for kind in KINDS:
        assert list(kind.labels) == own


def test_widgelix_asks_for_its_key_only_and_fills_in_the_platforms_address() -> None:
    http, widgelix = KINDS
    key = widgelix.field("key")

    assert key is not None
    assert (key.header, key.echoed) == ("Authorization", False)
    assert widgelix.filled(Platform(widgelix_url="https://w.example/")) == {"destinationURL": "https://w.example/"}
    assert http.filled(Platform()) == {}
