from __future__ import annotations

import pytest

from uplab.scenarios.under_test.access.given import AccessError
from uplab.scenarios.under_test.access.real_account import PASSWORD, USER, real_account

GIVEN = {USER: "qa@real.example", PASSWORD: "Qz8-real-password"}


@pytest.mark.parametrize(
    ("url", "mqtt", "root", "broker"),
    [
        ("https://tb.example", None, "https://tb.example", ("tb.example", 8883, True)),
        ("http://tb.example:9090/", None, "http://tb.example:9090", ("tb.example", 1883, False)),
        ("https://tb.example", "mqtt://mqtt.example", "https://tb.example", ("mqtt.example", 1883, False)),
        ("https://tb.example", "mqtts://mqtt.example:1", "https://tb.example", ("mqtt.example", 1, True)),
        ("http://[::1]:1", None, "http://[::1]:1", ("::1", 1883, False)),
    ],
)
def test_addresses_are_read(url: str, mqtt: str | None, root: str, broker: tuple[str, int, bool]) -> None:
    account = real_account(url, mqtt, GIVEN)
    assert account is not None
    assert (account.url, account.mqtt) == (root, broker)
    assert account.login == {"username": GIVEN[USER], "password": GIVEN[PASSWORD]}
    assert GIVEN[PASSWORD] not in repr(account)


def test_without_an_address_there_is_the_fake() -> None:
    assert real_account(None, None, GIVEN) is None


@pytest.mark.parametrize(
    ("url", "mqtt", "environment", "words"),
    [
        (None, "mqtt://x", GIVEN, "belongs to --thingsboard-url"),
        ("https://x", None, {}, f"needs a tenant administrator: give {USER} and {PASSWORD}"),
        ("https://x", None, {**GIVEN, PASSWORD: ""}, PASSWORD),
        *((url, None, GIVEN, "--thingsboard-url takes an address") for url in ("x", "ftp://x", "https://x/api", "//x")),
        *((url, None, GIVEN, "without a login") for url in ("https://a:b@x", "https://x:y", "https://x?a", "https://")),
        ("https://x", "x:1883", GIVEN, "--thingsboard-mqtt takes an address"),
        ("https://x", "https://x", GIVEN, "as mqtts://thingsboard.example:8883"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_line(
    url: str | None, mqtt: str | None, environment: dict[str, str], words: str
) -> None:
    with pytest.raises(AccessError, match=r"^.*$") as refused:
        real_account(url, mqtt, environment)
    assert words in str(refused.value)
    assert "a:b" not in str(refused.value)
