"""Who may come to the broker, and which topics are whose; without any account everybody may do everything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any

import orjson

from uplab.fakes.mqtt.topics import covers, is_filter, matches
from uplab.fakes.relay.door import Guest

__all__ = ["Account", "AccountError", "Accounts", "read_accounts"]

_WRONG_LOGIN, _NOT_AUTHORISED = 4, 5  # MQTT 3.1.1 §3.2.2.3


class AccountError(ValueError):
    """What was given as accounts is none; the message names the place."""


@dataclass(frozen=True, slots=True)
class Account:
    """One user: topic filters of what may be published and subscribed to.

    With `certificate` the user has to show a client certificate too, of an authority that the site trusts.
    """

    password: str = field(repr=False)
    publish: tuple[str, ...] = ("#",)
    subscribe: tuple[str, ...] = ("#",)
    certificate: bool = False


class Accounts:
    """The broker's door (a Door of the relay)."""

    def __init__(self, accounts: Mapping[str, Account] | None = None) -> None:
        self._accounts = dict(accounts or {})

    def refusal(self, guest: Guest, password: bytes | None) -> int:
        """4 for a wrong login, 5 for none, or where a certificate is missing; 0 for who may come in."""
        if not self._accounts:
            return 0
        if guest.username is None:
            return _NOT_AUTHORISED
        account = self._accounts.get(guest.username)
        if account is None or not compare_digest(account.password.encode(), password or b""):
            return _WRONG_LOGIN
        return _NOT_AUTHORISED if account.certificate and guest.subject is None else 0

    def may_publish(self, guest: Guest, topic: str) -> bool:
        """Whether one of the user's filters takes the topic in."""
        return any(matches(right, topic) for right in self._of(guest).publish)

    def may_subscribe(self, guest: Guest, wanted: str) -> bool:
        """Whether one of the user's filters takes in all that the wanted one does."""
        return any(covers(right, wanted) for right in self._of(guest).subscribe)

    def _of(self, guest: Guest) -> Account:
        return self._accounts.get(guest.username or "") or Account("")


def read_accounts(raw: bytes) -> Accounts:
    """Read accounts from JSON: {"user": {"password": …, "publish": […], "subscribe": […], "certificate": …}}.

    AccountError names what is wrong.
    """
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise AccountError(f"it is no JSON: {error}") from None
    if not isinstance(found, dict) or not found:
        raise AccountError("it must be an object of users, each with a password")
    return Accounts({name: _account(name, given) for name, given in found.items()})


def _account(name: str, given: Any) -> Account:
    if not isinstance(given, dict) or not isinstance(given.get("password"), str):
        raise AccountError(f"{name} must be an object with a password")
    known = Account.__dataclass_fields__
    if unknown := next((key for key in given if key not in known), None):
        raise AccountError(f"{name}.{unknown} is unknown; there are {', '.join(known)}")
    if not isinstance(given.get("certificate", False), bool):
        raise AccountError(f"{name}.certificate must be true or false")
    for key in ("publish", "subscribe"):
        filters = given.get(key, [])
        if not isinstance(filters, list) or not all(isinstance(one, str) and is_filter(one) for one in filters):
            raise AccountError(f"{name}.{key} must be a list of topic filters, such as things/+/uplink")
    rights = {key: tuple(given[key]) for key in ("publish", "subscribe") if key in given}
    return Account(given["password"], **rights, certificate=given.get("certificate", False))
