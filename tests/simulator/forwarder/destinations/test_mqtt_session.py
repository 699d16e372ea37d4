"""What all sinks over MQTT share: how an attempt ends when the link, or its time, does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulator.forwarder.mqtt_stub import Broker, serve
from tests.simulator.forwarder.thingsboard_given import run
from uplab.simulator.forwarder.destinations.mqtt_link import NamedContext
from uplab.simulator.forwarder.destinations.mqtt_session import Login, MqttSession
from uplab.simulator.forwarder.destinations.sink import Answer


class Session(MqttSession):
    """A session that publishes what it is told."""

    def __init__(self, login: Login, *, timeout_s: float = 10.0) -> None:
        self.lost: list[str] = []
        super().__init__(on_lost=self.lost.append, timeout_s=timeout_s)
        self._as_whom = login

    def _login(self) -> Login:
        return self._as_whom

    async def publish(self) -> Answer:
        link = self._link
        return await self._publish(link, "t", b"{}") if link else Answer("unreachable", reason=self._end_reason)


def session_at(broker: Broker, **options: float) -> Session:
    return Session(Login("127.0.0.1", broker.port, "c", "user", "password"), **options)


@pytest.mark.parametrize(
    ("code", "kind"),
    [(2, "authentication_failed"), (3, "unreachable"), (4, "authentication_failed"), (5, "authentication_failed")],
)
def test_refusal_tells_the_account_from_the_server(code: int, kind: str) -> None:
    async def conversation() -> None:
        async with serve() as broker:
            broker.connack = code
            answer = await session_at(broker).open()
            assert (answer.kind, answer.status) == (kind, code)

    run(conversation())


def test_what_is_not_acknowledged_in_time_is_unclear() -> None:
    async def conversation() -> None:
        async with serve() as broker:
            broker.acknowledge = lambda _: False
            session = session_at(broker, timeout_s=0.05)
            await session.open()
            assert await session.publish() == Answer("unclear", reason="no acknowledgement in 0.05 s")
            await session.close()

    run(conversation())


def test_authorities_that_cannot_be_read_are_one_line() -> None:
    async def conversation() -> None:
        login = Login("127.0.0.1", 1, "c", tls=lambda: NamedContext.trusting(Path("/no/such/file"), "a"))
        answer = await Session(login).open()
        assert answer.kind == "unreachable"
        assert "No such file" in answer.reason

    run(conversation())
