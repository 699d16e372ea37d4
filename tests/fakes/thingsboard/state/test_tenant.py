import uuid

import pytest

from uplab.fakes.thingsboard.state.credentials import Credentials, CredentialsError
from uplab.fakes.thingsboard.state.tenant import (
    CUSTOMER_USER,
    SYS_ADMIN,
    TENANT_ADMIN,
    DeviceLimitError,
    NameTakenError,
    State,
)

NOW = 1_700_000_000_000


@pytest.fixture(name="state")
def a_state() -> State:
    return State(now=lambda: NOW)


def test_demo_has_the_accounts_of_the_public_one(state: State) -> None:
    assert {email: (user.password, user.authority) for email, user in state.users.items()} == {
        "sysadmin@thingsboard.org": ("sysadmin", SYS_ADMIN),
        "tenant@thingsboard.org": ("tenant", TENANT_ADMIN),
        "customer@thingsboard.org": ("customer", CUSTOMER_USER),
    }


def test_demo_account_is_a_gateway_too(state: State) -> None:
    gateway = state.device_with("tenant@thingsboard.org")

    assert gateway is not None
    assert gateway.gateway
    assert gateway.credentials == Credentials.mqtt_basic(username="tenant@thingsboard.org", password="tenant")


def test_identifiers_are_uuids_of_the_clock(state: State) -> None:
    first, second = uuid.UUID(state.new_id()), uuid.UUID(state.new_id())

    assert first.version == 1
    assert first != second
    assert (first.time - 0x01B21DD213814000) // 10_000 == NOW


def test_name_is_unique_in_its_tenant_only(state: State) -> None:
    other = state.add_tenant("Other")
    state.add_device(state.demo.id, "D")
    state.add_device(other.id, "D")

    with pytest.raises(NameTakenError, match="Device with such name already exists!"):
        state.add_device(state.demo.id, "D")


def test_letter_case_makes_another_device(state: State) -> None:
    assert state.add_device(state.demo.id, "0018B2") is not state.add_device(state.demo.id, "0018b2")


def test_credentials_belong_to_one_device(state: State) -> None:
    state.add_device(state.demo.id, "D1", credentials=Credentials.access_token("T"))
    second = state.add_device(state.demo.id, "D2")

    with pytest.raises(CredentialsError, match="already assigned"):
        state.add_device(state.demo.id, "D3", credentials=Credentials.access_token("T"))
    with pytest.raises(CredentialsError, match="already assigned"):
        state.set_credentials(second, Credentials.access_token("T"))


def test_new_credentials_replace_the_old(state: State) -> None:
    device = state.add_device(state.demo.id, "D", credentials=Credentials.access_token("old"))

    state.set_credentials(device, Credentials.access_token("new"))

    assert state.device_with("old") is None
    assert state.device_with("new") is device


def test_deleted_device_leaves_nothing(state: State) -> None:
    device = state.add_device(state.demo.id, "D", credentials=Credentials.access_token("T"))
    device.series.save(1, {"a": 1})
    state.relate("gateway", device.id, "Created")

    state.delete_device(device)

    assert (state.device_named(state.demo.id, "D"), state.device_with("T"), state.budget.kept) == (None, None, 0)
    assert not state.relations
    assert device.id not in state.devices


def test_device_can_be_renamed(state: State) -> None:
    device = state.add_device(state.demo.id, "D")
    state.add_device(state.demo.id, "E")

    state.rename_device(device, "F")

    assert state.device_named(state.demo.id, "F") is device
    with pytest.raises(NameTakenError):
        state.rename_device(device, "E")


def test_devices_are_bounded() -> None:
    state = State(now=lambda: NOW, max_devices=2)
    state.add_device(state.demo.id, "D")

    with pytest.raises(DeviceLimitError):
        state.add_device(state.demo.id, "E")


def test_type_makes_a_profile_once(state: State) -> None:
    first = state.add_device(state.demo.id, "D", type="elsys")
    second = state.add_device(state.demo.id, "E", type="elsys")

    assert first.profile is second.profile
    assert sorted(profile.name for profile in state.profiles.of(state.demo.id)) == ["default", "elsys"]


def test_attributes_are_kept_by_scope(state: State) -> None:
    device = state.add_device(state.demo.id, "D")

    device.save_attributes("CLIENT_SCOPE", {"a": 1}, NOW)
    device.save_attributes("SHARED_SCOPE", {"a": 2, "b": 3}, NOW + 1)

    assert device.attributes("CLIENT_SCOPE", NOW) == {"a": (NOW, 1)}
    assert device.delete_attributes("SHARED_SCOPE", ["a", "x"]) == ["a"]
    assert device.attributes("SHARED_SCOPE", NOW) == {"b": (NOW + 1, 3)}


def test_activity_is_a_server_attribute(state: State) -> None:
    device = state.add_device(state.demo.id, "D")
    assert device.attributes("SERVER_SCOPE", NOW) == {}

    device.last_activity_ms = NOW

    assert device.attributes("SERVER_SCOPE", NOW + 599_999)["active"] == (NOW, True)
    assert device.attributes("SERVER_SCOPE", NOW + 600_000)["active"] == (NOW, False)


def test_clear_brings_the_demo_back(state: State) -> None:
    state.add_device(state.demo.id, "D").series.save(1, {"a": 1})
    state.add_user("other@x.org", "pw")

    state.clear()

    assert [device.name for device in state.devices.values()] == ["Gateway of tenant@thingsboard.org"]
    assert len(state.users) == 3
    assert state.budget.kept == 0


def test_user_exists_once_whatever_the_letter_case(state: State) -> None:
    with pytest.raises(NameTakenError):
        state.add_user("Tenant@ThingsBoard.org", "pw")
