"""Commands from the server to a device (server-side RPC): who waits for which reply, and what persistent ones leave.

No timer: who waits for a reply times out himself, and a persistent command's state is settled whenever it is looked
at. The states and what leads to them are those of ThingsBoard's device actor (RpcStatus).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

import orjson

from uplab.fakes.thingsboard.state.tenant import Device

__all__ = ["ACK_TIMEOUT_MS", "MOST_RETRIES", "STATES", "Record", "Rpc", "RpcState", "Rpcs"]

RpcState = Literal["QUEUED", "SENT", "DELIVERED", "SUCCESSFUL", "TIMEOUT", "EXPIRED", "FAILED", "DELETED"]
STATES: Final[tuple[str, ...]] = get_args(RpcState)
ACK_TIMEOUT_MS: Final = 10_000  # transport.mqtt.timeout: how long a device may take to acknowledge a command
MOST_RETRIES: Final = 5  # actors.rpc.max_retries
_MOST_RECORDS: Final = 100_000


def _nobody(_payload: bytes | None) -> None:
    """Nobody waits: the command is persistent, and whoever sent it reads its state."""


@dataclass(slots=True, eq=False)
class Record:
    """What is kept of one persistent command; times are epoch in ms."""

    id: str
    tenant_id: str
    device_id: str
    created_ms: int
    expiration_ms: int
    request: dict[str, Any]
    status: RpcState = "QUEUED"
    response: object = None
    additional_info: object = None


@dataclass(slots=True, eq=False)
class Rpc:
    """One command; `done` is called once, with the reply of a two-way one or None."""

    id: int
    device: Device
    method: str
    params: object
    oneway: bool
    done: Callable[[bytes | None], None] = _nobody
    sent: bool = False
    record: Record | None = None
    retries: int = MOST_RETRIES
    tried: int = 0
    sent_ms: int | None = None  # set while the acknowledgement of its last sending is awaited


@dataclass(slots=True)
class Rpcs:
    """The commands that are not answered yet; ids count from 0 for each device. `now` gives the epoch in ms."""

    now: Callable[[], int]
    _pending: dict[str, dict[int, Rpc]] = field(default_factory=dict)
    _next: dict[str, int] = field(default_factory=dict)
    _records: dict[str, Record] = field(default_factory=dict)
    _of_device: dict[str, dict[str, Record]] = field(default_factory=dict)

    def open(
        self,
        device: Device,
        method: str,
        params: object,
        *,
        oneway: bool,
        done: Callable[[bytes | None], None] = _nobody,
        record: Record | None = None,
        retries: int | None = None,
    ) -> Rpc:
        """A new command, not sent yet; with a record it is persistent and waits until its record expires."""
        number = self._next.get(device.id, 0)
        self._next[device.id] = number + 1
        rpc = Rpc(number, device, method, params, oneway, done, record=record)
        rpc.retries = MOST_RETRIES if retries is None else min(retries, MOST_RETRIES)
        if record is not None:
            self.keep(record)
            if record.expiration_ms <= self.now():
                record.status = "EXPIRED"
                return rpc
        self._pending.setdefault(device.id, {})[number] = rpc
        return rpc

    def pending(self, device: Device) -> list[Rpc]:
        """The commands that still wait for their end, oldest first; a new subscription gets them all (again)."""
        self.settle(device.id)
        return list(self._pending.get(device.id, {}).values())

    def sent(self, rpc: Rpc) -> None:
        """It was handed to a session; a one-way command that is not persistent is done with that."""
        rpc.sent = True
        if rpc.record is None and rpc.oneway and self.give_up(rpc):
            rpc.done(None)

    def unacknowledged(self, rpc: Rpc) -> None:
        """A persistent command was sent with QoS 1, so that its PUBACK is awaited now."""
        self.sent(rpc)
        if rpc.record:
            rpc.record.status, rpc.sent_ms = "SENT", self.now()

    def delivered(self, rpc: Rpc) -> None:
        """A persistent command has reached its device; a one-way one has come to its end with that."""
        self.settle(rpc.device.id)
        rpc.sent_ms = None
        if rpc.record is None or self._pending.get(rpc.device.id, {}).get(rpc.id) is not rpc:
            return
        rpc.record.status = "DELIVERED"
        if rpc.oneway:
            self.give_up(rpc)

    def replied(self, device: Device, number: int, payload: bytes) -> bool:
        """A device's reply; False when nobody waits for it."""
        self.settle(device.id)
        rpc = self._pending.get(device.id, {}).get(number)
        if rpc is None or not self.give_up(rpc):
            return False
        if rpc.record:
            rpc.record.status, rpc.record.response = "SUCCESSFUL", _response(payload)
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

    def settle(self, device_id: str) -> None:
        """Let time take effect on a device's persistent commands: expiry, and acknowledgements that did not come."""
        now_ms = self.now()
        for rpc in list(self._pending.get(device_id, {}).values()):
            record = rpc.record
            if record is None:
                continue
            if rpc.sent_ms is not None and now_ms >= min(rpc.sent_ms + ACK_TIMEOUT_MS, record.expiration_ms):
                self._missed(rpc, record)
            if record.expiration_ms <= now_ms and self.give_up(rpc):
                record.status = "EXPIRED"

    def _missed(self, rpc: Rpc, record: Record) -> None:
        rpc.sent_ms = None
        if rpc.tried < rpc.retries:
            # It is sent again with the next subscription, not by a clock.
            rpc.tried += 1
            record.status = "TIMEOUT"
        elif self.give_up(rpc):
            record.status = "FAILED"
            reason = "There was a Timeout and all retry attempts have been exhausted. Retry attempts set: "
            record.response = {"error": f"{reason}{rpc.retries}"}

    # --- records ----------------------------------------------------------------------------------------------------

    def keep(self, record: Record) -> None:
        """Keep the record of a persistent command; the oldest one of too many is forgotten."""
        self._records[record.id] = record
        self._of_device.setdefault(record.device_id, {})[record.id] = record
        if len(self._records) > _MOST_RECORDS:
            self.delete(next(iter(self._records.values())))

    def record(self, identifier: str) -> Record | None:
        """The record of that id, as it stands now."""
        found = self._records.get(identifier)
        if found is not None:
            self.settle(found.device_id)
        return found

    def records(self, device: Device) -> list[Record]:
        """The records of a device, oldest first, as they stand now."""
        self.settle(device.id)
        return list(self._of_device.get(device.id, {}).values())

    def everything(self) -> Iterator[Record]:
        """All records, as they stand now."""
        for device_id in list(self._of_device):
            self.settle(device_id)
        return iter(self._records.values())

    def delete(self, record: Record) -> None:
        """Forget a record, and the command itself if it still waits."""
        self._records.pop(record.id, None)
        of_device = self._of_device.get(record.device_id, {})
        of_device.pop(record.id, None)
        if not of_device:
            self._of_device.pop(record.device_id, None)
        for rpc in list(self._pending.get(record.device_id, {}).values()):
            if rpc.record is record:
                self.give_up(rpc)

    def forget(self, device_id: str) -> None:
        """Forget what waits for a device that was deleted, and its records."""
        for record in list(self._of_device.get(device_id, {}).values()):
            self.delete(record)
        self._pending.pop(device_id, None)
        self._next.pop(device_id, None)

    def clear(self) -> None:
        """Forget all commands; who waits for one waits until its timeout."""
        self._pending.clear()
        self._next.clear()
        self._records.clear()
        self._of_device.clear()


def _response(payload: bytes) -> object:
    """A device's reply as a record shows it (DeviceActorMessageProcessor)."""
    try:
        return orjson.loads(payload) if payload else None
    except orjson.JSONDecodeError:
        return {"error": payload.decode(errors="replace")}
