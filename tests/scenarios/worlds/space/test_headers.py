"""Each row is what a configuration may hold."""

from uplab.scenarios.worlds.plan import Connection
from uplab.scenarios.worlds.space.headers import HEADERS


def test_rows_are_configurations() -> None:
    for row in HEADERS.values():
        held = Connection(configuration=row).configuration
        assert set(held) <= {"headers"}
        assert all(isinstance(value, str) for value in held.get("headers", {}).values())
