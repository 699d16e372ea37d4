"""The tables of the space hang together."""

from uplab.scenarios.checks.requirements import catalogue
from uplab.scenarios.under_test.profile import Profile, load_profile
from uplab.scenarios.worlds.space.dimensions import DIMENSIONS
from uplab.scenarios.worlds.space.offered import offered


def test_each_dimension_has_a_name_of_its_own_and_a_default() -> None:
    names = [one.name for one in DIMENSIONS]
    assert len(set(names)) == len(names)
    assert all(one.default in one.values and len(one.values) > 1 for one in DIMENSIONS)


def test_sources_are_rows_of_the_catalogue_or_sections_of_the_contract() -> None:
    for one in DIMENSIONS:
        rows = [word.strip(",.:").partition(".")[0] for word in one.source.split() if "-" in word]
        assert rows or "CONTRACT" in one.source
        assert all(row in catalogue() for row in rows), one.source


def test_reference_offers_everything_and_a_bare_profile_little() -> None:
    strict = [one.name for one in DIMENSIONS if "strict" in one.needs]  # of another failure generation
    assert [one.name for one in offered(load_profile(None))] == [o.name for o in DIMENSIONS if o.name not in strict]
    bare = offered(Profile(name="bare"))
    assert "address" not in [one.name for one in bare]
    assert next(one for one in bare if one.name == "beside").values == {"none": ()}
