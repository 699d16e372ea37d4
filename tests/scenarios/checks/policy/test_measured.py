from tests.scenarios.checks.policy.telling import tried
from uplab.scenarios.checks.policy.measured import Measured, measure


def test_datasheet_is_what_was_seen() -> None:
    found = measure(tried((0, 0.1, 503), (2.1, 5.1, None), (8.1, 8.2, 404))[1])

    assert (found.failures, found.repeated, found.most_attempts) == (3, 2, 3)
    assert (found.shortest_pause_s, found.longest_pause_s, found.longest_wait_s) == (2.0, 3.0, 3.0)
    assert (found.repeated_after, found.ended_after) == ({"503", "none"}, {"404"})
    assert ("tried again after", "503, no answer") in found.rows()
    assert not found.never_again


def test_those_of_several_scenarios_add_up_and_survive_as_data() -> None:
    one, other = measure(tried((0, 0.1, 503), (2.1, 2.2, 200))[1]), measure(tried((0, 0.1, 500))[1])
    one.add(Measured.from_data(other.as_data()))

    assert (one.failures, one.repeated) == (2, 1)
    assert ("never seen again after", "500") in one.rows()


def test_never_again_needs_a_failure() -> None:
    assert not Measured().never_again
    assert Measured().rows() == []
    assert measure(tried((0, 0.1, 503))[1]).never_again


def test_what_a_scenario_left_behind_is_given_up_only_where_one_has_waited_in_vain() -> None:
    left = measure(tried((0, 0.1, 503))[1])
    waited = Measured.from_data(left.as_data() | {"missed": True})
    again = measure(tried((0, 0.1, 503), (2.1, 2.2, 200))[1])

    assert not left.given_up
    left.add(waited)
    assert left.never_again
    assert left.as_data()["missed"]
    waited.add(again)
    assert not waited.given_up


def test_given_up_is_what_was_waited_for_in_vain() -> None:
    found = measure(tried((0, 0.1, 503))[1])
    found.missed = True

    assert found.given_up
