"""What is told of one connection, held against the vocabulary."""

from uplab.fakes.mqtt import packets as p
from uplab.fakes.relay.telling import Telling
from uplab.scenarios.history.hops import problem_of


def test_every_line_is_one_of_the_vocabulary() -> None:
    tell, publish = Telling("broker", 3), p.Publish("t", b"x", 1, 7, retain=True)
    for hop, facts in (
        tell.connected(p.Connect(4, "c"), 0),
        tell.published(publish, "t", 9, 4),
        tell.acknowledged(9, "PUBACK", 0),
        tell.pushed(publish, "t", 4),
    ):
        assert (facts["fake"], facts["session"]) == ("broker", 3)
        raw = facts.pop("raw", None)
        assert problem_of(hop, facts, raw=raw is not None) is None
