"""Connections that are there from the start: UPLAB_CONNECTIONS, for a forwarder that has nothing but an ingress."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import orjson

from uplab.scenarios.under_test import hops
from uplab.scenarios.under_test.ways.reach import NotApplicableError

if TYPE_CHECKING:
    from uplab.scenarios.checks.checks import Route
    from uplab.scenarios.lab.ways.way import Resource

__all__ = ["Static"]


class Static:
    """Collects what a scenario wants, and has the forwarder started with it when the first thing is sent.

    The witness is always among it, as the first. Every device is brought to every connection. A forwarder that has the
    same connections already goes on running, unless something may still be under way in it, or one of them has a link
    that lasts: that of the scenario before has ended with it.
    """

    shared: Sequence[Route] = ()

    def __init__(
        self,
        witness: Sequence[Resource],
        give: Callable[[list[Resource]], None],
        put_aside: Callable[[], bool],
        *,
        addressed: Callable[[Any], Any],
        emit: Callable[[str, dict[str, Any]], None],
    ) -> None:
        """`give` starts the forwarder with these connections, and with none of what it had before.

        `put_aside` stops it at a scenario's end, where something may still be under way, and says whether it did.
        """
        self._witness = [addressed(body) for body in witness]
        self._give = give
        self._put_aside = put_aside
        self._addressed = addressed
        self._emit = emit
        self._has: list[Resource] | None = list(self._witness)
        self._wanted = list(self._witness)
        self._sent = False

    @property
    def first(self) -> list[Resource]:
        """With what the forwarder is started before any scenario."""
        return list(self._witness)

    def begin(self) -> None:
        """Of the scenario before nothing is wanted any more."""
        self._wanted = list(self._witness)
        self._sent = False

    def create(self, body: Resource) -> Resource:
        """Puts it on the list; after the first thing that was sent the list is closed."""
        given = self._addressed(body)
        if given in self._witness:
            return {**given, "id": f"static {self._witness.index(given)}"}
        if self._sent:
            raise NotApplicableError(
                "connections are static, and this scenario makes another one after it has sent something"
            )
        self._wanted.append(given)
        return {**given, "id": f"static {len(self._wanted) - 1}"}

    def read(self, id_: str) -> Resource:
        """Nothing shows it."""
        self._refuse(f"shows the connection {id_}")

    def replace(self, id_: str, body: Resource) -> Resource:  # noqa: ARG002 - as the interface has it
        """It stays what it is."""
        self._refuse(f"replaces the connection {id_}")

    def delete(self, id_: str) -> None:
        """It stays."""
        self._refuse(f"ends the connection {id_}")

    def bind(self, resource: Resource, dev_euis: Sequence[str]) -> str:  # noqa: ARG002 - as the interface has it
        """Every device is bound already."""
        self._refuse(f"binds a device to the connection {resource['id']}")

    def unbind(self, binding: str) -> None:
        """Nothing was bound."""
        self._refuse(f"takes the binding {binding} away")

    def hand_over(self) -> None:
        """Starts the forwarder with what is wanted, where it has anything else."""
        if self._sent:
            return
        if self._has != self._wanted or any(map(_lasts, self._wanted)):
            self._has = None  # until it has come up with them
            self._give(list(self._wanted))
            self._has = list(self._wanted)
        self._sent = True
        for number, body in enumerate(self._wanted):
            self._emit(*hops.connection_given(way="static", connection=f"static {number}", raw=orjson.dumps(body)))

    def take_away(self) -> list[str]:
        """Nothing is left that the next start does not take away."""
        if self._put_aside():
            self._has = None
        return []

    def _refuse(self, what: str) -> NoReturn:
        raise NotApplicableError(f"connections are static, and nothing {what}")


def _lasts(body: Resource) -> bool:
    """Whether a connection keeps a link open, as those to ThingsBoard do."""
    return "hostName" in body.get("configuration", {})
