"""What a form consists of."""

from uplab.simulator.forwarder.connections.connection import Configuration
from uplab.simulator.forwarder.destinations.form import DESCRIPTION, NAME, Field, Kind
from uplab.simulator.forwarder.platform import Platform


def test_secret_is_not_given_back() -> None:
    assert Field("k", "K", "configuration.k", "").echoed
    assert not Field("k", "K", "configuration.k", "", control="secret").echoed


def test_kind_knows_its_fields_and_fills_in_nothing_unasked() -> None:
    kind = Kind("s", "S", "lab-s-iot", "", (NAME, DESCRIPTION), Configuration, "S")

    assert kind.field("description") is DESCRIPTION
    assert kind.field("other") is None
    assert kind.filled(Platform()) == {}
