"""What a connection does next: (event, now) -> commands. No socket, no clock, no file.

Outcomes: an accepted message ends in exactly one `Delivered` or one `Drop`; both keep its device waiting until the
message is gone from disk (`settled`), so that a killed forwarder repeats at most one message of each device.
"""

import heapq
from collections.abc import Iterable
from enum import Enum, auto
from random import Random

from uplab.simulator.forwarder.delivery.backlog import Backlog, Gap, Uplink
from uplab.simulator.forwarder.delivery.command import (
    REACTIONS,
    Cause,
    Close,
    Command,
    Delivered,
    Drop,
    Failed,
    Fetch,
    GivenUp,
    LoginFailed,
    Open,
    Policy,
    Post,
    Reaction,
    StateChanged,
    Wake,
)
from uplab.simulator.forwarder.delivery.reconnect import AGGRESSIVE_SILENCE_S, dispersed
from uplab.simulator.forwarder.delivery.state import TRANSITIONS, State
from uplab.simulator.forwarder.destinations.sink import Answer

__all__ = ["BLAME_FLOOR_S", "RESENDS", "RESEND_AFTER_S", "Delivery"]

BLAME_FLOOR_S = 1.0
"""blamePeriod 0 would otherwise ask the destination as fast as it refuses."""

RESENDS, RESEND_AFTER_S = 3, 2.0
"""Connector/HTTP of 2022-09: re-sent three times, two seconds apart."""


class _After(Enum):
    """What follows when a closing connection is closed."""

    RETRY = auto()
    START = auto()
    DEACTIVATE = auto()


class Delivery:
    """One connection's decisions."""

    def __init__(self, policy: Policy, random: Random, backlog: Backlog | None = None) -> None:
        """Begin closed, with a backlog that may already wait on disk."""
        self.state = State.CLOSED
        self.policy = policy
        self._random = random
        self._backlog = backlog or Backlog()
        self._in_flight = 0
        self._halted = False
        self._after = _After.RETRY
        self._blamed_until: float | None = None
        self._probing = False  # after a failure one message goes alone, until the destination has taken one
        self._refusals: dict[int, int] = {}
        self._parked: list[tuple[float, int, Uplink]] = []
        self._closed_at = 0.0
        self._attempt = 0
        self._attempt_at: float | None = None
        self._last_uplink_at: float | None = None
        self._armed: float | None = None

    # -- what the service orders

    def start(self, now: float) -> list[Command]:
        """Start a closed or deactivated connection, or start a running one again under a new policy."""
        self._after = _After.START
        if self.state in (State.CLOSED, State.DEACTIVATED):
            return self._start(now)
        return self._begin_closing("restart")

    def deactivate(self) -> list[Command]:
        """Stop until the next `start`; what is accepted meanwhile waits."""
        self._after = _After.DEACTIVATE
        if self.state is State.CLOSED:
            return self._deactivated()
        if self.state is State.DEACTIVATED:
            return []
        return self._begin_closing("deactivated")

    def halt(self) -> None:
        """Begin nothing any more, because the process ends."""
        self._halted = True

    # -- what happened

    def opened(self, answer: Answer, now: float) -> list[Command]:
        """The sink answered to `Open`."""
        if self.state is not State.OPENING:
            return []
        if self._after is not _After.RETRY:  # it was changed or stopped meanwhile
            return [self._to(State.CLOSING), Close()]
        if answer.kind in ("unreachable", "unclear", "refused"):
            return self._fail_open(answer, now)
        commands: list[Command] = [self._to(State.AUTHENTICATING)]
        if not answer.ok:
            return [*commands, *self._log_in_failed(answer)]
        if self._attempt:
            self._probing = True
        else:
            commands.append(self._to(State.OPENED))
        self._last_uplink_at = now
        return [*commands, *self._pump(now)]

    def closed(self, now: float) -> list[Command]:
        """The sink is closed and nothing is in flight."""
        if self.state is not State.CLOSING:
            return []
        commands: list[Command] = [self._to(State.CLOSED)]
        if self._after is _After.START:
            return [*commands, *self._start(now)]
        if self._after is _After.DEACTIVATE:
            return [*commands, *self._deactivated()]
        return [*commands, *self._schedule(now)]

    def accept(self, uplinks: Iterable[Uplink], now: float) -> list[Command]:
        """Messages were stored."""
        for uplink in uplinks:
            self._backlog.accept(uplink)
        self._last_uplink_at = now
        return self._pump(now)

    def fetched(self, gap: Gap, uplinks: list[Uplink], now: float, *, complete: bool) -> list[Command]:
        """A gap was read."""
        self._backlog.fetched(gap, uplinks, complete=complete)
        return self._pump(now)

    def fetch_failed(self) -> None:
        """A gap could not be read; it is asked for again at the next event."""
        self._backlog.lost()

    def answered(self, post: Post, answer: Answer, now: float) -> list[Command]:
        """The destination answered, or did not."""
        self._in_flight -= 1
        if answer.ok:
            return [Delivered(post.uplink, post.attempt), *self._proven(), *self._pump(now)]
        if answer.kind == "authentication_failed":
            reaction = Reaction.LOG_IN
        else:
            reaction = REACTIONS[self.policy.manner][answer.kind]
        failed = Failed(post.uplink, post.attempt, answer)
        return [failed, *self._react(reaction, post, answer, now)]

    def unsendable(self, post: Post, cause: Cause, reason: str, now: float) -> list[Command]:
        """The message cannot be put into the form that goes out; no later attempt could change that."""
        self._in_flight -= 1
        return [Drop(post.uplink, cause, reason), *self._pump(now)]

    def lost(self, reason: str, now: float) -> list[Command]:
        """The destination ended the link while nothing, or something, was in flight."""
        if not self._delivering:
            return []
        self._close_for_retry(now)
        return self._begin_closing(reason)

    def settled(self, uplinks: Iterable[Uplink], now: float) -> list[Command]:
        """Messages are gone from disk."""
        for uplink in uplinks:
            self._backlog.settle(uplink)
            self._refusals.pop(uplink.seq, None)
        return self._pump(now)

    def woken(self, now: float) -> list[Command]:
        """An instant that was asked for has come."""
        self._armed = None
        return self._pump(now)

    # -- decisions

    def _react(self, reaction: Reaction, post: Post, answer: Answer, now: float) -> list[Command]:
        uplink = post.uplink
        if reaction is Reaction.RESEND and self._resend(uplink):
            at = now + RESEND_AFTER_S
            heapq.heappush(self._parked, (at, uplink.seq, uplink))
            return [*self._proven(), *self._arm(at, now), *self._pump(now)]
        if reaction in (Reaction.LOSE, Reaction.RESEND):
            return [Drop(uplink, Cause.REFUSED, answer.reason), *self._proven(), *self._pump(now)]
        self._backlog.give_back(uplink)
        if reaction is Reaction.BLAME:
            return self._blame(answer, now)
        if reaction is Reaction.LOG_IN:
            return self._log_in_failed(answer) if self._delivering else []
        if self._delivering:
            self._close_for_retry(now)
            return self._begin_closing(answer.reason)
        return []

    def _resend(self, uplink: Uplink) -> bool:
        self._refusals[uplink.seq] = refusals = self._refusals.get(uplink.seq, 0) + 1
        return refusals <= RESENDS

    @property
    def _delivering(self) -> bool:
        if self.state is State.AUTHENTICATING:
            return self._probing
        return self.state in (State.OPENED, State.UNREACHABLE)

    def _pump(self, now: float) -> list[Command]:
        if self._halted:
            return []
        if self.state is State.CLOSED:
            return self._try_again(now)
        if not self._delivering:
            return []
        if self._blamed_until is not None:
            if now < self._blamed_until:
                return self._arm(self._blamed_until, now)
            self._blamed_until = None
        commands = self._posts(now)
        if self.state is State.AUTHENTICATING and self._backlog.empty:
            commands += self._proven()
        if (gap := self._backlog.gap()) is not None:
            commands.append(Fetch(gap))
        return [*commands, *self._silence(now)]

    def _posts(self, now: float) -> list[Command]:
        while self._parked and self._parked[0][0] <= now:
            self._backlog.give_back(heapq.heappop(self._parked)[2])
        commands: list[Command] = []
        room = 1 if self._probing else self.policy.concurrency
        while self._in_flight < room and (uplink := self._backlog.take()) is not None:
            if (drop := self._expired(uplink, now)) is not None:
                commands.append(drop)
                continue
            self._in_flight += 1
            commands.append(Post(uplink, self._backlog.tried(uplink)))
        if self._parked:
            commands += self._arm(self._parked[0][0], now)
        return commands

    def _expired(self, uplink: Uplink, now: float) -> Drop | None:
        """Age is counted to the moment of sending: the documented drop after an outage needs that."""
        validity_s = self.policy.validity_s if uplink.validity_s is None else uplink.validity_s
        age_s = now - (uplink.received_s if uplink.time_s is None else uplink.time_s)
        if validity_s is not None and age_s > validity_s:
            return Drop(
                uplink, Cause.EXPIRED, f"the uplink is {age_s:.0f} s old, uplinkTimeValidity is {validity_s:.0f} s"
            )
        waited_s = now - uplink.received_s
        if waited_s > self.policy.retention_s:
            reason = f"the message waited {waited_s:.0f} s, the retention is {self.policy.retention_s:.0f} s"
            return Drop(uplink, Cause.RETENTION, reason)
        return None

    def _proven(self) -> list[Command]:
        """The destination has spoken for itself, so that what was held back may go."""
        if not self._delivering:
            return []
        self._probing = False
        self._attempt = 0
        if self.state in (State.UNREACHABLE, State.AUTHENTICATING):
            return [self._to(State.OPENED)]
        return []

    def _blame(self, answer: Answer, now: float) -> list[Command]:
        self._probing = True
        self._blamed_until = max(self._blamed_until or 0.0, now + max(self.policy.blame_s, BLAME_FLOOR_S))
        commands: list[Command] = []
        out_of_reach = answer.kind != "refused"
        if out_of_reach and self.state is State.OPENED:
            commands.append(self._to(State.UNREACHABLE, answer.reason))
        elif not out_of_reach and self.state is State.UNREACHABLE:
            commands.append(self._to(State.OPENED))
        return [*commands, *self._pump(now)]

    def _silence(self, now: float) -> list[Command]:
        if self.policy.strategy != "AGGRESSIVE" or self.state is not State.OPENED or self._last_uplink_at is None:
            return []
        at = self._last_uplink_at + AGGRESSIVE_SILENCE_S
        if now < at or self._in_flight:
            return self._arm(max(at, now + 1.0), now)
        self._after = _After.START
        return self._begin_closing("no uplink for an hour")

    # -- opening and closing

    def _start(self, now: float) -> list[Command]:
        self._attempt, self._attempt_at = 0, None
        return self._open(now)

    def _open(self, now: float) -> list[Command]:
        self._after = _After.RETRY
        self._blamed_until = None
        self._probing = False
        self._closed_at = self._closed_at if self._attempt else now
        return [self._to(State.OPENING), Open()]

    def _begin_closing(self, reason: str) -> list[Command]:
        if self.state in (State.CLOSING, State.OPENING):  # it closes when the sink has answered
            return []
        self._unpark()
        return [self._to(State.CLOSING, reason), Close()]

    def _close_for_retry(self, now: float) -> None:
        if not self._attempt:
            self._closed_at = now
        self._draw_attempt(now)

    def _fail_open(self, answer: Answer, now: float) -> list[Command]:
        self._close_for_retry(now)
        return [self._to(State.CLOSING, answer.reason), Close()]

    def _log_in_failed(self, answer: Answer) -> list[Command]:
        self._unpark()
        return [LoginFailed(answer), self._to(State.AUTHENTICATION_FAILED, answer.reason), Close()]

    def _unpark(self) -> None:
        while self._parked:
            self._backlog.give_back(heapq.heappop(self._parked)[2])

    def _deactivated(self) -> list[Command]:
        self._attempt, self._attempt_at = 0, None
        return [self._to(State.DEACTIVATED)]

    def _draw_attempt(self, now: float) -> None:
        """Draw the next attempt; instants that passed while the last one was still going on are left out."""
        while True:
            self._attempt += 1
            after_s = dispersed(self.policy.strategy, self._attempt, self._random)
            self._attempt_at = None if after_s is None else self._closed_at + after_s
            if self._attempt_at is None or self._attempt_at > now:
                return

    def _schedule(self, now: float) -> list[Command]:
        if self._attempt and self._attempt_at is None:
            return [GivenUp(self._attempt - 1)]
        return self._pump(now)

    def _try_again(self, now: float) -> list[Command]:
        if self._attempt_at is None:
            return []
        if now < self._attempt_at:
            return self._arm(self._attempt_at, now)
        self._attempt_at = None
        return self._open(now)

    # -- small change

    def _to(self, new: State, reason: str = "") -> StateChanged:
        if new not in TRANSITIONS[self.state]:
            raise AssertionError(f"no transition from {self.state} to {new}")
        changed = StateChanged(self.state, new, reason)
        self.state = new
        return changed

    def _arm(self, at: float, now: float) -> list[Command]:
        if self._armed is not None and now < self._armed <= at:
            return []
        self._armed = at
        return [Wake(at)]
