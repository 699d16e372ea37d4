"""How much is asked of an account that is not the lab's own: how fast, and how much may be made there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Annotated

import httpx
from pydantic import BaseModel, ConfigDict, Field

from uplab.scenarios.checks.verdict import CheckUnknown

__all__ = ["Limits", "Pace", "TooManyError", "Turns", "expect_no_limit"]

TOO_MANY = 429
_PATIENCE_S = 90.0  # so long a 429 is waited for, all together
_FIRST_PAUSE_S = 1.0  # where it does not say how long; the next is twice as long

Rate = Annotated[float, Field(gt=0, le=100_000)]
Number = Annotated[int, Field(ge=1, le=1_000_000)]


class TooManyError(CheckUnknown):
    """An account's limit on requests was met: nobody has broken a promise, and nothing was proven."""


class Limits(BaseModel):
    """The table [limits] of a profile, as CONTRACT.md, section 6, explains it. What is None is not limited."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    requests_per_s: Rate | None = None
    uplinks_per_s: Rate | None = None
    connections: Number | None = None
    created: Number | None = None


class Turns:
    """When the next may go, at so many in a second; whoever asks has taken his turn. No clock of its own."""

    def __init__(self, per_s: float | None) -> None:
        self._apart_s = 1.0 / per_s if per_s else 0.0
        self._next_s = 0.0

    def wait_s(self, now_s: float) -> float:
        """How long to wait for one's turn."""
        turn_s = max(now_s, self._next_s)
        self._next_s = turn_s + self._apart_s
        return turn_s - now_s


class Pace:
    """One for all clients that ask a forwarder. `patient`: a 429 is waited for and asked again, as its sender wants."""

    def __init__(self, limits: Limits, *, ingress: str = "", patient: bool = False) -> None:
        """`ingress` is the address whose turns are those of uplinks."""
        self._requests, self.uplinks = Turns(limits.requests_per_s), Turns(limits.uplinks_per_s)
        self._ingress = httpx.URL(ingress).copy_with(query=None) if ingress else None
        self._patient = patient
        self._lock = threading.Lock()

    def paced(self, request: httpx.Request, send: Callable[[httpx.Request], httpx.Response]) -> httpx.Response:
        """Sends it in its turn. A 429 that does not end is the last answer."""
        uplink = self._ingress is not None and request.url.copy_with(query=None) == self._ingress
        turns, waited_s, pause_s = self.uplinks if uplink else self._requests, 0.0, _FIRST_PAUSE_S
        while True:
            with self._lock:
                wait_s = turns.wait_s(time.monotonic())
            _wait(wait_s)
            answer = send(request)
            if answer.status_code != TOO_MANY or not self._patient or uplink:
                return answer
            asked_s = _retry_after(answer.headers.get("Retry-After"), pause_s)
            if waited_s + asked_s > _PATIENCE_S:
                return answer
            answer.close()
            _wait(asked_s)
            waited_s, pause_s = waited_s + asked_s, pause_s * 2


def expect_no_limit(status: int | None, what: str, key: str) -> None:
    """TooManyError for a 429 of an account that is shared; `key` is what the profile may declare."""
    if status == TOO_MANY:
        raise TooManyError(f"{what} asks for less (429): declare limits.{key} in the profile, or raise the account's")


def _retry_after(text: str | None, otherwise_s: float) -> float:
    """Seconds; a date is not read, since another machine's clock may be any."""
    return float(text) if text is not None and text.isascii() and text.isdigit() else otherwise_s


def _wait(seconds: float) -> None:
    if seconds > 0:
        threading.Event().wait(seconds)
