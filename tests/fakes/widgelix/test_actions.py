"""What people do, below the API and the pages."""

import pytest

from tests.fakes.widgelix.client import Client
from uplab.fakes.widgelix.actions import chosen_fields, fields_from_lines, set_connectivity
from uplab.fakes.widgelix.errors import InvalidError


def test_lines_become_fields() -> None:
    assert fields_from_lines("temperature\n\n level =  $.a[?@.b == 1] \n") == [
        {"name": "temperature", "source": "codec"},
        {"name": "level", "source": "$.a[?@.b == 1]"},
    ]


def test_fields_may_be_repeated_or_separated_by_commas() -> None:
    client = Client()
    device = client.state.device("Demo organisation", client.device())

    assert chosen_fields(device, ["motion, light", "motion", ""]) == ("motion", "light")
    with pytest.raises(InvalidError, match="not 'snow'"):
        chosen_fields(device, ["motion,snow"])


@pytest.mark.parametrize(("given", "port"), [(5, 5), (" 224 ", 224), ("", None), (None, None)])
def test_port_may_be_a_number_or_a_text(given: object, port: int | None) -> None:
    client = Client()
    device = client.state.device("Demo organisation", client.device())

    set_connectivity(client.state, device, {"downlinkPort": given})

    assert device.connectivity is not None
    assert device.connectivity.downlink_port == port


def test_absent_downlink_side_is_taken_away() -> None:
    client = Client()
    device = client.state.device("Demo organisation", client.device())
    set_connectivity(client.state, device, {"downlinkUrl": "http://example/x", "downlinkPort": 5})

    set_connectivity(client.state, device, {"networkServer": "ACTILITY"})

    assert device.connectivity is not None
    assert (device.connectivity.downlink_url, device.connectivity.downlink_port) == (None, None)
