from typing import Any

import pytest

from uplab.scenarios.checks.checks import Route
from uplab.scenarios.documents.connector_document import example_body
from uplab.scenarios.lab.ways.fixed import Fixed, fixed_set, landing
from uplab.scenarios.under_test.profile import Choices, Features, Profile
from uplab.scenarios.under_test.ways.choice import Ways
from uplab.scenarios.under_test.ways.reach import NotApplicableError

PROFILE = Profile(name="x", features=Features(http=True, thingsboard=True))


def http(path: str, **configuration: Any) -> dict[str, Any]:
    url = f"https://posthere.io{path}"
    return {"connectorId": "actility-http-iot", "name": path, "configuration": {"destinationURL": url, **configuration}}


def fixed() -> Fixed:
    way = Fixed(fixed_set(PROFILE, {}), addressed=lambda body: body, emit=lambda _, __: None)
    way.begin()
    return way


def path_of(resource: dict[str, Any]) -> str:
    return str(resource["configuration"]["destinationURL"]).partition("posthere.io")[2]


def test_set_holds_the_witness_first_and_what_the_profile_declares() -> None:
    names = [
        body["configuration"].get("destinationURL") or body["configuration"]["hostName"]
        for body in fixed_set(PROFILE, {})
    ]

    assert names[0] == "http://witness.uplab.test/witness-1"
    assert example_body("http.md")["configuration"]["destinationURL"] in names
    assert "thingsboard.cloud:1883" in names
    assert not [name for name in names if "widgelix" in name]


def test_strict_forwarder_is_given_no_blame_period() -> None:
    strict = PROFILE.model_copy(update={"choices": Choices(failure_generation="strict-close")})

    assert not [body for body in fixed_set(strict, {}) if "blamePeriod" in body["configuration"]]


def test_direct_addresses_stand_in_the_set() -> None:
    direct = PROFILE.model_copy(update={"ways": Ways(names="direct")})
    found = fixed_set(direct, {"posthere.io:443": "10.0.0.1:1", "witness.uplab.test:80": "10.0.0.1:2"})

    assert found[0]["configuration"]["destinationURL"] == "http://10.0.0.1:2/witness-1"
    assert found[1]["configuration"]["destinationURL"].startswith("https://10.0.0.1:1/")


def test_scenario_is_given_its_own_connection_or_one_alike() -> None:
    way = fixed()

    assert path_of(way.create(example_body("http.md"))) == path_of(example_body("http.md"))
    assert path_of(way.create(http("/x"))) == "/uplab-plain-1"
    assert path_of(way.create(http("/y", description="another"))) == "/uplab-plain-2"
    assert path_of(way.create(http("/z", blamePeriod=1))) == "/uplab-soon-1"


@pytest.mark.parametrize("body", [http("/x", blamePeriod=2), http("/x", headers={"X-Site": "A"})])
def test_scenario_that_wants_another_one_is_not_applicable(body: dict[str, Any]) -> None:
    with pytest.raises(NotApplicableError, match="the set that `uplab environment` prints has none"):
        fixed().create(body)


def test_each_is_given_once_in_a_scenario() -> None:
    way = fixed()
    for _ in range(2):
        way.create(http("/x"))
    with pytest.raises(NotApplicableError):
        way.create(http("/x"))
    way.begin()
    assert path_of(way.create(http("/x"))) == "/uplab-plain-1"


def test_witness_is_given_by_its_own_body_as_often_as_it_is_asked_for() -> None:
    way, [witness, *_] = fixed(), fixed_set(PROFILE, {})

    assert way.create(witness)["id"] == way.create(witness)["id"] == "static 0"


def test_documents_arrive_at_the_path_of_the_set() -> None:
    asked, given = http("/x"), http("/uplab-plain-1")

    assert landing(asked, given, Route("posthere", "/x")) == Route("posthere", "/uplab-plain-1")
    assert landing(asked, asked, Route("posthere", "/x")) == Route("posthere", "/x")


def test_places_of_the_set_are_known() -> None:
    assert Route("posthere", "/uplab-plain-2") in fixed().shared
