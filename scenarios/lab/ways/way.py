"""How connections come to be: the one interface behind which the API, the user's commands and a static set stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from uplab.scenarios.checks.checks import Route

__all__ = ["Resource", "Way"]

Resource = dict[str, Any]


class Way(Protocol):
    """What a scenario's connections ask for. NotApplicableError where a way has no such thing."""

    @property
    def first(self) -> Sequence[Resource]:
        """The connections with which a forwarder of ours is started before any scenario."""

    @property
    def shared(self) -> Sequence[Route]:
        """Where every document arrives, whatever the scenario asks for."""

    def begin(self) -> None:
        """Another scenario begins."""

    def create(self, body: Resource) -> Resource:
        """Makes a connection; the body as the forwarder shows it, with its `id`."""

    def read(self, id_: str) -> Resource:
        """The connection as it is now."""

    def replace(self, id_: str, body: Resource) -> Resource:
        """Gives it another configuration; the resource as it is afterwards."""

    def delete(self, id_: str) -> None:
        """Ends it."""

    def bind(self, resource: Resource, dev_euis: Sequence[str]) -> str:
        """Routes these devices to a connection; the id of what was made for it."""

    def unbind(self, binding: str) -> None:
        """Takes that away again."""

    def hand_over(self) -> None:
        """From now on something may be sent: whatever was asked for has to be there."""

    def take_away(self) -> list[str]:
        """Removes what the scenario made; what is left of it, in a phrase each."""
