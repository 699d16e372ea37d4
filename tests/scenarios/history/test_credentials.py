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
        ("http://x/in?key=short&port=1", []),
        ("http://x/in?code=q0-function-key-of-16&a=b", ["q0-function-key-of-16"]),
        ("http://x/in?a=b&access_token=a%2Fb", ["a/b", "a%2Fb"]),
        ("http://x/in?api_key=a+b", ["a b", "a+b"]),
        ("http://me:plain@x/in?token=abc", ["plain", "abc"]),
        ("http://x/in?token=&token", []),
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
        ("curl -H 'Authorization: Bearer abc' http://x", ["abc"]),
        ("curl -H Authorization:abc --header 'X-Api-Key: def'", ["abc", "def"]),
        ("curl -u me:abc http://x", ["abc"]),
        ("docker run -u 1000:1000 mine", []),
        ("sh -c 'TOKEN=abc exec mine --password def'", ["abc", "def"]),
        ("mine http://x/in?api_key=abc", ["abc"]),
        ("mine --to=http://x/in?token=abc", ["abc"]),
        (f"mine --token {'abc' * 2_000}", ["abc" * 2_000]),
        ("echo 'a word: and another'", []),
    ],
)
def test_secrets_of_a_command_line(command: str, found: list[str]) -> None:
    assert secrets_in_command(command) == found
