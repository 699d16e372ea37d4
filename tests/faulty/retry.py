"""Bugs after a failure: given up too early, tried too soon, repeated."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.faulty.known_bad import Catalogue, Kill, Mark, swap
from uplab.simulator.forwarder.delivery import assembly, decisions
from uplab.simulator.forwarder.delivery.command import Reaction
from uplab.simulator.forwarder.destinations.failures import Manner
from uplab.simulator.forwarder.destinations.http import sink as http_sink
from uplab.simulator.forwarder.destinations.http.sink import HttpSink
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing

__all__ = ["BAD"]

BAD = Catalogue()
BLAME = "faults/test_blame.py::test_failed_uplinks_go_out_in_order_after_the_blame_period"


@BAD.bad(
    "give-up-at-once",
    "an uplink that the destination refused once is forgotten",
    requirement="HTTP-16.a",
    models="at most once by default: loss in a short outage (webhooks without retries)",
    scenario=BLAME,
    check="none lost",
)
def give_up_at_once(mark: Mark) -> None:
    """Takes a refusal for success."""

    def make(deliver: Any) -> Any:
        async def resigned(self: HttpSink, outgoing: Outgoing) -> Answer:
            answer: Answer = await deliver(self, outgoing)
            if answer.kind == "refused":
                mark()
                return Answer("delivered", answer.status)
            return answer

        return resigned

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "nothing-said-nothing-tried",
    "a destination that is not available is not tried again where no generation was chosen",
    requirement="HTTP-08.e",
    models="retries that have to be switched on",
    scenario="faults/test_blame.py::test_blame_period_is_thirty_seconds_when_absent",
    check="none lost",
)
def nothing_said_nothing_tried(mark: Mark) -> None:
    """Takes a 5xx for success, as if nobody had asked for more."""

    def make(deliver: Any) -> Any:
        async def once(self: HttpSink, outgoing: Outgoing) -> Answer:
            answer: Answer = await deliver(self, outgoing)
            if answer.status is None or answer.status < 500:
                return answer
            mark()
            return Answer("delivered", answer.status)

        return once

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "no-blame-period",
    "a failed delivery is tried again at once",
    requirement="HTTP-08.a",
    models="dead endpoints hammered for ever (lorawan-stack#4526)",
    scenario=BLAME,
    check="blame period",
    also=(Kill("HTTP-08.c", "faults/test_blame.py::test_blame_period_is_thirty_seconds_when_absent", "timing"),),
)
def no_blame_period(mark: Mark) -> None:
    """Shortens the period to nothing."""

    def make(policy: Any) -> Any:
        def hasty(self: Any, connection: Any) -> Any:
            mark()
            return replace(policy(self, connection), blame_s=0.0)

        return hasty

    swap(assembly.Assembly, "_policy", make)


@BAD.bad(
    "late-success-is-failure",
    "an answer that came counts as none, and the uplink is sent again",
    requirement="HTTP-16.b",
    models="replay after an acknowledgement was lost (TXIF-2022)",
    scenario="faults/test_blame.py::test_every_2xx_is_a_delivery",
    check="none twice",
)
def late_success_is_failure(mark: Mark) -> None:
    """Doubts every first success."""
    doubted: set[tuple[str, object]] = set()

    def make(deliver: Any) -> Any:
        async def doubting(self: HttpSink, outgoing: Outgoing) -> Answer:
            answer: Answer = await deliver(self, outgoing)
            key = (self._url, (outgoing.dev_eui, outgoing.f_cnt, outgoing.time))
            if answer.ok and key not in doubted and not self._url.startswith("http://witness"):
                doubted.add(key)
                mark()
                again: Answer = await deliver(self, outgoing)
                return again
            return answer

        return doubting

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "one-hang-stops-all",
    "while one destination does not answer, nothing goes to any other",
    requirement="COM-19.a",
    models="a REST client without a timeout that holds the thread (TXIF-2268)",
    scenario="faults/test_isolation.py::test_hanging_destination_delays_no_other",
    check="within",
    also=(
        Kill("HTTP-19.b", "faults/test_isolation.py::test_hanging_destination_delays_no_other", "within"),
        Kill("COM-19.b", "faults/test_isolation.py::test_misbehaving_destination_delays_no_other", "within"),
    ),
)
def one_hang_stops_all(mark: Mark) -> None:
    """Delivers one by one over all connections."""
    import asyncio

    one_at_a_time = asyncio.Lock()

    def make(deliver: Any) -> Any:
        async def queued(self: HttpSink, outgoing: Outgoing) -> Answer:
            mark()
            async with one_at_a_time:
                answer: Answer = await deliver(self, outgoing)
            return answer

        return queued

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "two-at-a-time-for-a-device",
    "the next uplink of a device starts while the one before is still open",
    requirement="HTTP-15.a",
    models="parallel workers without an order for each device",
    scenario="faults/test_order.py::test_next_uplink_waits_for_the_answer_to_the_one_before",
    check="in order",
)
def two_at_a_time(mark: Mark) -> None:
    """Answers for a slow destination in its place, and goes on sending behind its back."""
    import asyncio

    running: set[asyncio.Task[Answer]] = set()

    def make(deliver: Any) -> Any:
        async def impatient(self: HttpSink, outgoing: Outgoing) -> Answer:
            task = asyncio.ensure_future(deliver(self, outgoing))
            running.add(task)
            task.add_done_callback(running.discard)
            done, _ = await asyncio.wait({task}, timeout=0.05)
            if not done:
                mark()
                return Answer("delivered", 200)
            answer: Answer = task.result()
            return answer

        return impatient

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "old-uplinks-delivered",
    "uplinkTimeValidity is ignored",
    requirement="COM-05.a",
    models="messages stay beyond the retention (TXIF-1557)",
    scenario="common/test_options.py::test_old_uplink_is_dropped_with_an_event",
    check="seen",
    also=(
        Kill(
            "COM-05.d",
            "common/test_restart.py::test_what_expired_during_the_outage_is_dropped_with_its_event",
            "seen",
        ),
    ),
)
def old_uplinks_delivered(mark: Mark) -> None:
    """Takes the limit away."""

    def make(policy: Any) -> Any:
        def without(self: Any, connection: Any) -> Any:
            mark()
            return replace(policy(self, connection), validity_s=None)

        return without

    swap(assembly.Assembly, "_policy", make)


@BAD.bad(
    "clients-fault-is-delivered",
    "an uplink that the destination answers with 4xx counts as delivered",
    requirement="HTTP-16.a",
    models="what is called the client's fault is not tried again",
    scenario="faults/test_blame.py::test_every_answer_but_2xx_is_a_failure",
    check="none lost",
)
def clients_fault_is_delivered(mark: Mark) -> None:
    """Takes 4xx for success."""

    def make(deliver: Any) -> Any:
        async def resigned(self: HttpSink, outgoing: Outgoing) -> Answer:
            answer: Answer = await deliver(self, outgoing)
            if answer.status is not None and 400 <= answer.status < 500:
                mark()
                return Answer("delivered", answer.status)
            return answer

        return resigned

    swap(HttpSink, "deliver", make)


def _failures(mark: Mark, kind: str) -> None:
    """Takes one kind of failed attempt for success."""

    def make(failure: Any) -> Any:
        def hopeful(self: HttpSink, error: Exception) -> Answer:
            answer: Answer = failure(self, error)
            if answer.kind == kind:
                mark()
                return Answer("delivered")
            return answer

        return hopeful

    swap(HttpSink, "_failure", make)


@BAD.bad(
    "unclear-is-delivered",
    "an uplink whose answer did not come whole counts as delivered",
    requirement="HTTP-16.c",
    models="at most once by default: loss in a short outage (webhooks without retries)",
    scenario="faults/test_lost_answer.py::test_uplink_without_a_whole_answer_is_sent_again",
    check="none lost",
)
def unclear_is_delivered(mark: Mark) -> None:
    """Hopes for the best."""
    _failures(mark, "unclear")


@BAD.bad(
    "outage-is-delivery",
    "an uplink for a destination that refuses connections counts as delivered",
    requirement="HTTP-16.d",
    models="status shown erroneous, and nothing counted (TXIF-2258, 2075)",
    scenario="faults/test_outage.py::test_refused_connection_loses_nothing",
    check="seen",
)
def outage_is_delivery(mark: Mark) -> None:
    """Takes what was never sent for delivered."""
    _failures(mark, "unreachable")


@BAD.bad(
    "one-flood-stops-all",
    "while a large answer is looked through, nothing goes to any destination",
    requirement="COM-19.c",
    models="an answer that is parsed whole, for a log line of forty characters",
    scenario="faults/test_isolation.py::test_enormous_answer_delays_no_other",
    check="within",
)
def one_flood_stops_all(mark: Mark) -> None:
    """Sends nothing while the body of such an answer comes, and for two seconds after it."""
    import asyncio

    free = asyncio.Event()
    free.set()

    def make_deliver(deliver: Any) -> Any:
        async def waiting(self: HttpSink, outgoing: Outgoing) -> Answer:
            await free.wait()
            answer: Answer = await deliver(self, outgoing)
            return answer

        return waiting

    def make_drain(drain: Any) -> Any:
        async def alone(response: Any) -> None:
            if (response.content_length or 0) < 1_000_000:
                await drain(response)
                return
            mark()
            free.clear()
            try:
                await drain(response)
            finally:
                asyncio.get_running_loop().call_later(2.0, free.set)

        return alone

    swap(HttpSink, "deliver", make_deliver)
    swap(http_sink, "_drain", make_drain)


@BAD.bad(
    "lenient-sends-again",
    "without strictMode a refused uplink is sent again all the same",
    requirement="HTTP-16.e",
    models="one way of failing for every generation",
    scenario="faults/test_strict.py::test_refused_uplink_is_lost_without_strict_mode",
    check="tried",
    arguments=("--failure-generation", "strict-resend"),
    choices={"failure_generation": "strict-resend"},
)
def lenient_sends_again(mark: Mark) -> None:
    """Takes one manner for the other."""
    _reacting(mark, Manner.LENIENT, "refused", Reaction.RESEND)


@BAD.bad(
    "out-of-reach-is-lost",
    "an uplink for a destination that refuses connections is lost, though strictMode is true",
    requirement="HTTP-16.h",
    models="a connection error that is no answer, and so nothing to react to",
    scenario="faults/test_outage.py::test_destination_out_of_reach_is_tried_again_by_strict_resend",
    check="none lost",
    arguments=("--failure-generation", "strict-resend"),
    choices={"failure_generation": "strict-resend"},
)
def out_of_reach_is_lost(mark: Mark) -> None:
    """Drops it."""
    _reacting(mark, Manner.STRICT_RESEND, "unreachable", Reaction.LOSE)


def _reacting(mark: Mark, manner: Manner, kind: str, reaction: Reaction) -> None:
    """Reacts to one kind of answer in another way."""

    def make(reactions: Any) -> Any:
        class Wrong(dict[str, Reaction]):
            def __getitem__(self, asked: str) -> Reaction:
                if asked == kind:
                    mark()
                return super().__getitem__(asked)

        return {**reactions, manner: Wrong({**reactions[manner], kind: reaction})}

    swap(decisions, "REACTIONS", make)
