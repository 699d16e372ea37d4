"""Several workers side by side: how many, and what pytest-xdist says of them."""

from __future__ import annotations

import pytest

__all__ = ["counted_workers", "silence"]


def counted_workers(number: int) -> str:
    """How many work side by side."""
    return "1 worker" if number == 1 else f"{number} workers"


def silence(config: pytest.Config) -> None:
    """Lets pytest-xdist say nothing about its workers in a quiet run.

    So quiet, it has one and the same line for each of its states, and prints it again and again.
    """
    dsession = config.pluginmanager.get_plugin("dsession")
    if dsession is not None and config.option.verbose < 0:
        dsession.trdist = _Silent()
        config.pluginmanager.unregister(name="terminaldistreporter")


class _Silent:
    """Stands in for what pytest-xdist says about its workers."""

    def setstatus(self, *_: object, **__: object) -> None:
        """Says nothing."""

    def ensure_show_status(self) -> None:
        """Says nothing."""
