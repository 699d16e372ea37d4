"""All known-bad forwarders, hop by hop."""

from tests.faulty import alarms, authentication, configuration, downlink, mapping, restart, retry, transport
from tests.faulty.known_bad import Catalogue

__all__ = ["CATALOGUE"]

CATALOGUE = Catalogue()
for module in (authentication, mapping, transport, retry, configuration, restart, alarms, downlink):
    for name, bad in module.BAD.items():
        assert name not in CATALOGUE, f"two known-bad forwarders are called {name}"
        CATALOGUE[name] = bad
