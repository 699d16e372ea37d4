"""How a bug changes a message."""

from uplab.scenarios.lab.player.bug import Memory, Message
from uplab.scenarios.lab.player.edits import deep, headed, leaf, rewritten, valued

MESSAGE = Message("POST", "/a", (("Host", "h"), ("X-A", "Long")), {"DevEUI_uplink": {"a": [1, {"b": 2.5}]}}, "A")


def test_deep_changes_each_value() -> None:
    assert deep(MESSAGE, str).document == {"DevEUI_uplink": {"a": ["1", {"b": "2.5"}]}}


def test_headers_of_the_connection_stay() -> None:
    assert headed(MESSAGE, lambda _, value: value.upper()).headers == (("Host", "h"), ("X-A", "LONG"))


def test_leaf_changes_what_is_there() -> None:
    held = {"a": 1, "b": None}
    for name in ("a", "b", "c"):
        leaf(name, lambda value: value + 1)(held)
    assert held == {"a": 2, "b": None}


def test_bytes_are_rewritten() -> None:
    assert rewritten(MESSAGE, lambda body: body[:5]).raw == b'{"Dev'


def test_values_of_telemetry() -> None:
    told = Message("PUBLISH", "t", (), {"A": [{"ts": 1, "values": {"a": 0, "b": 2}}]}, "A", telemetry=True)
    found = valued(lambda value: None if value == 0 else str(value))(Memory(), told)
    assert found is not None
    assert found[0].values == [{"b": "2"}]
