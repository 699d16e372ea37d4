"""A world under way, while it is composed: what it has so far, and what every part of it may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from uplab.scenarios.worlds import plan as p
from uplab.scenarios.worlds.drawing.dice import Dice
from uplab.scenarios.worlds.space.dimensions import DIMENSIONS

__all__ = ["Making"]


@dataclass
class Making:
    """A world under way."""

    drawn: Mapping[str, str]
    dice: Dice
    devices: dict[str, p.Device] = field(default_factory=dict)
    connections: dict[str, p.Connection] = field(default_factory=dict)
    flows: list[p.Flow] = field(default_factory=list)
    steps: list[Any] = field(default_factory=list)

    def value(self, name: str) -> Any:
        """What stands behind the drawn value of a dimension; None where the profile does not offer it."""
        chosen = self.drawn.get(name)
        return next((one.values[chosen] for one in DIMENSIONS if one.name == name and chosen is not None), None)

    def send_all(self, times: int = 1) -> None:
        """Uplinks of the first device and of one other, in an order of their own: more show nothing that these hide."""
        first, *others = self.devices
        some = [first, *self.dice.shuffled(f"others {len(self.steps)}", others)[:1]]
        order = self.dice.shuffled(f"order {len(self.steps)}", some)
        self.steps += [p.Send(device=name, times=times) for name in order]

    def wait(self) -> None:
        """Everything is delivered before it goes on."""
        if self.steps and not isinstance(self.steps[-1], p.Wait):
            self.steps.append(p.Wait())

    def now(self, name: str) -> p.Connection:
        """A connection, as the steps so far have left it."""
        changes = [step.to for step in self.steps if isinstance(step, p.Change) and step.connection == name and step.to]
        return changes[-1] if changes else self.connections[name]

    def change(self, name: str, /, **more: Any) -> None:
        """PUT of a connection, changed in this; from then on it is what the world has."""
        self.steps.append(p.Change(connection=name, to=self.now(name).model_copy(update=more)))

    def gone(self, name: str) -> bool:
        """Whether it is deleted by now."""
        return any(isinstance(step, p.Delete) and step.connection == name for step in self.steps)
