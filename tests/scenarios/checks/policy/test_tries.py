from tests.scenarios.checks.policy.telling import tried
from uplab.scenarios.checks.deliveries import deliveries
from uplab.scenarios.checks.policy.tries import Tries


def test_attempts_of_a_document_stand_in_their_order_with_their_answers() -> None:
    id_, events = tried((0, 0.1, 503), (2, 2.5, None), (5, 5.1, 200))

    found = Tries.among(deliveries(events)).of[id_]

    assert [(one.begun_s, one.ended_s, one.status, one.failed, one.taken) for one in found] == [
        (0, 0.1, 503, True, False),
        (2, 2.5, None, True, False),
        (5, 5.1, 200, False, True),
    ]
    assert [one.how for one in found] == ["answered 503", "without an answer", "answered 200"]
