"""How a destination fails in a world: each kind of failed delivery, as the fake does it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from uplab.fakes.faults import Action, Delay, HalfAnswer, Redirect, ResetAfterBody, ResetBeforeBody, Status

__all__ = ["FAULTS"]

FAULTS: Final[Mapping[str, Action]] = {
    "400": Status(400),
    "401": Status(401),
    "404": Status(404),
    "429": Status(429, retry_after="0"),
    "500": Status(500),
    "503": Status(503),
    "301": Redirect("https://posthere.io/elsewhere", 301),
    "302": Redirect("https://posthere.io/elsewhere"),
    "307": Redirect("https://posthere.io/elsewhere", 307),
    "cut before the body": ResetBeforeBody(),
    "cut after the body": ResetAfterBody(),
    "answer lost": ResetAfterBody(handled=True),
    "half an answer": HalfAnswer(9),
    "slow": Delay(0.3),
}
"""By name. After each of them the delivery is tried again, but for what is slow, which is none."""
