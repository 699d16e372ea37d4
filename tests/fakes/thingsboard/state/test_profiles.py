from itertools import count
from typing import Any

import pytest

from uplab.fakes.thingsboard.state.profiles import CREATE_NEW, ProfileError, Profiles, Unsupported


@pytest.fixture(name="profiles")
def no_profiles() -> Profiles:
    numbers = count(1)
    return Profiles(lambda: str(next(numbers)), lambda: 5)


def fields(name: str = "elsys", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "DEFAULT", **more}


def test_first_profile_of_each_tenant_is_its_default(profiles: Profiles) -> None:
    first, other, foreign = profiles.named("t", "a"), profiles.named("t", "b"), profiles.named("u", "a")

    assert [one.default for one in (first, other, foreign)] == [True, False, True]
    assert profiles.named("t", "a") is first
    assert profiles.get("u", first.id) is None
    profiles.make_default(other)
    assert profiles.default("t") is other
    assert list(profiles.of("t")) == [first, other]


def test_profile_is_changed_under_its_id(profiles: Profiles) -> None:
    made = profiles.save("t", fields())

    changed = profiles.save("t", fields("elsys2", id={"id": made.id}))

    assert (changed is made, made.name, made.version) == (True, "elsys2", 2)
    assert profiles.named("t", "elsys") is not made


def test_names_and_provision_keys_are_taken_once(profiles: Profiles) -> None:
    provision = {"provisionType": CREATE_NEW, "provisionDeviceKey": "k"}
    profiles.save("t", fields("a", **provision))
    second = profiles.save("t", fields("b"))

    with pytest.raises(ProfileError, match="such name"):
        profiles.save("t", fields("a", id={"id": second.id}))
    with pytest.raises(ProfileError, match="provision device key"):
        profiles.save("u", fields("c", **provision))
    assert second.version == 1


def test_default_profile_stays(profiles: Profiles) -> None:
    default, other = profiles.named("t", "default"), profiles.save("t", fields())

    with pytest.raises(ProfileError, match="Default"):
        profiles.delete(default)
    profiles.delete(other)

    assert list(profiles.of("t")) == [default]


@pytest.mark.parametrize("more", [{"transportType": "COAP"}, {"softwareId": {"id": "x"}}, {"provisionType": "X509"}])
def test_what_would_be_ignored_is_refused_and_changes_nothing(profiles: Profiles, more: dict[str, Any]) -> None:
    with pytest.raises(Unsupported):
        profiles.save("t", fields(**more))

    assert list(profiles.of("t")) == []
