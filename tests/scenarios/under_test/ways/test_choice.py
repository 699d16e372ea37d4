import pytest
from pydantic import ValidationError

from uplab.scenarios.under_test.profile import Features, Profile
from uplab.scenarios.under_test.ways.choice import Ways


@pytest.mark.parametrize(("api", "way"), [(True, "api"), (False, "static")])
def test_way_that_is_not_said_follows_from_the_api(api: bool, way: str) -> None:
    assert Profile(name="x", features=Features(api=api)).connections == way


def test_way_that_is_said_counts() -> None:
    assert Profile(name="x", features=Features(api=True), ways=Ways(connections="static")).connections == "static"


@pytest.mark.parametrize("wrong", [{"connections": "pages"}, {"names": "dns"}, {"tls": "no"}, {"proxy": True}])
def test_other_ways_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Ways.model_validate(wrong)
