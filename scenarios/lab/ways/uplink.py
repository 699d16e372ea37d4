"""Uplinks by the user's own command, for a forwarder whose way in is no HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from uplab.scenarios.under_test.ways.command import CommandError, run_command
from uplab.simulator.network.tunnel import Outcome

__all__ = ["QUERY", "carried_by"]

QUERY = "UPLAB_UPLINK_QUERY"
"""The variable with the tunnel's query, signed, as it would stand behind the ingress."""


def carried_by(
    command: str, environment: Callable[[], Mapping[str, str]], *, timeout_s: float
) -> Callable[[str, bytes, dict[str, Any]], Awaitable[Outcome]]:
    """How the tunnel hands a document to a command: on its stdin, byte for byte.

    Exit code 0 is accepted, any other refused; a command that does not end in its time is unclear.
    """

    async def carry(url: str, raw: bytes, said: dict[str, Any]) -> Outcome:
        told = {**environment(), QUERY: url.partition("?")[2]}
        try:
            ended = await asyncio.to_thread(run_command, command, raw, told, timeout_s=timeout_s)
        except CommandError as error:
            return Outcome("refused", None, f"--uplink-command: {error}")
        said["raw"] = ended.out
        if ended.code is None:
            return Outcome("unclear", None, f"--uplink-command did not end within {timeout_s:g} s")
        if ended.code:
            return Outcome("refused", None, f"--uplink-command ended with {ended.code}: {ended.said}")
        return Outcome("accepted", None, "")

    return carry
