"""A user's program at the broker: it subscribes, publishes, and knows nothing of the relay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from uplab.scenarios.lab.lab import Lab

__all__ = ["Station"]


class Station:
    """Any MQTT client, as the page has its reader use one."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def subscribe(self, wanted: str) -> None:
        """Hears what is published there from now on."""

        async def work() -> None:
            operator = await self._lab.broker.operator()
            operator.heard.clear()
            await operator.subscribe(wanted)

        self._lab.loop.run(work())

    def hear(self, count: int, wanted: str) -> list[tuple[str, Any]]:
        """Topic and JSON of each message that came, once there are so many; fewer when the time is up."""

        async def work() -> list[tuple[str, Any]]:
            operator = await self._lab.broker.operator()
            heard = await operator.wait_for(count, wanted, timeout_s=self._lab.deadlines.delivery_s)
            return [(one.topic, orjson.loads(one.payload)) for one in heard]

        return self._lab.loop.run(work(), timeout_s=2 * self._lab.deadlines.delivery_s + 10)

    def publish(self, topic: str, message: Any, *, retain: bool = False) -> None:
        """Publishes JSON, or bytes as they are."""
        payload = message if isinstance(message, bytes) else orjson.dumps(message)

        async def work() -> None:
            operator = await self._lab.broker.operator()
            await operator.publish(topic, payload, retain=retain)

        self._lab.loop.run(work())
