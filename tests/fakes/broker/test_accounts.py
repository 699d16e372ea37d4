"""The broker's door: who comes in, and what is whose."""

import pytest

from uplab.fakes.broker.accounts import Account, AccountError, Accounts, read_accounts
from uplab.fakes.relay.door import Guest

ACCOUNTS = Accounts(
    {
        "sensor": Account("secret", publish=("things/+/uplink",), subscribe=("things/#",)),
        "safe": Account("secret", certificate=True),
    }
)


@pytest.mark.parametrize(
    ("guest", "password", "code"),
    [
        (Guest("sensor", "c"), b"secret", 0),
        (Guest("sensor", "c"), b"guess", 4),
        (Guest("sensor", "c"), None, 4),
        (Guest("nobody", "c"), b"secret", 4),
        (Guest(None, "c"), None, 5),
        (Guest("safe", "c"), b"secret", 5),
        (Guest("safe", "c", "its certificate"), b"secret", 0),
    ],
)
def test_login(guest: Guest, password: bytes | None, code: int) -> None:
    assert ACCOUNTS.refusal(guest, password) == code


def test_topics_are_whose_they_are() -> None:
    guest = Guest("sensor", "c")

    assert ACCOUNTS.may_publish(guest, "things/7/uplink")
    assert not ACCOUNTS.may_publish(guest, "things/7/downlink")
    assert ACCOUNTS.may_subscribe(guest, "things/+/downlink")
    assert not ACCOUNTS.may_subscribe(guest, "#")


def test_without_accounts_everybody_may_do_everything() -> None:
    door, guest = Accounts(), Guest(None, "")

    assert door.refusal(guest, None) == 0
    assert door.may_publish(guest, "a")
    assert door.may_subscribe(guest, "#")


def test_accounts_are_read() -> None:
    door = read_accounts(b'{"a": {"password": "b", "publish": ["x/#"], "certificate": false}}')

    assert door.refusal(Guest("a", ""), b"b") == 0
    assert door.may_publish(Guest("a", ""), "x/1")
    assert not door.may_publish(Guest("a", ""), "y")


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"{", "it is no JSON"),
        (b"[]", "it must be an object of users"),
        (b'{"a": {}}', "a must be an object with a password"),
        (b'{"a": {"password": "b", "rights": 1}}', "a.rights is unknown"),
        (b'{"a": {"password": "b", "publish": ["x/#/y"]}}', "a.publish must be a list of topic filters"),
        (b'{"a": {"password": "b", "certificate": "yes"}}', "a.certificate must be true or false"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(raw: bytes, message: str) -> None:
    with pytest.raises(AccountError, match=message):
        read_accounts(raw)
