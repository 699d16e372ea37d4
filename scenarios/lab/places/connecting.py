"""Connections of a scenario's own, to whatever a scenario has a name for."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from uplab.scenarios.lab.places.bin import Bin
from uplab.scenarios.lab.places.destination import Destination

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

    from uplab.scenarios.lab.connection import LabConnection
    from uplab.scenarios.lab.device import LabDevice
    from uplab.scenarios.lab.lab import Lab

__all__ = ["Connect"]


class Connect:
    """Makes a connection and binds devices to it: the fixture `connection`.

    connection(posthere_bin, *devices, headers={"X-Site": "A"})
    """

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def __call__(
        self,
        where: Destination | Bin | HTTPServer | str,
        *devices: LabDevice,
        state: str | None = "OPENED",
        **configuration: Any,
    ) -> LabConnection:
        """A connection that delivers there, open, with the devices bound to it; further keys go into its configuration.

        `where` is a bin or its name, a server of pytest-httpserver, or a `Destination`, as accounts and
        `lab.destination` give it. `state` is the state that is awaited, None for none.
        """
        there = self._place(where)
        body = copy.deepcopy(there.body)
        body["configuration"] |= configuration
        return self._lab.connect(body, there.route, *devices, state=state)

    def _place(self, where: Destination | Bin | HTTPServer | str) -> Destination:
        if isinstance(where, Destination):
            return where
        return self._lab.destination(where.path if isinstance(where, Bin) else where)
