"""The fake ThingsBoard as a whole: MQTT and HTTP sites over one state."""

import ssl
import time
from collections.abc import Callable

from fakes.behaviour import Behaviour
from fakes.journal import Emit, ignore
from fakes.thingsboard.mqtt_rim import MqttRim
from fakes.thingsboard.protocol import Protocol
from fakes.thingsboard.series import Budget
from fakes.thingsboard.state import State

__all__ = ["ThingsBoardServer"]


def _epoch_ms() -> int:
    return time.time_ns() // 1_000_000


class ThingsBoardServer:
    """A ThingsBoard that answers devices over MQTT and HTTP, and people over its REST API and pages.

    `now` gives the epoch in ms. All methods belong to the thread of the event loop.
    """

    def __init__(
        self,
        *,
        emit: Emit = ignore,
        behaviour: Behaviour | None = None,
        name: str = "thingsboard",
        now: Callable[[], int] = _epoch_ms,
        budget: Budget | None = None,
        idle_s: float = 600.0,
    ) -> None:
        self.name = name
        self.state = State(now=now, budget=budget)
        self.protocol = Protocol(self.state)
        behaviour = behaviour or Behaviour()
        self._mqtt = MqttRim(self.protocol, name=name, emit=emit, behaviour=behaviour, idle_s=idle_s)

    @property
    def behaviour(self) -> Behaviour:
        """The faults in force; may be replaced at any time."""
        return self._mqtt.behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        self._mqtt.behaviour = behaviour

    async def listen_mqtt(self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> int:
        """Open one more MQTT site and return its port; raises OSError when the address cannot be had."""
        return await self._mqtt.listen(host, port, tls)

    async def stop(self) -> None:
        """Close all sites and connections at once."""
        await self._mqtt.stop()

    def clear(self) -> None:
        """Forget everything but the demo tenant, and close all MQTT sessions."""
        self._mqtt.close_all("the server was cleared")
        self.protocol.links.clear()
        self.state.clear()
