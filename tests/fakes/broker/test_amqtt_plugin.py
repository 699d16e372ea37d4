"""Everybody may come to the broker behind the relay."""

import asyncio

from amqtt.contexts import BaseContext
from amqtt.session import Session

from uplab.fakes.broker.amqtt_plugin import Everybody


def test_everybody_may_come_and_keeps_a_session() -> None:
    session = Session()

    assert asyncio.run(Everybody(BaseContext()).authenticate(session=session)) is True
    assert not session.is_anonymous
