"""One connection at work: performs what its delivery decides, and writes what happened to events and counters."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from uplab.simulator.forwarder.clock import Clock, iso
from uplab.simulator.forwarder.connections.connection import Connection
from uplab.simulator.forwarder.delivery.backlog import Gap, Uplink
from uplab.simulator.forwarder.delivery.command import (
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
    StateChanged,
    Wake,
)
from uplab.simulator.forwarder.delivery.decisions import Delivery
from uplab.simulator.forwarder.delivery.queue import Queue
from uplab.simulator.forwarder.delivery.state import State
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing, Sink
from uplab.simulator.forwarder.logs import log
from uplab.simulator.forwarder.patterns.pattern import UnresolvedError
from uplab.simulator.forwarder.store.event import Event, Kind, Severity
from uplab.simulator.forwarder.store.metrics import Metrics, Tally

__all__ = ["Equipment", "Runner"]

_DROP_KINDS: dict[Cause, tuple[Kind, Severity]] = {
    Cause.REFUSED: ("UPLINK_LOST", "error"),
    Cause.UNSENDABLE: ("UPLINK_LOST", "error"),
    Cause.EXPIRED: ("UPLINK_EXPIRED", "warning"),
    Cause.RETENTION: ("UPLINK_EXPIRED", "warning"),
    Cause.FILTERED: ("UPLINK_FILTERED", "info"),
}
_STATE_SEVERITY: dict[State, Severity] = {
    State.AUTHENTICATION_FAILED: "error",
    State.UNREACHABLE: "error",
    State.CLOSING: "warning",
}


class Equipment(NamedTuple):
    """What all connections share."""

    clock: Clock
    queue: Queue
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class Setup:
    """One version of a connection's configuration, made ready to work with."""

    connection: Connection[Any]
    policy: Policy
    sink: Callable[[], Sink]
    outgoing: Callable[[Uplink], Outgoing | None]  # UnresolvedError when it cannot be sent
    thread: Callable[[Uplink], Executor | None] = lambda _uplink: None  # where `outgoing` is called; None: in the loop

    async def made(self, uplink: Uplink) -> Outgoing | None:
        """Make a message; a codec of the user's own has a thread, so that nobody else waits for it."""
        thread = self.thread(uplink)
        if thread is None:
            return self.outgoing(uplink)
        return await asyncio.get_running_loop().run_in_executor(thread, self.outgoing, uplink)


class Runner:
    """The working side of one connection; everything runs in the loop's thread."""

    def __init__(self, number: int, uuid: str, setup: Setup, delivery: Delivery, equipment: Equipment) -> None:
        """Make it ready; `start` begins."""
        self.id = number
        self.uuid = uuid
        self.startup_time: str | None = None
        self.notice: str | None = None
        """What an open connection cannot do, in words; None where there is no such thing."""
        self._setup = setup
        self._next = setup
        self._delivery = delivery
        self._clock, self._queue, self._metrics = equipment
        self._sink: Sink | None = None
        self._gate = asyncio.Lock()  # opening and closing, one after the other
        self._posts: set[asyncio.Task[None]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._due: float | None = None
        self._gone = False

    @property
    def connection(self) -> Connection[Any]:
        """The connection as it was last configured."""
        return self._next.connection

    @property
    def state(self) -> State:
        """What the API shows as state."""
        return self._delivery.state

    # -- orders

    def start(self) -> None:
        """Begin as the connection says: opening, or deactivated."""
        self._start_or_stop()

    def configure(self, setup: Setup) -> None:
        """Work with another configuration; what is in flight ends under the old one."""
        self._next = setup
        self._delivery.policy = setup.policy
        self._start_or_stop()

    def accept(self, uplink: Uplink) -> None:
        """Take in a message that is on disk."""
        self._metrics.add(self.id, "uplinks", uplink.received_s)
        self._metrics.saw(self.id, uplink.dev_eui, uplink.received_s)
        self._perform(self._delivery.accept((uplink,), self._clock.now()))

    def lost(self, reason: str) -> None:
        """The sink's link ended by itself."""
        self._perform(self._delivery.lost(reason, self._clock.now()))

    def forget(self) -> None:
        """Let nothing that is still under way come back to this connection, because it was deleted."""
        self._gone = True

    async def stop(self, patience_s: float) -> None:
        """End: what is in flight may still take so long, or is cut off, and goes out again at the next start."""
        self._delivery.halt()
        if self._timer is not None:
            self._timer.cancel()
        await _ended(self._posts, patience_s)
        if self._posts and not self._gone:
            facts = {"connection": self.id, "deliveries": len(self._posts)}
            log.warning("deliveries are cut off, and begin anew at the next start", extra={"facts": facts})
        for task in self._posts:
            task.cancel()
        await _ended(self._posts)
        for task in self._tasks:
            task.cancel()
        await _ended(self._tasks)
        await self._close_sink()

    # -- events and counters

    def event(
        self,
        kind: Kind,
        severity: Severity,
        message: str,
        uplink: Uplink | None = None,
        *,
        dev_eui: str | None = None,
        **facts: Any,
    ) -> Event:
        """Make an event of this connection, of one message or device where there is one, and log it."""
        body = self.connection.body
        f_cnt = uplink.f_cnt if uplink else None
        dev_eui = (uplink.dev_eui or None) if uplink else dev_eui
        event = Event(
            self._clock.wall(), kind, severity, self.id, body.name, body.connector_id, message, dev_eui, f_cnt, facts
        )
        if log.isEnabledFor(10):
            log.debug(message, extra={"facts": {"event": kind, "connection": self.id, "dev_eui": dev_eui}})
        return event

    def note(self, event: Event, tallies: Iterable[Tally] = ()) -> None:
        """Store an event of this connection, and what `count` gave for it."""
        self._queue.note(event, tallies)

    def count(self, name: str) -> tuple[Tally, Tally]:
        """Count something of this connection now, and say what to write for it."""
        now = self._clock.now()
        self._metrics.add(self.id, name, now)
        return (self.id, name, int(now // 60)), (self.id, name, -1)

    # -- commands

    def _start_or_stop(self) -> None:
        if self.connection.body.active:
            self.startup_time = iso(self._clock.wall())
            self._perform(self._delivery.start(self._clock.now()))
        else:
            self._perform(self._delivery.deactivate())

    def _perform(self, commands: list[Command]) -> None:
        for command in commands:
            match command:
                case Post():
                    self._spawn(self._deliver(command), self._posts)
                case Delivered(uplink):
                    self._settle(uplink, None, self.count("uplinksDelivered"))
                case Failed():
                    self._note_failure(command)
                case Drop():
                    self._drop(command)
                case Wake(at):
                    self._wake_at(at)
                case Fetch(gap):
                    self._spawn(self._fetch(gap), self._tasks)
                case _:
                    self._change(command)

    def _change(self, command: StateChanged | Open | Close | LoginFailed | GivenUp) -> None:
        match command:
            case StateChanged():
                self._note_state(command)
            case Open():
                self._spawn(self._open(), self._tasks)
            case Close():
                self._spawn(self._close(), self._tasks)
            case LoginFailed(answer):
                self.note(self.event("LOGIN_FAILED", "error", f"the destination refuses the account: {answer.reason}"))
            case GivenUp(attempts):
                message = f"the reconnect strategy ended after {attempts} attempts; the connection stays closed"
                self.note(self.event("RECONNECT_GIVEN_UP", "error", message))

    async def _open(self) -> None:
        async with self._gate:
            self._setup = self._next
            self.startup_time = iso(self._clock.wall())
            try:
                self._sink = self._setup.sink()
                answer = await self._sink.open()
            except Exception as error:  # noqa: BLE001 - whatever a destination does must not stop the others
                log.exception("a sink failed to open", extra={"facts": {"connection": self.id}})
                answer = Answer("unreachable", reason=f"internal error ({type(error).__name__})")
        self._perform(self._delivery.opened(answer, self._clock.now()))
        self.notice = answer.reason if answer.ok and answer.reason else None
        if self.notice:
            self.note(self.event("COMMANDS_UNAVAILABLE", "warning", self.notice))

    async def _close(self) -> None:
        async with self._gate:
            await _ended(self._posts)
            await self._close_sink()
        self._perform(self._delivery.closed(self._clock.now()))

    async def _close_sink(self) -> None:
        sink, self._sink, self.notice = self._sink, None, None
        if sink is None:
            return
        try:
            await sink.close()
        except Exception:  # noqa: BLE001 - it is gone either way, and what follows must happen
            log.exception("a sink failed to close", extra={"facts": {"connection": self.id}})

    async def _deliver(self, post: Post) -> None:
        cause, reason = Cause.FILTERED, "sendMetadata lets uplinks pass only"
        try:
            outgoing = await self._setup.made(post.uplink)
        except UnresolvedError as error:
            outgoing, cause, reason = None, Cause.UNSENDABLE, str(error)
        except Exception as error:  # noqa: BLE001 - it would fail again, and must not stop its device for ever
            log.exception("a message cannot be made", extra={"facts": {"connection": self.id}})
            outgoing, cause, reason = None, Cause.UNSENDABLE, f"internal error ({type(error).__name__})"
        if outgoing is None:
            self._perform(self._delivery.unsendable(post, cause, reason, self._clock.now()))
            return
        try:
            answer = await self._sink.deliver(outgoing) if self._sink else Answer("unreachable", reason="closed")
        except Exception as error:  # noqa: BLE001 - whatever a destination does must not stop the others
            log.exception("a delivery failed", extra={"facts": {"connection": self.id}})
            answer = Answer("unclear", reason=f"internal error ({type(error).__name__})")
        if outgoing.note and answer.ok:
            message = f"{_named(post.uplink)} {outgoing.note}"
            self.note(self.event("UPLINK_NOTED", "info", message, post.uplink))
        self._perform(self._delivery.answered(post, answer, self._clock.now()))

    async def _fetch(self, gap: Gap) -> None:
        try:
            uplinks = await self._queue.fetch(self.id, gap)
        except Exception:  # noqa: BLE001 - a disk that cannot be read may be readable again later
            log.exception("the queue cannot be read", extra={"facts": {"connection": self.id}})
            self._delivery.fetch_failed()
            self._wake_at(self._clock.now() + self._clock.rate)
            return
        self._perform(self._delivery.fetched(gap, uplinks, self._clock.now(), complete=gap.all_in(uplinks)))

    def _drop(self, drop: Drop) -> None:
        kind, severity = _DROP_KINDS[drop.cause]
        tallies = list(self.count("uplinksLost"))
        if drop.cause is Cause.UNSENDABLE:
            tallies += self.count("uplinksFailed")
        message = f"{_named(drop.uplink)} is dropped: {drop.reason}"
        self._settle(
            drop.uplink, self.event(kind, severity, message, drop.uplink, cause=drop.cause.value), tuple(tallies)
        )

    def _settle(self, uplink: Uplink, event: Event | None, tallies: tuple[Tally, ...]) -> None:
        self._queue.settle(uplink.seq, tallies, event, lambda: self._settled(uplink))

    def _settled(self, uplink: Uplink) -> None:
        if not self._gone:
            self._perform(self._delivery.settled((uplink,), self._clock.now()))

    def _note_failure(self, failed: Failed) -> None:
        message = f"{_named(failed.uplink)} was not delivered at attempt {failed.attempt}: {failed.answer.reason}"
        facts: dict[str, Any] = {"cause": failed.answer.kind, "status": failed.answer.status, "attempt": failed.attempt}
        event = self.event("UPLINK_FAILED", "warning", message, failed.uplink, **facts)
        self._queue.note(event, self.count("uplinksFailed"))

    def _note_state(self, changed: StateChanged) -> None:
        message = f"{changed.old} to {changed.new}" + (f": {changed.reason}" if changed.reason else "")
        severity = _STATE_SEVERITY.get(changed.new, "info")
        if changed.reason in ("deactivated", "restart"):
            severity = "info"  # the user's own wish is no failure
        facts: dict[str, Any] = {"oldState": changed.old.value, "newState": changed.new.value}
        log.info("connection state", extra={"facts": {"connection": self.id, **facts, "reason": changed.reason}})
        self.note(self.event("STATE_CHANGED", severity, message, **facts))

    # -- time and tasks

    def _wake_at(self, at: float) -> None:
        if self._due is not None and self._due <= at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._due = at
        self._timer = asyncio.get_running_loop().call_later(self._clock.until_s(at), self._woken)

    def _woken(self) -> None:
        self._timer = self._due = None
        self._perform(self._delivery.woken(self._clock.now()))

    def _spawn(self, work: Any, group: set[asyncio.Task[None]]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        group.add(task)
        task.add_done_callback(partial(self._done, group))

    def _done(self, group: set[asyncio.Task[None]], task: asyncio.Task[None]) -> None:
        """Read what a task raised, since nobody waits for it."""
        group.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a connection's work failed", exc_info=error, extra={"facts": {"connection": self.id}})


def _named(uplink: Uplink) -> str:
    counter = "" if uplink.f_cnt is None else f", FCntUp {uplink.f_cnt}"
    return f"the message of {uplink.dev_eui or 'a base station'}{counter}"


async def _ended(tasks: set[asyncio.Task[None]], timeout_s: float | None = None) -> None:
    if waiting := [task for task in tasks if task is not asyncio.current_task()]:
        await asyncio.wait(waiting, timeout=timeout_s)
