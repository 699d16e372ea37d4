"""Commands from the server to a device (server-side RPC): who waits for which reply. No clock: the caller times out."""

from collections.abc import Callable
from dataclasses import dataclass, field

from uplab.fakes.thingsboard.state.tenant import Device

__all__ = ["Rpc", "Rpcs"]


@dataclass(slots=True, eq=False)
class Rpc:
    """One command; `done` is called once, with the reply of a two-way one or None."""

    id: int
    device: Device
    method: str
    params: object
    oneway: bool
    done: Callable[[bytes | None], None]
    sent: bool = False


@dataclass(slots=True)
class Rpcs:
    """The commands that are not answered yet; ids count from 0 for each device."""

    _pending: dict[str, dict[int, Rpc]] = field(default_factory=dict)
    _next: dict[str, int] = field(default_factory=dict)

    def open(
        self, device: Device, method: str, params: object, *, oneway: bool, done: Callable[[bytes | None], None]
    ) -> Rpc:
        """A new command, not sent yet."""
        number = self._next.get(device.id, 0)
        self._next[device.id] = number + 1
        rpc = Rpc(number, device, method, params, oneway, done)
        self._pending.setdefault(device.id, {})[number] = rpc
        return rpc

    def unsent(self, device: Device) -> list[Rpc]:
        """The commands that wait until the device can be reached, oldest first."""
        return [rpc for rpc in self._pending.get(device.id, {}).values() if not rpc.sent]

    def sent(self, rpc: Rpc) -> None:
        """It was handed to a session; a one-way command is done with that."""
        rpc.sent = True
        if rpc.oneway and self.give_up(rpc):
            rpc.done(None)

    def replied(self, device: Device, number: int, payload: bytes) -> bool:
        """A device's reply; False when nobody waits for it."""
        rpc = self._pending.get(device.id, {}).get(number)
        if rpc is None or not self.give_up(rpc):
            return False
        rpc.done(payload)
        return True

    def give_up(self, rpc: Rpc) -> bool:
        """Stop waiting for a reply; False when nobody waited any more."""
        pending = self._pending.get(rpc.device.id, {})
        if pending.pop(rpc.id, None) is None:
            return False
        if not pending:
            del self._pending[rpc.device.id]
        return True

    def clear(self) -> None:
        """Forget all commands; who waits for one waits until its timeout."""
        self._pending.clear()
        self._next.clear()
