from simulator.forwarder.state import TRANSITIONS, State


def test_every_state_has_its_transitions() -> None:
    assert TRANSITIONS.keys() == set(State)


def test_documented_graph_is_there() -> None:
    documented = [
        (State.CLOSED, State.OPENING),
        (State.OPENING, State.AUTHENTICATING),
        (State.AUTHENTICATING, State.OPENED),
        (State.AUTHENTICATING, State.AUTHENTICATION_FAILED),
        (State.OPENED, State.CLOSING),
        (State.CLOSING, State.CLOSED),
        (State.CLOSED, State.DEACTIVATED),
    ]
    assert [(old, new) for old, new in documented if new not in TRANSITIONS[old]] == []


def test_every_state_can_be_reached_and_left() -> None:
    reached = {State.CLOSED}
    for _ in State:
        reached |= {new for old in reached for new in TRANSITIONS[old]}

    assert reached == set(State)
    assert all(TRANSITIONS.values())
