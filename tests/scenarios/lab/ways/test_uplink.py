import asyncio
import shlex
import sys
from typing import Any

import pytest

from uplab.scenarios.lab.ways.uplink import carried_by
from uplab.simulator.network.tunnel import Outcome

URL = "?LrnDevEui=20635F0108000496&Token=ab"


def carried(code: str, *, timeout_s: float = 30.0) -> tuple[Outcome, dict[str, Any]]:
    said: dict[str, Any] = {}
    carry = carried_by(shlex.join([sys.executable, "-c", code]), dict, timeout_s=timeout_s)
    return asyncio.run(_ended(carry, said)), said


async def _ended(carry: Any, said: dict[str, Any]) -> Outcome:
    outcome: Outcome = await carry(URL, b'{"a": 42.0}', said)
    return outcome


def test_document_and_query_reach_the_command() -> None:
    code = "import os, sys; sys.stdout.write(os.environ['UPLAB_UPLINK_QUERY'] + sys.stdin.read())"

    outcome, said = carried(code)

    assert outcome == Outcome("accepted", None, "")
    assert said["raw"] == URL[1:].encode() + b'{"a": 42.0}'


@pytest.mark.parametrize(
    ("code", "timeout_s", "kind", "told"),
    [
        ("import sys; sys.exit('not now')", 30.0, "refused", "--uplink-command ended with 1: not now"),
        ("import threading; threading.Event().wait()", 0.1, "unclear", "--uplink-command did not end within 0.1 s"),
    ],
)
def test_end_of_the_command_is_the_answer(code: str, timeout_s: float, kind: str, told: str) -> None:
    outcome, _ = carried(code, timeout_s=timeout_s)

    assert (outcome.kind, outcome.reason) == (kind, told)


def test_command_that_cannot_be_run_has_accepted_nothing() -> None:
    carry = carried_by("no-such-program-here", dict, timeout_s=30.0)

    assert asyncio.run(_ended(carry, {})).kind == "refused"
