"""What Widgelix knows: accounts and their sessions, device types, devices, access tokens. No I/O.

Each thing belongs to one organisation, and nobody sees those of another. Ids are counted, so that a run repeats.
"""

import hmac
import itertools
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Literal

from uplab.fakes.widgelix.device import Connectivity, Device, DeviceType
from uplab.fakes.widgelix.documents import Notice, Uplink
from uplab.fakes.widgelix.errors import ConflictError, NotFoundError
from uplab.fakes.widgelix.fields import TypeDraft, check
from uplab.fakes.widgelix.history import History

__all__ = ["DEMO", "Account", "TokenScope", "WidgelixState", "new_uuid"]

TokenScope = Literal["device", "organisation"]

_SESSIONS_KEPT = 1000
_HISTORY_MAX = 1_000_000  # one sheet of a report holds 1,048,576 rows


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may log in."""

    email: str
    password: str
    organisation: str


DEMO: Final = Account("demo@widgelix.example", "demo", "Demo organisation")
"""The account that is always there."""


def new_uuid() -> str:
    """Return a token from the system's chance, in the shape that the real service shows."""
    return str(uuid.uuid4())


class WidgelixState:
    """Everything the fake remembers; `clock` gives seconds since 1970, `new_token` makes keys and sessions.

    `token_scope` says what an access token admits: uplinks of its own device, or of all devices of the organisation
    (the documents do not say which). A history keeps `history_limit` messages for each device.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        new_token: Callable[[], str] = new_uuid,
        token_scope: TokenScope = "device",  # noqa: S107 - no secret
        history_limit: int = 100_000,
    ) -> None:
        if token_scope not in ("device", "organisation"):
            raise ValueError(f'token_scope must be "device" or "organisation", not {token_scope!r}')
        if not 1 <= history_limit <= _HISTORY_MAX:
            raise ValueError(f"history_limit must be 1 to {_HISTORY_MAX}, not {history_limit}")
        self.token_scope: TokenScope = token_scope
        self.history_limit = history_limit
        self._clock = clock
        self._new_token = new_token
        self.clear()

    def clear(self) -> None:
        """Forget everything but the demo account."""
        self._accounts: dict[str, Account] = {}
        self._sessions: OrderedDict[str, Account] = OrderedDict()
        self._types: dict[str, DeviceType] = {}
        self._devices: dict[str, Device] = {}
        self._by_eui: dict[tuple[str, str], Device] = {}
        self._by_token: dict[str, Device] = {}
        self._ids = itertools.count(1)
        self.add_account(DEMO)

    def now(self) -> datetime:
        """The time by the clock that was given, in UTC and whole milliseconds, as the documents write times."""
        time = datetime.fromtimestamp(self._clock(), UTC)
        return time.replace(microsecond=time.microsecond // 1000 * 1000)

    # --- accounts

    def add_account(self, account: Account) -> None:
        """Add somebody; an account with that address is replaced."""
        self._accounts[account.email.casefold()] = account

    def log_in(self, email: str, password: str) -> str | None:
        """Return a session's token, or None when address or password are wrong."""
        account = self._accounts.get(email.casefold())
        if account is None or not hmac.compare_digest(account.password.encode(), password.encode()):
            return None
        session = self._new_token()
        self._sessions[session] = account
        if len(self._sessions) > _SESSIONS_KEPT:
            self._sessions.popitem(last=False)
        return session

    def log_out(self, session: str) -> None:
        """End a session; one that is not there is as good as ended."""
        self._sessions.pop(session, None)

    def account_of(self, session: str) -> Account | None:
        """Return who holds a session."""
        return self._sessions.get(session)

    # --- device types

    def add_type(self, organisation: str, draft: TypeDraft) -> DeviceType:
        """Add a device type; raises InvalidError when it cannot be used, ConflictError when its name is taken."""
        check(draft)
        if any(known.name == draft.name for known in self.types(organisation)):
            raise ConflictError(f"there is a device type {draft.name!r} already")
        device_type = DeviceType(str(next(self._ids)), organisation, draft)
        self._types[device_type.id] = device_type
        return device_type

    def types(self, organisation: str) -> list[DeviceType]:
        """The device types of an organisation, oldest first."""
        return [known for known in self._types.values() if known.organisation == organisation]

    def type(self, organisation: str, type_id: str) -> DeviceType:
        """Return a device type; raises NotFoundError."""
        found = self._types.get(type_id)
        if found is None or found.organisation != organisation:
            raise NotFoundError(f"there is no device type {type_id!r}")
        return found

    def remove_type(self, organisation: str, type_id: str) -> None:
        """Remove a device type; raises NotFoundError, or ConflictError while a device is of that type."""
        found = self.type(organisation, type_id)
        if any(device.type == found for device in self.devices(organisation)):
            raise ConflictError(f"there are devices of the type {found.name!r}")
        del self._types[type_id]

    # --- devices

    def add_device(self, organisation: str, *, name: str, dev_eui: str, type_id: str) -> Device:
        """Add a device, `dev_eui` in upper case; raises NotFoundError for its type, ConflictError when it is there."""
        device_type = self.type(organisation, type_id)
        if (organisation, dev_eui) in self._by_eui:
            raise ConflictError(f"there is a device {dev_eui} already")
        device = Device(str(next(self._ids)), organisation, name, dev_eui, device_type, History(self.history_limit))
        self._devices[device.id] = device
        self._by_eui[organisation, dev_eui] = device
        return device

    def devices(self, organisation: str) -> list[Device]:
        """The devices of an organisation, oldest first."""
        return [device for device in self._devices.values() if device.organisation == organisation]

    def device(self, organisation: str, device_id: str) -> Device:
        """Return a device; raises NotFoundError."""
        found = self._devices.get(device_id)
        if found is None or found.organisation != organisation:
            raise NotFoundError(f"there is no device {device_id!r}")
        return found

    def remove_device(self, organisation: str, device_id: str) -> None:
        """Remove a device with its history and its access token; raises NotFoundError."""
        device = self.device(organisation, device_id)
        self._revoke(device)
        del self._devices[device.id], self._by_eui[organisation, device.dev_eui]

    # --- connectivity

    def connect(self, device: Device, *, downlink_url: str | None, downlink_port: int | None) -> Connectivity:
        """Set a device's connectivity; its access token stays."""
        known = device.connectivity or Connectivity()
        device.connectivity = replace(known, downlink_url=downlink_url, downlink_port=downlink_port)
        return device.connectivity

    def generate_token(self, device: Device) -> str:
        """Give a device a new access token; the one before is worthless from now on."""
        self._revoke(device)
        token = self._new_token()
        self._by_token[token] = device
        device.connectivity = replace(device.connectivity or Connectivity(), token=token)
        return token

    def _revoke(self, device: Device) -> None:
        if device.connectivity and device.connectivity.token:
            self._by_token.pop(device.connectivity.token, None)

    # --- uplinks

    def holder_of(self, token: str) -> Device | None:
        """Return the device whose access token this is."""
        return self._by_token.get(token)

    def admitted(self, holder: Device, dev_eui: str) -> Device | None:
        """Return the device that a document is about, or None when the holder's token does not admit it.

        Raises NotFoundError when the organisation has no such device.
        """
        device = self._by_eui.get((holder.organisation, dev_eui))
        if device is None:
            raise NotFoundError(f"there is no device {dev_eui}")
        whole = self.token_scope == "organisation"  # noqa: S105 - no secret
        return device if device is holder or whole else None

    def accept(self, device: Device, document: Uplink | Notice) -> None:
        """Take a document about a device in."""
        device.accept(document, self.now())
