"""Commands are values: equal when they say the same."""

import pytest

from uplab.fakes.relay import commands as c


def test_commands_are_values() -> None:
    assert c.Forward(b"x") == c.Forward(b"x")
    assert c.Answer(b"x") != c.Answer(b"x", (("hop", {}),))
    with pytest.raises(AttributeError):
        c.End("over").reason = "not over"  # type: ignore[misc]
