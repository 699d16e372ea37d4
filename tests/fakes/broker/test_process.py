"""The broker's process: started when it is needed, and told about in one line when it cannot be had."""

import asyncio
import shlex
import sys
from collections.abc import Coroutine
from typing import Any

import pytest

from uplab.fakes.broker.process import PORT, BrokerError, BrokerProcess

LISTENS = shlex.join(
    [
        sys.executable,
        "-c",
        "import socket, sys; s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); "
        "s.bind(('127.0.0.1', int(sys.argv[1]))); s.listen()\nwhile True: s.accept()[0].close()",
        PORT,
    ]
)


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def test_process_is_started_when_it_is_first_needed_and_ends() -> None:
    async def story() -> None:
        process = BrokerProcess(LISTENS)
        place = await process.reach()
        first = process.pid
        assert await process.reach() == place
        assert process.pid == first
        await process.stop()
        assert first is not None
        assert process.pid != first

    run(story())


def test_killed_one_stays_away_until_it_is_revived_and_comes_back_at_its_port() -> None:
    async def story() -> None:
        process = BrokerProcess(LISTENS)
        place = await process.reach()
        process.kill()
        with pytest.raises(BrokerError, match="the broker is down"):
            await process.reach()
        process.revive()
        assert await process.reach() == place
        await process.stop()

    run(story())


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("/no/such/broker {port}", "the broker's command cannot be run: No such file or directory: /no/such/broker"),
        (
            shlex.join([sys.executable, "-c", "import sys; sys.exit('no licence')"]),
            "the broker ended with 1 at its start: no licence",
        ),
    ],
)
def test_broker_that_cannot_be_had_is_one_line(command: str, message: str) -> None:
    async def story() -> None:
        process = BrokerProcess(command)
        with pytest.raises(BrokerError) as error:
            await process.reach()
        assert str(error.value) == error.value.strerror == message
        await process.stop()

    run(story())
