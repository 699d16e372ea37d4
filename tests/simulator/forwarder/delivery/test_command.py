from typing import get_args

from uplab.simulator.forwarder.delivery.command import REACTIONS, Reaction
from uplab.simulator.forwarder.destinations.failures import Manner
from uplab.simulator.forwarder.destinations.sink import AnswerKind


def test_every_manner_reacts_to_every_failure() -> None:
    failures = set(get_args(AnswerKind)) - {"delivered", "authentication_failed"}

    assert REACTIONS.keys() == set(Manner)
    assert all(reactions.keys() == failures for reactions in REACTIONS.values())


def test_message_of_unknown_fate_is_never_lost() -> None:
    keeping = {Reaction.BLAME, Reaction.CLOSE}

    assert all(reactions["unclear"] in keeping for reactions in REACTIONS.values())
    assert all(reactions["unreachable"] in keeping for reactions in REACTIONS.values())
