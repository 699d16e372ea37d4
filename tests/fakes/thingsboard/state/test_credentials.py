import hashlib

import pytest

from uplab.fakes.thingsboard.state.credentials import Credentials, CredentialsError, Login, admit, refusal

TOKEN = Credentials.access_token("T0K3N")
BY_USER = Credentials.mqtt_basic(username="u@x.org", password="pw")
BY_CLIENT = Credentials.mqtt_basic(client_id="gw-1")
BY_BOTH = Credentials.mqtt_basic(client_id="gw-2", username="both", password="pw")
NO_PASSWORD = Credentials.mqtt_basic(username="open")
KNOWN = {one.id: one for one in (TOKEN, BY_USER, BY_CLIENT, BY_BOTH, NO_PASSWORD)}


def admitted(client_id: str = "", username: str | None = None, password: str | None = None) -> Credentials | None:
    return admit(Login(client_id, username, password), KNOWN.get, lambda found: found)


@pytest.mark.parametrize(
    ("login", "credentials"),
    [
        (("any", "T0K3N", None), TOKEN),
        (("any", "T0K3N", "ignored"), TOKEN),
        (("any", "u@x.org", "pw"), BY_USER),
        (("gw-1", None, None), BY_CLIENT),
        (("gw-1", "", None), BY_CLIENT),
        (("gw-2", "both", "pw"), BY_BOTH),
        (("any", "open", None), NO_PASSWORD),
        (("any", "open", "whatever"), NO_PASSWORD),
    ],
)
def test_right_credentials_are_admitted(login: tuple[str, str | None, str | None], credentials: Credentials) -> None:
    assert admitted(*login) is credentials


@pytest.mark.parametrize(
    "login",
    [
        ("any", "unknown", None),
        ("any", "u@x.org", None),
        ("any", "u@x.org", "wrong"),
        ("gw-2", "both", "wrong"),
        ("other", "both", "pw"),
        ("unknown", None, None),
        ("", None, None),
        ("any", None, "pw"),
        ("T0K3N", None, None),
    ],
)
def test_others_are_not_admitted(login: tuple[str, str | None, str | None]) -> None:
    assert admitted(*login) is None


# The table of return codes for 3.1 and 3.1.1, and the reason codes of 5.
@pytest.mark.parametrize(
    ("login", "older", "v5"),
    [
        (("c", "token", None), 5, 0x86),
        (("c", "user", "wrong"), 5, 0x86),
        (("c", None, "pw"), 5, 0x86),
        (("c", None, None), 2, 0x85),
        (("", None, None), 5, 0x87),
        (("  ", None, None), 5, 0x87),
    ],
)
def test_refusal_has_the_code_of_its_cause(login: tuple[str, str | None, str | None], older: int, v5: int) -> None:
    assert (refusal(Login(*login), v5=False), refusal(Login(*login), v5=True)) == (older, v5)


def test_ids_are_those_of_thingsboard() -> None:
    assert TOKEN.id == "T0K3N"
    assert BY_USER.id == "u@x.org"
    assert BY_CLIENT.id == hashlib.sha3_256(b"gw-1").hexdigest()
    assert BY_BOTH.id == hashlib.sha3_256(b"gw-2|both").hexdigest()


@pytest.mark.parametrize("credentials", [TOKEN, BY_USER, BY_CLIENT, BY_BOTH])
def test_credentials_come_back_from_the_rest_form(credentials: Credentials) -> None:
    fields = {
        "credentialsType": credentials.type,
        "credentialsId": credentials.id,
        "credentialsValue": credentials.value,
    }

    assert Credentials.parse(fields) == credentials


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "credentials id should be specified"),
        ({"credentialsType": "MQTT_BASIC"}, "client id and user name are empty"),
        ({"credentialsType": "MQTT_BASIC", "credentialsValue": "{"}, "must be a JSON object"),
        ({"credentialsType": "NONE"}, "NONE is not supported"),
    ],
)
def test_incomplete_credentials_are_refused(fields: dict[str, str], reason: str) -> None:
    with pytest.raises(CredentialsError, match=reason):
        Credentials.parse(fields)
