"""The ingest: whom it lets in, what it takes, and that nothing makes it fail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.widgelix.make import EUI, ManualClock, counted_tokens, join, sent, uplink
from uplab.fakes.widgelix.device import Device
from uplab.fakes.widgelix.fields import REPOSITORY
from uplab.fakes.widgelix.ingest import ingest
from uplab.fakes.widgelix.state import DEMO, TokenScope, WidgelixState

OTHER = "70B3D5E75E000001"


def make(scope: TokenScope = "device") -> tuple[WidgelixState, Device, str]:
    state = WidgelixState(clock=ManualClock(), new_token=counted_tokens(), token_scope=scope)
    ers = state.add_type(DEMO.organisation, REPOSITORY["ELSYS-ERS"])
    device = state.add_device(DEMO.organisation, name="Room", dev_eui=EUI, type_id=ers.id)
    return state, device, state.generate_token(device)


def test_uplink_with_its_token_is_accepted() -> None:
    state, device, token = make()

    status, body = ingest(state, [f"Bearer {token}"], uplink())

    assert (status, body) == (200, {"status": "accepted", "deviceId": EUI})
    assert device.history.last["temperature"].value == 22.6


@pytest.mark.parametrize("scheme", ["bearer ", "BEARER ", "Bearer  "])
def test_scheme_is_read_as_http_says(scheme: str) -> None:
    state, _, token = make()

    assert ingest(state, [scheme + token], uplink())[0] == 200


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ([], "the Authorization header is missing"),
        ([""], 'expected "Authorization: Bearer <access token>"'),
        (["Bearer"], "the access token is wrong or revoked"),
        (["Bearer "], "the access token is wrong or revoked"),
        (["key-1"], 'expected "Authorization: Bearer <access token>"'),
        (["Basic key-1"], 'expected "Authorization: Bearer <access token>"'),
        (["Bearer Bearer key-1"], "the access token is wrong or revoked"),
        (["Bearer KEY-1"], "the access token is wrong or revoked"),
        (["Bearer key-2"], "the access token is wrong or revoked"),
        (["Bearer key-1 key-1"], "the access token is wrong or revoked"),
        (["Bearer key-1,"], "the access token is wrong or revoked"),
        (["Bearer key-1", "Bearer key-1"], "the Authorization header came more than once"),
    ],
)
def test_anything_but_the_token_is_refused(headers: list[str], reason: str) -> None:
    state, device, token = make()
    assert token == "key-1"

    assert ingest(state, headers, uplink()) == (401, {"error": reason})
    assert len(device.history) == 0


def test_revoked_token_is_refused() -> None:
    state, device, token = make()
    later = state.generate_token(device)

    assert ingest(state, [f"Bearer {token}"], uplink())[0] == 401
    assert ingest(state, [f"Bearer {later}"], uplink())[0] == 200


@pytest.mark.parametrize(("scope", "wanted", "kept"), [("device", 401, 0), ("organisation", 200, 1)])
def test_scope_decides_about_another_device(scope: TokenScope, wanted: int, kept: int) -> None:
    state, device, token = make(scope)
    other = state.add_device(DEMO.organisation, name="Other", dev_eui=OTHER, type_id=device.type.id)

    status, _ = ingest(state, [f"Bearer {token}"], uplink(DevEUI=OTHER))

    assert (status, len(other.history), len(device.history)) == (wanted, kept, 0)


@pytest.mark.parametrize("scope", ["device", "organisation"])
def test_unknown_device_is_not_found(scope: TokenScope) -> None:
    state, _, token = make(scope)

    answer = ingest(state, [f"Bearer {token}"], uplink(DevEUI=OTHER))

    assert answer == (404, {"error": f"there is no device {OTHER}"})


def test_lower_case_dev_eui_finds_its_device() -> None:
    state, device, token = make()

    assert ingest(state, [f"Bearer {token}"], uplink(DevEUI=EUI.lower()))[0] == 200
    assert len(device.history) == 1


@pytest.mark.parametrize("body", [join(), sent()])
def test_other_reports_become_events(body: bytes) -> None:
    state, device, token = make()

    assert ingest(state, [f"Bearer {token}"], body)[0] == 200
    assert (len(device.events), len(device.history)) == (1, 0)


def test_document_is_looked_at_only_after_the_token() -> None:
    state, _, _ = make()

    assert ingest(state, ["Bearer wrong"], b"no json")[0] == 401


def test_broken_document_is_refused_by_name() -> None:
    state, _, token = make()

    status, body = ingest(state, [f"Bearer {token}"], uplink(Time="now"))

    assert status == 400
    assert body["error"].startswith("DevEUI_uplink.Time:")


@given(st.binary(max_size=200) | st.text(max_size=60).map(lambda text: uplink(payload_hex=text)))
def test_any_body_is_answered(body: bytes) -> None:
    state, _, token = make()

    assert ingest(state, [f"Bearer {token}"], body)[0] in (200, 400, 404)


@given(st.binary(max_size=60))
def test_any_payload_is_accepted(payload: bytes) -> None:
    state, device, token = make()

    assert ingest(state, [f"Bearer {token}"], uplink(payload_hex=payload.hex()))[0] == 200
    assert device.history.newest(slice(1))[0].payload_hex == payload.hex()
