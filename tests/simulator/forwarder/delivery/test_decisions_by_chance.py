"""Delivery in whatever order things may happen: a world by seed, and what must hold at each of its steps."""

from dataclasses import replace
from random import Random

import pytest

from tests.simulator.forwarder.conversation import GONE, LOCKED, LOST, NO, OK
from tests.simulator.forwarder.making import uplink
from uplab.simulator.forwarder.delivery.backlog import Backlog, Gap, Uplink
from uplab.simulator.forwarder.delivery.command import (
    Cause,
    Close,
    Command,
    Delivered,
    Drop,
    Failed,
    Fetch,
    Open,
    Policy,
    Post,
    Wake,
)
from uplab.simulator.forwarder.delivery.decisions import Delivery
from uplab.simulator.forwarder.delivery.state import State
from uplab.simulator.forwarder.destinations.failures import Manner
from uplab.simulator.forwarder.destinations.sink import Answer

BLAME_S = 30.0


class World:
    """A connection's disk, destination and clock, which act in an order by chance."""

    def __init__(self, seed: int, manner: Manner, answers: tuple[Answer, ...]) -> None:
        self.random, self.answers, self.manner, self.now = Random(seed), answers, manner, 0.0
        self.concurrency = self.random.choice((1, 2, 5))
        backlog = Backlog(window=self.random.choice((2, 4, 8)), window_bytes=self.random.choice((5, 20, 1000)))
        policy = Policy(manner, blame_s=BLAME_S, concurrency=self.concurrency)
        self.delivery = Delivery(policy, Random(seed), backlog)
        self.disk: dict[int, Uplink] = {}
        self.accepted = 0
        self.posts: list[Post] = []
        self.ended: list[Uplink] = []  # delivered or dropped, and not yet off the disk
        self.gaps: list[Gap] = []
        self.opens = self.closes = 0
        self.wake_at = self.blamed_until = 0.0

    def perform(self, commands: list[Command]) -> None:
        for command in commands:
            match command:
                case Post(message, _):
                    self.check(message)
                    self.posts.append(command)
                case Delivered(message, _) | Drop(message, _, _):
                    self.ended.append(message)
                case Failed(_, _, answer) if answer is not LOCKED:
                    self.blamed_until = max(self.blamed_until, self.now + BLAME_S)
                case Wake(at):
                    self.wake_at = min(at, self.wake_at or at)
                case Fetch(gap):
                    self.gaps.append(gap)
                case Open():
                    assert not self.posts
                    self.opens, self.blamed_until = self.opens + 1, 0.0
                case Close():
                    self.closes += 1

    def check(self, message: Uplink) -> None:
        own = [seq for seq, other in self.disk.items() if other.dev_eui == message.dev_eui]
        busy = [post.uplink.dev_eui for post in self.posts] + [other.dev_eui for other in self.ended]
        assert message.seq == min(own), "a device's oldest message goes first"
        assert message.dev_eui not in busy, "the one before it is gone from disk"
        assert len(self.posts) < self.concurrency
        assert self.manner is not Manner.BLAME or self.now >= self.blamed_until

    def step(self, *, good: bool = False) -> bool:
        """Let one thing happen that may; when all is well, only what leads to an end. False when nothing is left."""
        may = {
            self.answer: 4 if self.posts else 0,
            self.settle: 4 if self.ended else 0,
            self.fetch: 3 if self.gaps else 0,
            self.open: 3 if self.opens else 0,
            self.close: 3 if self.closes and not self.posts else 0,
            self.wake: 2 if self.wake_at else 0,
            self.accept: 0 if good else 4,
            self.order: 0 if good or self.random.random() < 0.9 else 3,
        }
        if not any(may.values()):
            return False
        self.now += self.random.random() * (0.01 if good else 1.0)
        (happens,) = self.random.choices(list(may), list(may.values()))
        happens(good)
        return True

    def accept(self, _: bool) -> None:
        self.accepted += 1
        message = replace(uplink(self.accepted, f"device {self.random.randrange(4)}"), received_s=self.now)
        self.disk[message.seq] = message
        self.perform(self.delivery.accept((message,), self.now))

    def answer(self, good: bool) -> None:
        post = self.posts.pop(self.random.randrange(len(self.posts)))
        if not good and self.random.random() < 0.05:
            self.perform(self.delivery.unsendable(post, Cause.UNSENDABLE, "no", self.now))
        else:
            self.perform(self.delivery.answered(post, self.given(good), self.now))

    def settle(self, _: bool) -> None:
        count = self.random.randint(1, len(self.ended))
        settled, self.ended = self.ended[:count], self.ended[count:]
        for message in settled:
            del self.disk[message.seq]
        for message in settled:
            self.perform(self.delivery.settled((message,), self.now))

    def fetch(self, good: bool) -> None:
        gap = self.gaps.pop()
        assert not self.gaps, "one read at a time"
        if not good and self.random.random() < 0.2:
            self.delivery.fetch_failed()
            self.wake_at = min(self.now + 1.0, self.wake_at or self.now + 1.0)
            return
        found: list[Uplink] = []
        for message in (self.disk[seq] for seq in sorted(self.disk) if gap.after < seq <= gap.up_to):
            if gap.all_in(found) and gap.dev_eui in (None, message.dev_eui):
                found.append(message)
        self.perform(self.delivery.fetched(gap, found, self.now, complete=gap.all_in(found)))

    def open(self, good: bool) -> None:
        self.opens -= 1
        self.perform(self.delivery.opened(self.given(good), self.now))

    def close(self, _: bool) -> None:
        self.closes -= 1
        self.perform(self.delivery.closed(self.now))

    def wake(self, _: bool) -> None:
        self.now, self.wake_at = max(self.now, self.wake_at), 0.0
        self.perform(self.delivery.woken(self.now))

    def order(self, _: bool) -> None:
        """What a user or the other end of the link may do at any time."""
        orders = (lambda: self.delivery.start(self.now), self.delivery.deactivate)
        self.perform(self.random.choice((*orders, lambda: self.delivery.lost("gone", self.now)))())

    def given(self, good: bool) -> Answer:
        return OK if good or self.random.random() < 0.5 else self.random.choice(self.answers)


@pytest.mark.parametrize("answers", [(NO, GONE, LOST), (NO, GONE, LOST, LOCKED)], ids=["HTTP", "with login"])
@pytest.mark.parametrize("manner", Manner)
def test_whatever_happens_all_goes_out_in_order(manner: Manner, answers: tuple[Answer, ...]) -> None:
    for seed in range(25):
        world = World(seed, manner, answers)
        world.perform(world.delivery.start(0.0))
        for _ in range(300):
            world.step()

        # When all is well from now on
        world.perform(world.delivery.start(world.now))
        for _ in range(10_000):
            if not world.disk and world.delivery.state is State.OPENED:
                break
            assert world.step(good=True), f"seed {seed}: {len(world.disk)} messages are stuck in {world.delivery.state}"

        assert not world.disk, f"seed {seed}: {len(world.disk)} messages are left"
        assert not world.delivery._refusals
