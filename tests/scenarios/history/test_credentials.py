import pytest

from uplab.scenarios.history.credentials import passwords_in, secrets_in_command


@pytest.mark.parametrize(
    ("url", "passwords"),
    [
        ("http://me:plain@x/y", ["plain"]),
        ("http://me:a%40b@x/y", ["a@b", "a%40b"]),
        ("http://me@x/y", []),
        ("http://x/y", []),
        ("http://[bad", []),
        ("", []),
    ],
)
def test_password_of_an_address(url: str, passwords: list[str]) -> None:
    assert passwords_in(url) == passwords


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("node mine.js", []),
        ("", []),
        ("node 'unclosed", []),
        ("node mine.js --token abc --port 8080", ["abc"]),
        ("node mine.js --token=abc", ["abc"]),
        ("env API_KEY=abc CLIENT_SECRET=def node mine.js", ["abc", "def"]),
        ("mine --db-password abc --to http://me:def@x", ["abc", "def"]),
        ("mine --to=http://me:def@x", ["def"]),
        ("mine --token --verbose", []),
        ("mine token abc", []),
        ("mine --monkey abc --keyboard=de", []),
        ("mine --token /dev/null", []),
    ],
)
def test_secrets_of_a_command_line(command: str, found: list[str]) -> None:
    assert secrets_in_command(command) == found
