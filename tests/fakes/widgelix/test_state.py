"""What Widgelix knows: accounts, types, devices, keys, and what an uplink changes."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.fakes.widgelix.make import EUI, ManualClock, counted_tokens, join, sent, uplink
from uplab.fakes.widgelix.device import Device
from uplab.fakes.widgelix.documents import parse
from uplab.fakes.widgelix.errors import ConflictError, NotFoundError
from uplab.fakes.widgelix.fields import REPOSITORY
from uplab.fakes.widgelix.state import DEMO, Account, TokenScope, WidgelixState

ORG = DEMO.organisation
OTHER = "70B3D5E75E000001"


def make(scope: TokenScope = "device", history_limit: int = 100) -> tuple[WidgelixState, Device]:
    state = WidgelixState(
        clock=ManualClock(), new_token=counted_tokens(), token_scope=scope, history_limit=history_limit
    )
    ers = state.add_type(ORG, REPOSITORY["ELSYS-ERS"])
    return state, state.add_device(ORG, name="Room", dev_eui=EUI, type_id=ers.id)


def second(state: WidgelixState, device: Device) -> Device:
    return state.add_device(ORG, name="Other", dev_eui=OTHER, type_id=device.type.id)


def accept(state: WidgelixState, device: Device, **changes: Any) -> None:
    state.accept(device, parse(uplink(**changes)))


def test_demo_account_logs_in_and_a_wrong_password_does_not() -> None:
    state, _ = make()

    session = state.log_in("Demo@Widgelix.example", "demo")

    assert session is not None
    assert state.account_of(session) == DEMO
    assert state.log_in(DEMO.email, "Demo") is None
    assert state.log_in("nobody@widgelix.example", "demo") is None


def test_logged_out_session_is_over() -> None:
    state, _ = make()
    session = state.log_in(DEMO.email, DEMO.password)
    assert session is not None

    state.log_out(session)

    assert state.account_of(session) is None


def test_clear_keeps_only_the_demo_account() -> None:
    state, device = make()
    token = state.generate_token(device)
    session = state.log_in(DEMO.email, DEMO.password)
    state.add_account(Account("second@widgelix.example", "x", "Second"))

    state.clear()

    assert session is not None
    assert state.account_of(session) is None
    assert state.devices(ORG) == []
    assert state.types(ORG) == []
    assert state.holder_of(token) is None
    assert state.log_in("second@widgelix.example", "x") is None
    assert state.log_in(DEMO.email, DEMO.password) is not None


def test_second_device_with_that_id_is_a_conflict() -> None:
    state, device = make()

    with pytest.raises(ConflictError, match=f"there is a device {EUI} already"):
        state.add_device(ORG, name="Twin", dev_eui=EUI, type_id=device.type.id)


def test_type_in_use_cannot_be_removed() -> None:
    state, device = make()

    with pytest.raises(ConflictError):
        state.remove_type(ORG, device.type.id)

    state.remove_device(ORG, device.id)
    state.remove_type(ORG, device.type.id)
    assert state.types(ORG) == []


def test_other_organisation_sees_nothing() -> None:
    state, device = make()

    assert state.devices("Second") == []
    for look in (state.device, state.remove_device):
        with pytest.raises(NotFoundError):
            look("Second", device.id)
    with pytest.raises(NotFoundError):
        state.type("Second", device.type.id)


def test_new_token_revokes_the_one_before() -> None:
    state, device = make()

    first, later = state.generate_token(device), state.generate_token(device)

    assert state.holder_of(first) is None
    assert state.holder_of(later) is device


def test_removed_device_takes_its_token_along() -> None:
    state, device = make()
    token = state.generate_token(device)

    state.remove_device(ORG, device.id)

    assert state.holder_of(token) is None


def test_connectivity_change_keeps_the_token() -> None:
    state, device = make()
    token = state.generate_token(device)

    connectivity = state.connect(device, downlink_url="http://example/x", downlink_port=5)

    assert connectivity.token == token


@pytest.mark.parametrize(("scope", "admitted"), [("device", False), ("organisation", True)])
def test_scope_decides_whether_a_token_admits_another_device(scope: TokenScope, admitted: bool) -> None:
    state, device = make(scope)
    other = second(state, device)

    assert state.admitted(device, EUI) is device
    assert state.admitted(device, OTHER) == (other if admitted else None)


def test_device_of_nobody_is_not_found() -> None:
    state, device = make("organisation")

    with pytest.raises(NotFoundError):
        state.admitted(device, OTHER)


def test_uplink_sets_history_values_and_last_seen() -> None:
    state, device = make()

    accept(state, device)

    (message,) = device.history.between()
    assert message.values == {"temperature": 22.6, "humidity": 41, "light": 39, "motion": 6}
    assert device.last_seen == message.time == datetime(2026, 1, 1, 12, 0, 0, 123000, tzinfo=UTC)
    assert message.received == datetime(2026, 1, 2, tzinfo=UTC)


def test_older_uplink_goes_into_its_place_only() -> None:
    state, device = make()
    accept(state, device, Time="2026-01-01T12:00:00+00:00", FCntUp=2)

    accept(state, device, Time="2026-01-01T11:00:00+00:00", FCntUp=1, payload_hex="0100c8")

    assert [message.f_cnt_up for message in device.history.between()] == [1, 2]
    assert device.last_seen == datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert device.history.last["temperature"].value == 22.6


def test_same_uplink_twice_is_shown_twice() -> None:
    state, device = make()

    accept(state, device)
    accept(state, device)

    assert len(device.history) == 2


def test_join_is_an_event_and_counts_as_seen() -> None:
    state, device = make()

    state.accept(device, parse(join()))

    assert [event.kind for event in device.events] == ["join"]
    assert device.last_seen == datetime(2026, 1, 1, 11, 59, tzinfo=UTC)
    assert len(device.history) == 0


def test_sent_report_is_an_event_and_not_the_device_speaking() -> None:
    state, device = make()

    state.accept(device, parse(sent()))

    assert [event.facts["CorrelationID"] for event in device.events] == ["00000000000000AB"]
    assert device.last_seen is None


def test_events_are_bounded_and_counted() -> None:
    state, device = make()

    for _ in range(300):
        state.accept(device, parse(join()))

    assert len(device.events) == 200
    assert device.events_total == 300


def test_history_is_bounded_and_counts_what_it_drops() -> None:
    state, device = make(history_limit=2)

    for second_of in range(3):
        accept(state, device, Time=f"2026-01-01T12:00:0{second_of}Z")

    assert (len(device.history), device.history.dropped) == (2, 1)


def test_downlink_changes_its_status_in_place() -> None:
    state, device = make()
    downlink = device.start_downlink("00ff", 5, "http://example/x", state.now())

    device.end_downlink(downlink.id, "sent", 202, None)

    assert [(kept.status, kept.http_status) for kept in device.downlinks] == [("sent", 202)]


@pytest.mark.parametrize("arguments", [{"token_scope": "world"}, {"history_limit": 0}, {"history_limit": 1_000_001}])
def test_impossible_settings_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(arguments))):
        WidgelixState(**arguments)


def test_clock_is_read_in_whole_milliseconds() -> None:
    state = WidgelixState(clock=lambda: 1_767_312_000.123456)

    assert state.now() == datetime(2026, 1, 2, 0, 0, 0, 123000, tzinfo=UTC)


def test_sessions_are_bounded() -> None:
    state, _ = make()
    first = state.log_in(DEMO.email, DEMO.password)
    assert first is not None

    for _ in range(1000):
        last = state.log_in(DEMO.email, DEMO.password)

    assert last is not None
    assert state.account_of(first) is None
    assert state.account_of(last) == DEMO
