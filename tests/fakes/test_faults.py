import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.fakes.faults import (
    Action,
    Always,
    Close,
    Delay,
    Drip,
    EveryNth,
    Fault,
    FirstN,
    HalfAnswer,
    Hang,
    HugeBody,
    JsonPointer,
    Nth,
    Redirect,
    RefuseConnect,
    RefuseSubscribe,
    RepeatPuback,
    ResetAfterBody,
    ResetBeforeBody,
    Share,
    Status,
    TakeOver,
    Trigger,
    WithholdPuback,
    as_data,
    describe,
    from_data,
)

COUNTS = st.integers(1, 1000)
TRIGGERS: st.SearchStrategy[Trigger] = st.one_of(
    st.just(Always()),
    st.builds(Nth, COUNTS),
    st.builds(FirstN, COUNTS),
    st.builds(EveryNth, COUNTS),
    st.builds(Share, st.floats(0, 1), st.integers()),
    st.builds(JsonPointer, st.text(), st.text() | st.booleans() | st.none(), COUNTS | st.none()),
)
PAIRS = st.lists(st.tuples(st.text(), st.text())).map(tuple)
REQUEST_ACTIONS: st.SearchStrategy[Action] = st.one_of(
    st.builds(Status, COUNTS, st.binary(), PAIRS, st.text() | st.none(), st.booleans()),
    st.builds(Hang, st.booleans()),
    st.builds(ResetAfterBody, st.booleans()),
    st.builds(HalfAnswer, COUNTS | st.none()),
    st.builds(Drip, st.floats(0.1, 1e6)),
    st.builds(Redirect, st.text(), COUNTS),
    st.builds(HugeBody, COUNTS),
)
ACTIONS = REQUEST_ACTIONS | st.builds(Delay, st.floats(0, 100), REQUEST_ACTIONS | st.none())


@given(st.builds(Fault, st.text(), TRIGGERS, ACTIONS, only=st.text()))
def test_every_fault_survives_its_way_through_json(fault: Fault) -> None:
    assert from_data(json.loads(json.dumps(as_data(fault)))) == fault


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        (Status(503), "request"),
        (ResetBeforeBody(), "head"),
        (RefuseConnect(5), "connect"),
        (RefuseSubscribe(), "subscribe"),
        (WithholdPuback(), "publish"),
        (RepeatPuback(3), "publish"),
        (Close(), "publish"),
        (TakeOver(), "publish"),
        (Delay(0.1), "request"),
        (Delay(0.1, Delay(0.2, TakeOver())), "publish"),
        (Delay(0.1, ResetBeforeBody()), "head"),
    ],
)
def test_action_says_at_which_occasion_it_happens(action: Action, kind: str) -> None:
    assert Fault("f", Always(), action).kind == kind


def test_occasion_can_be_named_where_an_action_has_several() -> None:
    assert Fault("f", Always(), Delay(1.0), on="publish").kind == "publish"
    assert Fault("f", Always(), Close(), on="connect").kind == "connect"


def test_action_at_an_occasion_that_it_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="fault f: Status cannot happen at a publish"):
        Fault("f", Always(), Status(503), on="publish")
    with pytest.raises(ValueError, match="fault f: RefuseConnect cannot happen at a request"):
        Fault("f", Always(), Delay(1.0, RefuseConnect(5)), on="request")


@pytest.mark.parametrize(
    ("trigger", "action", "message"),
    [
        (JsonPointer("/a"), ResetBeforeBody(), "fault f: a JSON pointer needs a body, and a head has none"),
        (Share(1.5, 7), Hang(), "fault f: p must be 0 to 1, not 1.5"),
        (Nth(0), Hang(), "fault f: n must be 1 or more, not 0"),
    ],
)
def test_impossible_trigger_is_refused_by_name(trigger: Trigger, action: Action, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Fault("f", trigger, action)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"type": "Stauts"}, "type: 'Stauts' is no part of a fault; known are Always, Close"),
        ({"type": "Status"}, "Status: .* missing 1 required positional argument: 'code'"),
        ({"type": "Hang", "forever": True}, "Hang: .* unexpected keyword argument 'forever'"),
    ],
)
def test_wrong_data_is_refused_by_name(data: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        from_data(data)


def test_description_leaves_out_what_is_as_by_default() -> None:
    assert describe(Status(503, retry_after="2")) == "Status(code=503, retry_after='2')"
    assert describe(Hang()) == "Hang()"
