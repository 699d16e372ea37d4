"""What is done even where a run ends at once, without cleaning up: no forwarder may be left running behind it."""

from collections.abc import Callable

__all__ = ["at_once"]

at_once: list[Callable[[], object]] = []
"""Each call is short, waits for nothing, and may come too late."""
