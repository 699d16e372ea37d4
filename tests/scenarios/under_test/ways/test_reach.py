from typing import Literal

import pytest

from uplab.scenarios.under_test.profile import FEATURES, Choices, Features, Profile
from uplab.scenarios.under_test.ways.choice import Ways
from uplab.scenarios.under_test.ways.reach import ABILITIES, Commands, lacking, restricted, withheld

ALL = Features(**dict.fromkeys(FEATURES, True))


def reasons(ways: Ways, *, elsewhere: bool = False, commands: Commands | None = None) -> dict[str, str]:
    profile = Profile(name="x", features=ALL, ways=ways)
    return withheld(profile, elsewhere=elsewhere, commands=commands or Commands())


def test_nothing_is_withheld_from_a_forwarder_with_the_api_here() -> None:
    assert reasons(Ways()) == {}


def test_forwarder_elsewhere_keeps_its_clock_and_its_life() -> None:
    assert set(reasons(Ways(), elsewhere=True)) == {"durable", "clock", "login", "alone"}


def test_static_connections_are_neither_shown_nor_changed() -> None:
    found = reasons(Ways(connections="static"))

    assert {"api", "states", "events", "metrics", "replacing", "deleting", "flows", "downlinks"} <= set(found)
    assert not {"http", "thingsboard", "drivers", "options", "durable", "ingress"} & set(found)


def test_commands_do_what_commands_there_are_for() -> None:
    ways = Ways(connections="commands")
    whole = reasons(ways, commands=Commands("c", "d", "b"))

    assert not {"deleting", "flows", "downlinks"} & set(whole)
    assert {"api", "replacing", "states"} <= set(whole)
    assert {"deleting", "flows"} <= set(reasons(ways, commands=Commands("c")))


def test_uplinks_by_a_command_have_no_ingress() -> None:
    assert set(reasons(Ways(), commands=Commands(uplink="u"))) == {"ingress"}


def test_ingress_that_checks_no_token_is_not_asked_to_refuse_one() -> None:
    profile = Profile(name="x", features=ALL, choices=Choices(ingress_auth="none"))

    assert set(withheld(profile, elsewhere=False, commands=Commands())) == {"token"}


def test_direct_names_leave_no_fixed_address_and_perhaps_no_tls() -> None:
    assert set(reasons(Ways(names="direct"))) == {"names", "widgelix"}
    assert set(reasons(Ways(names="direct", tls=False))) == {"names", "widgelix", "tls"}
    assert reasons(Ways(names="proxy")) == {}


SHOWN = {"api", "states", "events", "metrics", "limit", "login", "pages", "replacing"}
NOBODY = {
    "api": set(),
    "commands": SHOWN,
    "static": SHOWN | {"deleting", "flows", "downlinks"},
}
NO_NAME = {"resolve": set(), "proxy": set(), "direct": {"names", "widgelix"}}


@pytest.mark.parametrize("names", NO_NAME)
@pytest.mark.parametrize("connections", NOBODY)
def test_each_pair_of_ways_withholds_what_one_of_them_has_not_and_no_more(
    connections: Literal["api", "commands", "static"], names: Literal["resolve", "proxy", "direct"]
) -> None:
    found = reasons(Ways(connections=connections, names=names), commands=Commands("c", "d", "b"))

    assert set(found) == NOBODY[connections] | NO_NAME[names]


def test_restricted_profile_has_no_more_what_is_withheld_and_keeps_its_way() -> None:
    profile = Profile(name="x", features=ALL, ways=Ways(connections="static"))
    left = restricted(profile, reasons(profile.ways))

    assert (left.features.api, left.features.flows, left.features.http) == (False, False, True)
    assert left.connections == "static"
    assert restricted(Profile(name="x", features=ALL), {"api": "why"}).connections == "api"


@pytest.mark.parametrize(
    ("needed", "why"),
    [
        (("http",), None),
        (("http", "ingress", "names"), None),
        (("drivers", "pages"), "the profile x does not declare drivers, pages"),
        (("api", "states"), "because"),
        (("drivers", "api"), "the profile x does not declare drivers; because"),
    ],
)
def test_what_is_lacking_is_said_with_its_reason(needed: tuple[str, ...], why: str | None) -> None:
    profile = Profile(name="x", features=Features(http=True))

    assert lacking(profile, {"api": "because", "states": "because"}, needed) == why


def test_one_reason_of_each_way_is_enough() -> None:
    found = reasons(Ways(connections="static", names="direct"))
    left = restricted(Profile(name="x", features=ALL, ways=Ways(connections="static", names="direct")), found)

    why = lacking(left, found, ("widgelix", "api", "deleting", "names"))

    assert why is not None
    assert (why.count("connections are static"), why.count("names are direct")) == (1, 1)


def test_abilities_are_no_features() -> None:
    assert not set(ABILITIES) & FEATURES
