import pytest
from pydantic import ValidationError

from uplab.scenarios.checks.policy.declared import GENERATIONS, DeliveryPolicy


def test_generations_are_examples() -> None:
    assert GENERATIONS["none"].sent_once
    assert not GENERATIONS["blame"].sent_once
    assert GENERATIONS["strict-resend"].most_attempts(1000) == 4


def test_pauses_go_on_with_the_last_one_within_the_jitter() -> None:
    policy = DeliveryPolicy(pauses_s=(1.0, 5.0), jitter=0.5)

    assert [policy.pause_s(n) for n in (1, 2, 3)] == [1.0, 5.0, 5.0]
    assert policy.window(2).most_s == 7.5
    assert policy.window(2).least_s == pytest.approx(2.48)
    assert policy.patience_s(3) == 1.5 + 7.5 + 7.5


def test_answers_are_classes_or_statuses() -> None:
    policy = DeliveryPolicy.model_validate({"never_again": [404, "5XX"], "stops": ["410"]})

    assert [policy.tries_after(status) for status in (None, 404, 400, 503, 410)] == [True, False, True, False, False]
    assert policy.stops_at(410)
    with pytest.raises(ValidationError, match="no status"):
        DeliveryPolicy.model_validate({"stops": ["sometimes"]})


def test_end_bounds_the_attempts() -> None:
    policy = DeliveryPolicy(pauses_s=(1.0,), end_s=3.5)

    assert policy.most_attempts(1000) == 4
    assert policy.most_attempts(1.5) == 2


def test_words_say_all_of_it() -> None:
    policy = DeliveryPolicy(attempts=3, pauses_s=(1.0, 2.0), jitter=0.1, end_s=60, never_again=("4xx",), stops=("410",))

    assert policy.words() == (
        "3 attempts, 1, 2 s apart (±10%); given up after 60 s; not again after 4xx; stopped by 410"
    )
    covering = DeliveryPolicy(attempts=2, pauses_s=(1.0,), timeout_covers="body")
    assert covering.words() == "2 attempts, 1 s apart; an answer whose body does not end in time is none"


@pytest.mark.parametrize(
    ("policy", "failures", "each_s", "left"),
    [
        (DeliveryPolicy(), 5, 9.0, True),
        (DeliveryPolicy(attempts=1), 1, 0.0, False),
        (DeliveryPolicy(attempts=3), 2, 0.0, True),
        (DeliveryPolicy(pauses_s=(0.5, 0.8), end_s=1.5), 2, 0.0, True),
        (DeliveryPolicy(pauses_s=(0.5, 0.8), end_s=1.5), 2, 0.5, False),
        (DeliveryPolicy(pauses_s=(0.5,), end_s=1.5), 1, 2.0, False),
    ],
)
def test_time_is_left_for_another_attempt_as_declared(
    policy: DeliveryPolicy, failures: int, each_s: float, left: bool
) -> None:
    assert policy.leaves_time(failures, each_s=each_s) is left
