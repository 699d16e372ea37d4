import inspect

import pytest

from uplab.scenarios.lab.ways.by_api import ByApi
from uplab.scenarios.lab.ways.by_commands import ByCommands
from uplab.scenarios.lab.ways.fixed import Fixed
from uplab.scenarios.lab.ways.static import Static
from uplab.scenarios.lab.ways.way import Way

ASKED = [name for name in vars(Way) if not name.startswith("_")]


@pytest.mark.parametrize("way", [ByApi, ByCommands, Static, Fixed])
def test_each_way_has_all_that_a_scenario_asks_for(way: type) -> None:
    assert ASKED
    for name in ASKED:
        wanted, found = getattr(Way, name), getattr(way, name)
        if callable(wanted):
            assert list(inspect.signature(found).parameters) == list(inspect.signature(wanted).parameters), name
