"""As declared: what failed is tried again as often, and at such times, as the profile says, and no further."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from uplab.scenarios.checks.check import DeliveryCheck
from uplab.scenarios.checks.deliveries import Delivery, Route
from uplab.scenarios.checks.policy.declared import DeliveryPolicy
from uplab.scenarios.checks.policy.tries import Tries, Try
from uplab.scenarios.checks.verdict import Verdict

__all__ = ["AsDeclared"]

_EXACT_S = 0.02
_IN_FLIGHT_S = 0.5  # what begins so shortly after an answer may have been on its way before it was read


class AsDeclared(DeliveryCheck):
    """Judges each uplink's attempts at one place by a policy; what is missing is missing when the verdict is asked for.

    `late_s` is what the next attempt may take beyond its pause; `retry_after_s` is what the first refusal asked for.
    """

    name = "delivery policy"
    promise = "what failed is tried again as the profile declares"
    source = ("HTTP-08", "HTTP-16", "CONTRACT 6")
    asks = "how often, and when, was each uplink tried again, and after which answers?"
    advice = "compare [delivery] and failure_generation of the profile with the forwarder's own settings"

    def __init__(
        self,
        ids: Sequence[str],
        to: Route,
        *,
        policy: DeliveryPolicy | Mapping[str, Any],
        late_s: float,
        retry_after_s: float = 0.0,
    ) -> None:
        super().__init__(ids, to)
        self._policy = policy if isinstance(policy, DeliveryPolicy) else DeliveryPolicy.model_validate(policy)
        self._late_s = late_s
        self._retry_after_s = retry_after_s if self._policy.retry_after else 0.0
        self._tries = Tries()
        self._stopped: Try | None = None
        self._after_stop = ""

    @property
    def promised(self) -> str:
        """The promise, with what the profile says."""
        return f"{self.promise}: {self._policy.words()}"

    def arrived(self, delivery: Delivery) -> None:
        """One more attempt; none may come any more where an answer has stopped the connection."""
        self._tries.add(delivery)
        stopped = self._stopped
        if stopped is not None and stopped.ended_s is not None and not self._after_stop:
            after_s = delivery.arrived.monotonic_s - stopped.ended_s
            if after_s > _IN_FLIGHT_S:
                what = ", ".join(delivery.ids) or "something"
                self._after_stop = f"{what} came {after_s:.2f} s after the answer {stopped.status}"

    def answered(self, delivery: Delivery) -> None:
        """The first answer that stops the connection."""
        one = Try(delivery)
        if self._stopped is None and self._policy.stops_at(one.status):
            self._stopped = one

    def verdict(self) -> Verdict:
        """The first uplink whose attempts are others than those declared."""
        if self._after_stop:
            return self.broken(len(self.ids), f"{self._after_stop}, which stops this connection")
        examined = 0
        for id_ in self.ids:
            tries = self._tries.of.get(id_, [])
            failures = sum(map(self._failed, tries))
            examined += failures
            if wrong := self._wrong(tries):
                return self.broken(max(1, examined), f"{id_} {wrong}", (id_,))
        if not examined:
            return self.says("unknown", 0, f"no delivery to {self.to} failed")
        counts = [len(self._tries.of.get(id_, ())) for id_ in self.ids]
        most = max(counts)
        return self.says(
            "passed", examined, f"{examined} failed attempts, each followed by what is declared; at most {most} of one"
        )

    def _wrong(self, tries: Sequence[Try]) -> str | None:
        policy = self._policy
        for number, (one, then) in enumerate(pairwise(tries), 1):
            if self._taken(one):
                continue  # that is none twice's affair
            if not policy.sent_once and self._failed(one) and not policy.tries_after(one.status):
                return f"was tried again after it was {one.how}"
            if policy.attempts and number >= policy.attempts:
                return f"was tried {len(tries)} times, expected {policy.attempts} as declared"
            if wrong := self._after_its_end(number, tries[0], one) or self._at_the_wrong_time(number, one, then):
                return wrong
        if not tries or not self._failed(tries[-1]):
            return None
        return self._too_few(tries)

    def _taken(self, one: Try) -> bool:
        """Of an answer whose body did not end the head counts, unless the declared time covers the body."""
        return one.delivery.delivered if self._policy.timeout_covers == "body" else one.taken

    def _failed(self, one: Try) -> bool:
        return one.ended_s is not None and not self._taken(one)

    def _after_its_end(self, number: int, first: Try, one: Try) -> str | None:
        """Whether the next attempt could not have begun in time, however early."""
        end_s, ended_s = self._policy.end_s, one.ended_s
        if end_s is None or ended_s is None:
            return None
        due_s = ended_s - first.begun_s + self._policy.window(number).least_s
        # The forwarder may count from the answer, or from when it began: what is earlier than both is in time.
        due_s = min(due_s, one.begun_s - first.begun_s + self._policy.window(number).most_s)
        if due_s <= end_s + _EXACT_S:
            return None
        return f"was tried again, due {due_s:.2f} s after its first attempt; it is given up after {end_s:g} s"

    def _at_the_wrong_time(self, number: int, one: Try, then: Try) -> str | None:
        least_s, most_s = self._policy.window(number)
        if number == 1 and self._retry_after_s:
            least_s = most_s = max(least_s, self._retry_after_s)
        since_begin_s = then.begun_s - one.begun_s
        since_end_s = then.begun_s - (one.ended_s or one.begun_s)
        # Counted from the request, because the forwarder may have the answer before the fake has noted it.
        if since_begin_s < least_s - 0.02:
            return f"was tried again after {since_begin_s:.2f} s, at least {least_s:.2f} s are declared"
        if since_end_s > most_s + self._late_s:
            return f"was tried again only after {since_end_s:.2f} s, at most {most_s:.2f} s are declared"
        return None

    def _too_few(self, tries: Sequence[Try]) -> str | None:
        policy, last = self._policy, tries[-1]
        if not policy.tries_after(last.status) or (policy.attempts and len(tries) >= policy.attempts):
            return None
        if (
            policy.end_s is not None
            and (last.ended_s or last.begun_s) + policy.window(len(tries)).most_s - tries[0].begun_s > policy.end_s
        ):
            return None
        times = "once" if len(tries) == 1 else f"{len(tries)} times"
        wanted = f"{policy.attempts} attempts are declared" if policy.attempts else "until it is taken is declared"
        return f"was tried {times}, at last {last.how}, and not again; {wanted}"

    def asked(self) -> dict[str, Any]:
        """With the policy."""
        said = {"policy": self._policy.model_dump(), "late_s": self._late_s}
        return {**super().asked(), **said, **({"retry_after_s": self._retry_after_s} if self._retry_after_s else {})}
