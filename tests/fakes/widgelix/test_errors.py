"""The kinds of refusal."""

from uplab.fakes.widgelix.errors import InvalidError


def test_invalid_value_is_named() -> None:
    error = InvalidError("downlinkPort", "expected a whole number")

    assert (error.field, str(error)) == ("downlinkPort", "expected a whole number")
