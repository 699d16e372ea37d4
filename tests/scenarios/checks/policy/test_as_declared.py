import pytest

from tests.scenarios.checks.policy.telling import tried
from tests.scenarios.history_lines import BIN
from uplab.scenarios.bundles.recheck import _asked
from uplab.scenarios.checks.check import judged_alone
from uplab.scenarios.checks.checks import AsDeclared, Route
from uplab.scenarios.checks.policy.declared import DeliveryPolicy
from uplab.scenarios.checks.verdict import Verdict

TO = Route("posthere", BIN)
THREE = DeliveryPolicy(attempts=3, pauses_s=(2.0,), never_again=("404",), stops=("410",))


def verdict(policy: DeliveryPolicy, *attempts: tuple[float, float, int | None], retry_after_s: float = 0.0) -> Verdict:
    id_, events = tried(*attempts)
    return judged_alone(events, AsDeclared([id_], TO, policy=policy, late_s=1.0, retry_after_s=retry_after_s))


@pytest.mark.parametrize(
    "attempts",
    [
        [(0, 0.1, 503), (2.1, 2.2, 200)],
        [(0, 0.1, 503), (2.1, 2.2, None), (4.3, 4.4, 503)],
        [(0, 0.1, 404)],
        [(0, 0.1, 410)],
    ],
)
def test_as_declared_is_kept(attempts: list[tuple[float, float, int | None]]) -> None:
    assert verdict(THREE, *attempts).outcome == "passed"


@pytest.mark.parametrize(
    ("attempts", "words"),
    [
        ([(0, 0.1, 503)], "was tried once, at last answered 503, and not again; 3 attempts are declared"),
        ([(0, 0.1, 503), (2.1, 2.2, None)], "was tried 2 times, at last without an answer, and not again"),
        (
            [(0, 0.1, 503), (2.1, 2.2, 503), (4.2, 4.3, 503), (6.3, 6.4, 503)],
            "was tried 4 times, expected 3",
        ),
        ([(0, 0.1, 503), (0.5, 0.6, 200)], "was tried again after 0.50 s, at least"),
        ([(0, 0.1, 503), (9, 9.1, 200)], "was tried again only after 8.90 s, at most 2.00 s are declared"),
        ([(0, 0.1, 404), (2.1, 2.2, 200)], "was tried again after it was answered 404"),
        ([(0, 0.1, 410), (2.1, 2.2, 200)], "came 2.00 s after the answer 410, which stops this connection"),
    ],
)
def test_other_than_declared_is_the_forwarders(attempts: list[tuple[float, float, int | None]], words: str) -> None:
    found = verdict(THREE, *attempts)

    assert (found.outcome, found.hop) == ("failed", "forwarder")
    assert words in found.happened


def test_sent_once_is_right_where_it_is_declared() -> None:
    once = DeliveryPolicy(attempts=1)

    assert verdict(once, (0, 0.1, 503)).outcome == "passed"
    assert "was tried 2 times, expected 1 as declared" in verdict(once, (0, 0.1, 503), (1, 1.1, 200)).happened


def test_retry_after_counts_where_it_is_declared() -> None:
    obeying = THREE.model_copy(update={"retry_after": True})
    early = [(0.0, 0.1, 503), (2.1, 2.2, 200)]

    assert verdict(THREE, *early, retry_after_s=5).outcome == "passed"
    assert "at least 5.00 s" in verdict(obeying, *early, retry_after_s=5).happened
    assert verdict(obeying, (0, 0.1, 503), (5.2, 5.3, 200), retry_after_s=5).outcome == "passed"


def test_end_in_time_is_no_attempt_too_few() -> None:
    ending = DeliveryPolicy(pauses_s=(2.0,), end_s=3.0)

    assert verdict(ending, (0, 0.1, 503), (2.1, 2.2, 503)).outcome == "passed"


def test_nothing_failed_proves_nothing() -> None:
    assert verdict(THREE, (0, 0.1, 200)).outcome == "unknown"


def test_it_can_be_asked_again_of_a_stored_run() -> None:
    id_, events = tried((0, 0.1, 503))
    question = judged_alone(events, AsDeclared([id_], TO, policy=THREE, late_s=1.0)).question
    assert question is not None

    asked = _asked(question)

    assert not isinstance(asked, str), asked
    assert judged_alone(events, asked[0]).outcome == "failed"


@pytest.mark.parametrize(
    ("covers", "attempts", "outcome"),
    [
        ("body", [(0, 2.0, 200), (4.1, 4.2, 200)], "passed"),
        ("body", [(0, 2.0, 200)], "failed"),
        ("body", [(0, 1.0, 200), (1.1, 1.2, 200)], "failed"),
        ("head", [(0, 2.0, 200)], "unknown"),
        ("head", [(0, 2.0, 200), (2.1, 2.2, 200)], "unknown"),
    ],
)
def test_body_without_an_end_counts_as_the_time_is_declared_to_cover(
    covers: str, attempts: list[tuple[float, float, int | None]], outcome: str
) -> None:
    id_, events = tried(*attempts, endless=True)
    policy = THREE.model_copy(update={"timeout_covers": covers})

    found = judged_alone(events, AsDeclared([id_], TO, policy=policy, late_s=1.0))

    assert found.outcome == outcome, found.happened


@pytest.mark.parametrize(
    ("attempts", "outcome"),
    [
        ([(0, 0.1, 503), (2.1, 2.2, 503)], "passed"),
        ([(0, 0.1, 503), (2.1, 2.2, 503), (4.3, 4.4, 200)], "failed"),
        ([(0, 0.1, 503), (2.9, 3.0, 200)], "passed"),  # late, and due in time
        ([(0, 1.0, None)], "passed"),  # when its answer was given up, no time was left
    ],
)
def test_uplink_whose_time_is_over_is_not_tried_again(
    attempts: list[tuple[float, float, int | None]], outcome: str
) -> None:
    found = verdict(DeliveryPolicy(pauses_s=(2.0,), end_s=2.5), *attempts)

    assert found.outcome == outcome, found.happened
    if outcome == "failed":
        assert "it is given up after 2.5 s" in found.happened
