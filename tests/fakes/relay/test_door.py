"""The relay asks a door who may come in and what he may do, and keeps what may not be from the broker."""

from __future__ import annotations

import pytest

from tests.fakes.relay.talk import Talk
from uplab.fakes.mqtt import packets as p
from uplab.fakes.mqtt.codec import encode
from uplab.fakes.relay.door import Guest


class OwnTopics:
    """A door that lets "user" do what begins with "mine/", and nobody else in."""

    def refusal(self, guest: Guest, password: bytes | None) -> int:
        return 0 if (guest.username, password) == ("user", b"secret") else 4

    def may_publish(self, _guest: Guest, topic: str) -> bool:
        return topic.startswith("mine/")

    def may_subscribe(self, _guest: Guest, wanted: str) -> bool:
        return wanted.startswith("mine/")


@pytest.mark.parametrize(("level", "code"), [(4, 4), (5, 0x86)])
def test_wrong_login_never_reaches_the_broker(level: int, code: int) -> None:
    talk = Talk(level=level, door=OwnTopics())

    found = talk.client(p.Connect(level, "me", username="user", password=b"guess"))
    assert found == ["connected", ("answer", encode(p.Connack(False, code), level)), ("end", f"refused with {code}")]


def test_message_to_a_forbidden_topic_ends_a_session_of_3_1_1() -> None:
    talk = Talk(door=OwnTopics()).open()

    assert talk.client(p.Publish("theirs/x", b"", 1, 1)) == ["published", ("end", "user may not publish to 'theirs/x'")]


def test_message_to_a_forbidden_topic_is_refused_in_mqtt_5() -> None:
    talk = Talk(level=5, door=OwnTopics()).open()

    found = talk.client(p.Publish("theirs/x", b"", 1, 1))
    assert found == ["published", ("answer", encode(p.Puback(1, 0x87), 5), "acknowledged")]


def test_only_the_filters_that_may_be_are_asked_for() -> None:
    talk = Talk(door=OwnTopics()).open()
    both = p.Subscribe(2, (p.Subscription("theirs/#", 1), p.Subscription("mine/#", 1)))

    assert talk.client(both) == [("forward", encode(p.Subscribe(2, (p.Subscription("mine/#", 1),))))]
    assert talk.broker(p.Suback(2, (1,))) == [("answer", encode(p.Suback(2, (0x80, 1))))]
    alone = p.Subscribe(3, (p.Subscription("theirs/#", 1),))
    assert talk.client(alone) == [("answer", encode(p.Suback(3, (0x80,))))]
