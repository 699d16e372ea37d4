"""All known-bad forwarders, hop by hop, and the known-bad fakes."""

from tests.faulty import (
    accepted,
    addresses,
    alarms,
    authentication,
    bodies,
    configuration,
    content,
    deletion,
    downlink,
    downlink_options,
    fakes,
    flows,
    forms,
    headers,
    leaks,
    mapping,
    pages,
    reconnection,
    restart,
    retry,
    services,
    shown,
    standing,
    taken,
    told,
    transport,
    tunnel,
    values_told,
    way_back,
    way_down,
)
from tests.faulty.known_bad import Catalogue

__all__ = ["CATALOGUE"]

CATALOGUE = Catalogue()
for module in (
    authentication,
    leaks,
    headers,
    mapping,
    forms,
    transport,
    tunnel,
    flows,
    retry,
    reconnection,
    bodies,
    configuration,
    deletion,
    accepted,
    taken,
    told,
    values_told,
    way_back,
    way_down,
    shown,
    restart,
    alarms,
    downlink,
    downlink_options,
    addresses,
    pages,
    standing,
    content,
    fakes,
    services,
):
    for name, bad in module.BAD.items():
        assert name not in CATALOGUE, f"two known-bads are called {name}"
        CATALOGUE[name] = bad
