"""Paths to handlers, for the REST API and the pages alike: what a handler is given, and what it may return."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from uplab.fakes.messages import Answer, Request
from uplab.fakes.widgelix.actions import MakeReport, PostDownlink
from uplab.fakes.widgelix.device import Device
from uplab.fakes.widgelix.state import Account, WidgelixState

__all__ = ["Call", "Handler", "Posting", "Reply", "Route", "find", "parameters"]


@dataclass(frozen=True, slots=True)
class Posting:
    """Give this answer, and post that downlink meanwhile."""

    answer: Answer
    post: PostDownlink


Reply = Answer | Posting | MakeReport


@dataclass(frozen=True, slots=True)
class Call:
    """A request of somebody who is logged in; `ids` are the parts of the path that a route leaves open."""

    state: WidgelixState
    request: Request
    account: Account
    session: str
    uplink_url: str
    ids: tuple[str, ...] = ()

    @property
    def organisation(self) -> str:
        """Whose things these are."""
        return self.account.organisation

    @property
    def device(self) -> Device:
        """The device that the first open part of the path names; raises NotFoundError."""
        return self.state.device(self.organisation, self.ids[0])


Handler = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path; `*` stands for one part of it."""

    method: str
    path: str
    handler: Handler

    def ids(self, path: str) -> tuple[str, ...] | None:
        """Return the open parts of a path that fits, else None."""
        wanted, given = self.path.split("/"), path.split("/")
        if len(wanted) != len(given):
            return None
        pairs = list(zip(wanted, given, strict=True))
        if any(part not in ("*", found) or not found for part, found in pairs[1:]):
            return None
        return tuple(found for part, found in pairs if part == "*")


def find(routes: Sequence[Route], method: str, path: str) -> tuple[Handler, tuple[str, ...]] | list[str]:
    """Return the handler of a request and its ids, or the methods that the path does know."""
    fitting = [(route, ids) for route in routes if (ids := route.ids(path)) is not None]
    for route, ids in fitting:
        if route.method == method:
            return route.handler, ids
    return [route.method for route, _ in fitting]


def parameters(request: Request) -> dict[str, str]:
    """Return the query by name; of a name that occurs twice the last value."""
    return dict(request.query)
