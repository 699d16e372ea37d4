"""Each downlink of the space is one that the contract takes; what is wrong stands among the refusals."""

from tests.scenarios.worlds.small_world import small_world
from uplab.scenarios.worlds.oracle import fates
from uplab.scenarios.worlds.space.downlinks import DOWNLINKS


def test_every_row_is_taken_where_the_connection_has_a_port() -> None:
    for name, fields in DOWNLINKS.items():
        if fields is None:
            continue
        own = {key: value for key, value in fields.items() if key != "lower"}
        step = {"do": "downlink", "device": "a", "through": "x", "fields": own}
        plan = small_world(step, connections={"x": {"configuration": {"downlinkPort": 7}}, "y": {}})
        assert [one.taken for one in fates(plan).answers] == [True], name
