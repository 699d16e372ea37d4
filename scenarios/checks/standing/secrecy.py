"""No secret: none stands in what the forwarder says, at no time of the run."""

from uplab.scenarios.checks.leaks import shown_by_the_way
from uplab.scenarios.checks.standing.invariant import Breach, Invariant
from uplab.scenarios.history.history import Event

__all__ = ["NoSecret"]


class NoSecret(Invariant):
    """What a scenario judges itself, up to the end of its own steps, is not judged a second time."""

    name = "no secret"
    promise = "no secret stands in an answer of the forwarder, nor in what it sends"
    source = ("COM-21", "CONTRACT 2")
    advice = "a credential belongs in no text that leaves the forwarder; leave it out where this one is made"

    def __init__(self) -> None:
        super().__init__()
        self.judged_until = 0

    def see(self, event: Event) -> None:
        """Looks through what the forwarder has said."""
        if event.seq > self.judged_until:
            self.breaches += [Breach(verdict.happened, here=True) for verdict in shown_by_the_way([event])]
