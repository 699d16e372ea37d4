from uplab.simulator.forwarder.delivery.state import TRANSITIONS, State

DOCUMENTED = {
    (State.CLOSED, State.OPENING),
    (State.OPENING, State.AUTHENTICATING),
    (State.AUTHENTICATING, State.OPENED),
    (State.AUTHENTICATING, State.AUTHENTICATION_FAILED),
    (State.OPENED, State.CLOSING),
    (State.CLOSING, State.CLOSED),
    (State.CLOSED, State.DEACTIVATED),
}


def test_every_state_has_its_transitions() -> None:
    assert TRANSITIONS.keys() == set(State)


def test_documented_graph_is_there() -> None:
    assert [(old, new) for old, new in DOCUMENTED if new not in TRANSITIONS[old]] == []


def test_every_state_can_be_reached_and_left() -> None:
    reached = {State.CLOSED}
    for _ in State:
        reached |= {new for old in reached for new in TRANSITIONS[old]}

    assert reached == set(State)
    assert all(TRANSITIONS.values())


def test_what_the_graph_does_not_show_is_only_what_failures_and_orders_need() -> None:
    added = {
        (State.OPENING, State.CLOSING),
        (State.AUTHENTICATING, State.CLOSING),
        (State.OPENED, State.UNREACHABLE),
        (State.OPENED, State.AUTHENTICATION_FAILED),
        (State.UNREACHABLE, State.OPENED),
        (State.UNREACHABLE, State.CLOSING),
        (State.UNREACHABLE, State.AUTHENTICATION_FAILED),
        (State.AUTHENTICATION_FAILED, State.CLOSING),
        (State.DEACTIVATED, State.OPENING),
    }
    assert {(old, new) for old, following in TRANSITIONS.items() for new in following} - DOCUMENTED == added
