"""The WebSocket API without a socket: what a client says leads to what it is sent, now and whenever something changes.

`/api/ws` (GENERAL) is authenticated by its first message or by the token in its address, and takes typed commands;
`/api/ws/plugins/telemetry` (TELEMETRY) takes the same commands in lists of their own (TbWebSocketHandler).
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import orjson

from uplab.fakes.thingsboard.queries.entities import QueryError, Unsupported
from uplab.fakes.thingsboard.rest.tokens import TokenError, Tokens
from uplab.fakes.thingsboard.state.tenant import State, User
from uplab.fakes.thingsboard.ws.entity_subscriptions import PARTS, EntityCountSubscription, EntityDataSubscription
from uplab.fakes.thingsboard.ws.subscriptions import (
    Attributes,
    History,
    Send,
    Subscription,
    SubscriptionError,
    TimeSeries,
    not_here,
)

__all__ = ["GENERAL", "TELEMETRY", "WsClose", "WsSession"]

GENERAL, TELEMETRY = "general", "telemetry"
POLICY_VIOLATION, BAD_DATA, SERVER_ERROR, NOT_RELIABLE = 1008, 1007, 1011, 4500
_NO_ERROR, _INTERNAL, _BAD_REQUEST = 0, 1, 2  # SubscriptionErrorCode
_MOST_WAITING: Final = 1_000  # server.ws.max_queue_messages_per_session
_MOST_SUBSCRIPTIONS: Final = 1_000
# The lists of the older form and the commands that they hold.
_LISTS: Final = {
    "attrSubCmds": "ATTRIBUTES",
    "tsSubCmds": "TIMESERIES",
    "historyCmds": "TIMESERIES_HISTORY",
    "entityDataCmds": "ENTITY_DATA",
    "entityDataUnsubscribeCmds": "ENTITY_DATA_UNSUBSCRIBE",
    "entityCountCmds": "ENTITY_COUNT",
    "entityCountUnsubscribeCmds": "ENTITY_COUNT_UNSUBSCRIBE",
    "alarmDataCmds": "ALARM_DATA",
    "alarmDataUnsubscribeCmds": "ALARM_DATA_UNSUBSCRIBE",
    "alarmCountCmds": "ALARM_COUNT",
    "alarmCountUnsubscribeCmds": "ALARM_COUNT_UNSUBSCRIBE",
}
_SUBSCRIPTION: Final = frozenset("type cmdId entityType entityId keys scope unsubscribe".split())  # noqa: SIM905
_WINDOW: Final = frozenset("interval limit agg".split())  # noqa: SIM905
# The commands that are done here, with the members that each may have; ThingsBoard refuses others as unreadable.
_COMMANDS: Final[dict[str, frozenset[str]]] = {
    "ATTRIBUTES": _SUBSCRIPTION,
    "TIMESERIES": _SUBSCRIPTION | _WINDOW | {"startTs", "timeWindow"},
    "TIMESERIES_HISTORY": frozenset("type cmdId entityType entityId keys startTs endTs".split()) | _WINDOW,  # noqa: SIM905
    "ENTITY_DATA": frozenset("type cmdId query historyCmd latestCmd tsCmd aggHistoryCmd aggTsCmd".split()),  # noqa: SIM905
    "ENTITY_COUNT": frozenset({"type", "cmdId", "query"}),
    "ENTITY_DATA_UNSUBSCRIBE": frozenset({"type", "cmdId"}),
    "ENTITY_COUNT_UNSUBSCRIBE": frozenset({"type", "cmdId"}),
}
_NUMBERS: Final = frozenset({"cmdId", "startTs", "endTs", "timeWindow", "interval", "limit"})
# What ThingsBoard knows besides: refused by name.
_ABSENT: Final = frozenset(
    [
        "ALARM_DATA",
        "ALARM_COUNT",
        "ALARM_STATUS",
        "ALARM_DATA_UNSUBSCRIBE",
        "ALARM_COUNT_UNSUBSCRIBE",
        "ALARM_STATUS_UNSUBSCRIBE",
        "NOTIFICATIONS",
        "NOTIFICATIONS_COUNT",
        "MARK_NOTIFICATIONS_AS_READ",
        "MARK_ALL_NOTIFICATIONS_AS_READ",
        "NOTIFICATIONS_UNSUBSCRIBE",
    ]
)


_KINDS: Final[dict[str, Callable[[State, User, int, Send], Subscription]]] = {
    "TIMESERIES": TimeSeries,
    "TIMESERIES_HISTORY": History,
    "ATTRIBUTES": Attributes,
    "ENTITY_DATA": EntityDataSubscription,
    "ENTITY_COUNT": EntityCountSubscription,
}


class _UnreadableError(ValueError):
    """A message that is none of the API."""


@dataclass(frozen=True, slots=True)
class WsClose:
    """Close the connection with that code and reason."""

    code: int
    reason: str


@dataclass(slots=True, eq=False)
class WsSession:
    """One connection. `outbox` is what it is to be sent; `wake` is called when something came into it, or may soon."""

    state: State
    tokens: Tokens
    kind: Literal["general", "telemetry"] = "general"
    wake: Callable[[], None] = lambda: None
    user: User | None = None
    outbox: deque[bytes | WsClose] = field(default_factory=deque)
    closed: bool = False
    _subscriptions: dict[tuple[str, int], Subscription] = field(default_factory=dict)
    _known: bool = True  # False once it unsubscribed from everything: ThingsBoard forgets the session then
    _stale: bool = False

    def open(self, token: str = "") -> None:
        """Begin, with the token of the address if there is one."""
        self.state.observers.append(self._devices_changed)
        if token:
            try:
                self.user = self.tokens.user(token)
            except TokenError as error:
                self._close(SERVER_ERROR, "Token has expired" if error.expired else "Invalid JWT token")

    def end(self) -> None:
        """The connection is gone."""
        self.closed = True
        self._cancel_all()
        if self._devices_changed in self.state.observers:
            self.state.observers.remove(self._devices_changed)

    def receive(self, message: str | bytes) -> None:
        """Take one message in."""
        if self.closed:
            return None
        try:
            token, key, commands = self._parse(message)
        except _UnreadableError as error:
            if self.user is None:
                return self._close(BAD_DATA, str(error))
            return self._error(1, _BAD_REQUEST, "Failed to parse the payload")
        if self.user is None:
            if token is None and key is None:
                return self._close(POLICY_VIOLATION, "Auth cmd is missing")
            self._log_in(token, key)
        for kind, command in commands:
            if not self.closed:
                self._command(kind, command)
        return None

    def overdue(self) -> None:
        """The time for saying who it is has passed."""
        if self.user is None and not self.closed:
            self._close(POLICY_VIOLATION, "Auth cmd is missing")

    @property
    def stale(self) -> bool:
        """Whether the devices have changed since the last `refresh`."""
        return self._stale

    def refresh(self, *, every: bool = False) -> None:
        """Look at the lists of devices again, and at what only time changes; with `every` at filters by value too."""
        lists, self._stale = self._stale or every, False
        for one in list(self._subscriptions.values()):
            one.refresh(lists=lists)

    def send(self, value: object) -> None:
        """Send a value as JSON, unless the client takes nothing in any more."""
        if self.closed:
            return None
        if len(self.outbox) >= _MOST_WAITING:
            self.outbox.clear()
            return self._close(NOT_RELIABLE, "Max pending updates limit reached!")
        self.outbox.append(orjson.dumps(value))
        return self.wake()

    def _devices_changed(self) -> None:
        if self._subscriptions and not self._stale:
            self._stale = True
            self.wake()

    def _close(self, code: int, reason: str) -> None:
        self.outbox.append(WsClose(code, reason))
        self.end()
        self.wake()

    def _error(self, cmd_id: int, code: int, message: str) -> None:
        self.send({"subscriptionId": cmd_id, "errorCode": code, "errorMsg": message, "data": None, "latestValues": {}})

    # --- reading ----------------------------------------------------------------------------------------------------

    def _parse(self, message: str | bytes) -> tuple[str | None, str | None, list[tuple[str, dict[str, Any]]]]:
        """The token and the API key, if it brings one, and the commands by kind; raises _UnreadableError."""
        try:
            tree = orjson.loads(message)
        except orjson.JSONDecodeError as error:
            raise _UnreadableError(f"not JSON: {error}") from None
        if not isinstance(tree, dict):
            raise _UnreadableError("the message must be an object")
        if self.kind == GENERAL:
            lists = {"cmds": tree.pop("cmds", None)}
            auth = tree.pop("authCmd", None) or {}
        else:
            lists, auth = {name: tree.pop(name, None) for name in _LISTS}, {}
        if tree:
            raise _UnreadableError(f"unrecognized field {next(iter(tree))!r}")
        commands = [(name, one) for name, several in lists.items() for one in _objects(several)]
        found = [(_LISTS.get(name) or str(one.get("type")), one) for name, one in commands]
        for kind, one in found:
            _check_members(kind, one)
        if not isinstance(auth, dict):
            raise _UnreadableError("authCmd must be an object")
        return auth.get("token"), auth.get("apiKey"), found

    def _log_in(self, token: str | None, key: str | None) -> None:
        if key:
            known = self.state.api_keys.get(str(key))
            user = self.state.user_with(known.user_id) if known and known.usable(self.state.now()) else None
            if user is None or not user.open:
                return self._close(BAD_DATA, "Invalid API key")
            self.user = user
            return None
        try:
            self.user = self.tokens.user(str(token))
        except TokenError as error:
            self._close(BAD_DATA, "Token has expired" if error.expired else "Invalid JWT token")
        return None

    # --- commands ---------------------------------------------------------------------------------------------------

    def _command(self, kind: str, command: dict[str, Any]) -> None:
        assert self.user is not None
        cmd_id = command.get("cmdId", 0)
        if not self._known:
            return self._error(0, _INTERNAL, "Session meta-data not found!")
        if cmd_id < 0:
            return self._error(cmd_id, _BAD_REQUEST, "Cmd id is negative value!")
        if kind in _ABSENT:
            return self._error(cmd_id, _INTERNAL, not_here(f"{kind} commands"))
        try:
            if kind.endswith("_UNSUBSCRIBE"):
                self._cancel(kind.removesuffix("_UNSUBSCRIBE"), cmd_id)
            elif command.get("unsubscribe") is True:
                self._unsubscribe(kind, command)
            elif kind == "ENTITY_DATA" and command.get("query") is None and any(map(command.get, PARTS)):
                self._continue(cmd_id, command)
            else:
                self._subscribe(kind, cmd_id, command)
        except QueryError as error:
            self._error(cmd_id, _BAD_REQUEST, str(error))
        except Unsupported as error:
            self._error(cmd_id, _INTERNAL, not_here(str(error)))
        except SubscriptionError as error:
            self._error(cmd_id, error.code, str(error))
        return None

    def _subscribe(self, kind: str, cmd_id: int, command: dict[str, Any]) -> None:
        assert self.user is not None
        self._cancel(kind, cmd_id)
        if len(self._subscriptions) >= _MOST_SUBSCRIPTIONS:
            return self._close(POLICY_VIOLATION, "Max tenant subscriptions limit reached!")
        made = _KINDS[kind](self.state, self.user, cmd_id, self.send)
        if made.begin(command):
            self._subscriptions[kind, cmd_id] = made
        return None

    def _continue(self, cmd_id: int, command: dict[str, Any]) -> None:
        """More is asked of an entity query that was sent before."""
        found = self._subscriptions.get(("ENTITY_DATA", cmd_id))
        if not isinstance(found, EntityDataSubscription):
            raise QueryError("Query is empty!")
        found.more(command)

    def _unsubscribe(self, kind: str, command: dict[str, Any]) -> None:
        if not command.get("entityId"):
            self._cancel_all()
            self._known = False
        else:
            self._cancel(kind, command.get("cmdId", 0))

    def _cancel(self, kind: str, cmd_id: int) -> None:
        found = self._subscriptions.pop((kind, cmd_id), None)
        if found is not None:
            found.end()

    def _cancel_all(self) -> None:
        for one in self._subscriptions.values():
            one.end()
        self._subscriptions.clear()


def _objects(several: Any) -> list[dict[str, Any]]:
    if several is None:
        return []
    if not isinstance(several, list) or not all(isinstance(one, dict) for one in several):
        raise _UnreadableError("commands must be a list of objects")
    return several


def _check_members(kind: str, command: dict[str, Any]) -> None:
    if kind in _ABSENT:
        return
    if kind not in _COMMANDS:
        raise _UnreadableError(f"there is no command of the type {kind}")
    unknown = command.keys() - _COMMANDS[kind]
    if unknown:
        raise _UnreadableError(f"unrecognized field {min(unknown)!r}")
    for name in _NUMBERS & command.keys():
        command[name] = _number(name, command[name])


def _number(name: str, value: Any) -> int:
    """A whole number, also one that stands in quotes: Jackson takes both; nothing is 0."""
    if isinstance(value, str) and value.strip().removeprefix("-").isdecimal() and len(value) < 20:
        value = int(value)
    if value is None or value == "":
        return 0
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _UnreadableError(f"{name} must be a number")
    return int(value)
