"""Connections by the user's own commands, for a forwarder whose API is another than that of the contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import orjson

from uplab.scenarios.checks.verdict import CheckUnknown
from uplab.scenarios.lab.ways.by_api import flow_of
from uplab.scenarios.under_test import hops
from uplab.scenarios.under_test.ways.command import CommandError, asked
from uplab.scenarios.under_test.ways.reach import Commands, NotApplicableError

if TYPE_CHECKING:
    from uplab.scenarios.checks.checks import Route
    from uplab.scenarios.lab.ways.way import Resource

__all__ = ["ByCommands"]

_CONNECT, _DISCONNECT, _BIND = "--connect-command", "--disconnect-command", "--bind-command"


class ByCommands:
    """Runs a command for each; one that fails is an unknown, since nothing tells whether the forwarder erred."""

    first: Sequence[Resource] = ()
    shared: Sequence[Route] = ()

    def __init__(
        self,
        commands: Commands,
        environment: Callable[[], Mapping[str, str]],
        *,
        addressed: Callable[[Any], Any],
        emit: Callable[[str, dict[str, Any]], None],
        timeout_s: float,
    ) -> None:
        """`environment` is what a command is told; `addressed` puts the lab's own addresses into a body."""
        self._commands = commands
        self._environment = environment
        self._addressed = addressed
        self._emit = emit
        self._timeout_s = timeout_s
        self._made: dict[str, str] = {}  # id -> name, the oldest first

    def begin(self) -> None:
        """Needs no preparation."""

    def create(self, body: Resource) -> Resource:
        """--connect-command: the body in, its id out; what else it prints is what the forwarder shows."""
        given = self._addressed(body)
        shown = self._run(_CONNECT, self._commands.connect, given)
        if not isinstance(shown.get("id"), str | int) or shown["id"] == "":
            raise CheckUnknown(f"{_CONNECT} must print a JSON object with an id, and printed: {shown}")
        id_ = str(shown["id"])
        self._made[id_] = str(body.get("name", ""))
        self._emit(*hops.connection_given(way="commands", connection=id_, raw=orjson.dumps(given)))
        return {**given, **shown, "id": id_}

    def read(self, id_: str) -> Resource:
        """There is no command for it."""
        self._refuse(f"shows the connection {id_}")

    def replace(self, id_: str, body: Resource) -> Resource:  # noqa: ARG002 - as the interface has it
        """There is no command for it."""
        self._refuse(f"replaces the connection {id_}")

    def delete(self, id_: str) -> None:
        """--disconnect-command: {"id": ...} in."""
        if self._commands.disconnect is None:
            self._refuse(f"ends the connection {id_}: {_DISCONNECT} is not given")
        self._run(_DISCONNECT, self._commands.disconnect, {"id": id_})
        self._made.pop(id_, None)

    def bind(self, resource: Resource, dev_euis: Sequence[str]) -> str:
        """--bind-command: the body of a flow in."""
        if self._commands.bind is None:
            self._refuse(f"binds a device to the connection {resource['id']}: {_BIND} is not given")
        bound = self._run(_BIND, self._commands.bind, flow_of(resource, dev_euis))
        return str(bound.get("id", ""))

    def unbind(self, binding: str) -> None:
        """There is no command for it."""
        self._refuse(f"takes the binding {binding} away")

    def hand_over(self) -> None:
        """Everything is there as soon as its command has ended."""

    def take_away(self) -> list[str]:
        """Ends each connection that is still there, the newest first; a binding goes with its connection."""
        left = []
        for id_, name in reversed(list(self._made.items())):
            try:
                self.delete(id_)
            except (CheckUnknown, NotApplicableError) as error:
                left.append(f"connection {id_}{f' ({name})' if name else ''}: {error}")
        self._made.clear()
        return left

    def _run(self, option: str, command: str | None, body: Any) -> dict[str, Any]:
        assert command is not None
        try:
            return asked(option, command, body, self._environment(), timeout_s=self._timeout_s)
        except CommandError as error:
            raise CheckUnknown(str(error)) from None

    def _refuse(self, what: str) -> NoReturn:
        raise NotApplicableError(f"connections come by commands, and none {what}")
