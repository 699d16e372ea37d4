"""Who erred: the harness itself, as against what arrived over a wire."""

from __future__ import annotations

__all__ = ["SimulatorError"]


class SimulatorError(Exception):
    """The simulator was asked for something that it cannot do; a run aborts on it, no forwarder is to blame."""
