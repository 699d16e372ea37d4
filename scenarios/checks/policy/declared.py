"""How a forwarder promises to deliver, as data: how often it tries, when, what ends it, and what it tells beside.

ThingPark's three generations of failure semantics are examples of it, and "none" is another: each uplink is sent once.
What a profile says of itself takes the place of what its generation says.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, field_validator

__all__ = ["GENERATIONS", "DeliveryPolicy", "Generation", "Window"]

Generation = Literal["blame", "strict-resend", "strict-close", "none", "own"]

Seconds = Annotated[float, Field(ge=0, le=86_400)]
_ANSWER = re.compile(r"[1-5](?:\d\d|xx)")
_EXACT_S = 0.02  # by how much a timer may fire too early without being wrong


class Window(NamedTuple):
    """When the next attempt may begin, in seconds after the one before."""

    least_s: float
    most_s: float


class DeliveryPolicy(BaseModel):
    """One policy. Section 6 of CONTRACT.md has the same table.

    An answer is a status, such as 410, or a class of them, such as "4xx"; a text and a number mean the same.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    attempts: Annotated[int, Field(ge=0, le=1000)] = Field(
        default=0, description="how often an uplink is tried in all; 1: sent once; 0: until it is taken"
    )
    pauses_s: Annotated[tuple[Seconds, ...], Field(min_length=1)] = Field(
        default=(0.0,), description="what lies between a failure and the next attempt; the last one goes on"
    )
    jitter: Annotated[float, Field(ge=0, le=1)] = Field(
        default=0.0, description="by which share a pause may be shorter or longer, by chance"
    )
    end_s: Seconds | None = Field(default=None, description="so long after its first attempt an uplink is given up")
    timeout_s: Annotated[float, Field(gt=0, le=3600)] = Field(
        default=20.0, description="an answer is awaited for so long at most"
    )
    timeout_covers: Literal["head", "body"] = Field(
        default="head", description="whether a body that does not end counts as no answer too"
    )
    never_again: tuple[str, ...] = Field(default=(), description="answers after which an uplink is not tried again")
    stops: tuple[str, ...] = Field(
        default=(), description="answers after which nothing more is sent there until somebody changes it"
    )
    retry_after: bool = Field(default=False, description="Retry-After of a 429 or 503 is waited for")
    order: Literal["device", "connection", "none"] = Field(
        default="device",
        description="whose uplinks wait for one another: a device's, a connection's, nobody's",
    )
    largest_body: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="bytes of the largest document that is delivered; a larger one is dropped"
    )
    id_header: str | None = Field(
        default=None, description="a header whose value is each document's own, and the same in every attempt"
    )
    signature: Literal["standard-webhooks"] | None = Field(
        default=None, description="webhook-id, webhook-timestamp and webhook-signature, by UPLAB_SIGNING_SECRET"
    )

    @field_validator("never_again", "stops", mode="before")
    @classmethod
    def _answers(cls, given: Any) -> Any:
        """Statuses as texts, whichever way they were written."""
        if not isinstance(given, list | tuple):
            return given
        texts = tuple(str(one).lower() for one in given)
        if wrong := next((text for text in texts if not _ANSWER.fullmatch(text)), None):
            raise ValueError(f'{wrong} is no status, as 410, and no class of them, as "4xx"')
        return texts

    def words(self) -> str:
        """It in a phrase."""
        if self.sent_once:
            return "sent once"
        pauses = ", ".join(f"{pause_s:g}" for pause_s in self.pauses_s)
        how = f"{self.attempts} attempts" if self.attempts else "tried until it is taken"
        said = [f"{how}, {pauses} s apart" + (f" (±{self.jitter:.0%})" if self.jitter else "")]
        said += [f"given up after {self.end_s:g} s"] if self.end_s is not None else []
        said += ["an answer whose body does not end in time is none"] if self.timeout_covers == "body" else []
        said += [f"not again after {', '.join(self.never_again)}"] if self.never_again else []
        said += [f"stopped by {', '.join(self.stops)}"] if self.stops else []
        return "; ".join(said)

    @property
    def sent_once(self) -> bool:
        """Whether nothing is ever tried again."""
        return self.attempts == 1

    def tries_after(self, status: int | None) -> bool:
        """Whether an uplink is tried again after this answer; None is no answer at all."""
        return not self.sent_once and not self.ends_at(status) and not self.stops_at(status)

    def ends_at(self, status: int | None) -> bool:
        """Whether this answer is the end of an uplink."""
        return _among(status, self.never_again)

    def stops_at(self, status: int | None) -> bool:
        """Whether this answer is the end of everything there."""
        return _among(status, self.stops)

    def pause_s(self, failures: int) -> float:
        """What lies between the failure of this number (from 1) and the next attempt."""
        return self.pauses_s[min(failures, len(self.pauses_s)) - 1]

    def window(self, failures: int) -> Window:
        """The same, with what chance may make of it."""
        pause_s = self.pause_s(failures)
        return Window(max(0.0, pause_s * (1 - self.jitter) - _EXACT_S), pause_s * (1 + self.jitter))

    def patience_s(self, failures: int) -> float:
        """How long so many failures in a row may delay the attempt after them, at most."""
        return sum(self.window(number).most_s for number in range(1, failures + 1))

    def leaves_time(self, failures: int, *, each_s: float) -> bool:
        """Whether an uplink is surely tried again after so many failures, each of which takes so long."""
        if self.attempts and failures >= self.attempts:
            return False
        return self.end_s is None or self.patience_s(failures) + failures * each_s <= self.end_s

    def most_attempts(self, within_s: float) -> int:
        """How often it tries at most what always fails at once, within so many seconds."""
        limit_s = within_s if self.end_s is None else min(within_s, self.end_s)
        count, at_s = 1, self.window(1).least_s
        while at_s <= limit_s and (not self.attempts or count < self.attempts) and count < 1000:
            count += 1
            at_s += max(self.window(count).least_s, 0.001)
        return min(count, self.attempts or count)


def _among(status: int | None, answers: tuple[str, ...]) -> bool:
    return status is not None and (str(status) in answers or f"{status // 100}xx" in answers)


GENERATIONS: dict[str, DeliveryPolicy] = {
    # CONTRACT.md, section 4; the period is that of the connection, 30 s where it names none.
    "blame": DeliveryPolicy(pauses_s=(30.0,)),
    # With strictMode: three times more, two seconds apart.
    "strict-resend": DeliveryPolicy(attempts=4, pauses_s=(2.0,)),
    # With strictMode: closed, and opened again by the reconnect strategy.
    "strict-close": DeliveryPolicy(pauses_s=(180.0,), jitter=0.34),
    "none": DeliveryPolicy(attempts=1),
    "own": DeliveryPolicy(),
}
"""The named examples."""
