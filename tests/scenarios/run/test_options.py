from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.fake_config import config
from uplab.scenarios.history import secrets
from uplab.scenarios.history.secrets import found_in, redact_text
from uplab.scenarios.run.options import read_options
from uplab.scenarios.under_test.target import REFERENCE_COMMAND

API = "http://lab.example/iot-flow/v1"
INGRESS = "http://lab.example/ingress"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("UPLAB_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def forgotten_secrets() -> Iterator[None]:
    yield
    secrets._foreign.clear()


def test_reference_forwarder_is_the_default() -> None:
    options = read_options(config())

    assert (options.command, options.api, options.profile.name) == (REFERENCE_COMMAND, None, "reference")
    assert (options.advertise_host, options.base_port, options.as_id) == ("127.0.0.1", 0, "uplab.AS")


def test_each_run_without_a_seed_gets_its_own() -> None:
    assert len({read_options(config()).seed for _ in range(3)}) == 3


def test_seed_is_taken_from_the_command_line_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPLAB_SEED", "8")

    assert read_options(config()).seed == 8
    assert read_options(config(seed="7")).seed == 7


def test_empty_variable_counts_as_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPLAB_FORWARDER_PROFILE", "")

    assert read_options(config()).profile_file is None


def test_empty_command_is_not_taken_for_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(pytest.UsageError, match="--forwarder-command is empty"):
        read_options(config(forwarder_command=""))
    monkeypatch.setenv("UPLAB_FORWARDER_COMMAND", "")
    with pytest.raises(pytest.UsageError, match="--forwarder-command is empty"):
        read_options(config())


def test_reports_name_a_foreign_forwarder_by_its_command() -> None:
    assert read_options(config()).forwarder_name == "reference"
    assert read_options(config(forwarder_command="node my.js")).forwarder_name == "node my.js"


def test_forwarder_elsewhere_gets_fixed_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPLAB_AS_KEY", "keykeykey")

    options = read_options(config(forwarder_api=f"{API}/", forwarder_ingress=INGRESS))

    assert (options.command, options.api, options.ingress, options.base_port) == (None, API, INGRESS, 18080)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"seed": "seven"}, "--seed takes a whole number, not 'seven'"),
        ({"seed": "1.5"}, "--seed takes a whole number, not '1.5'"),
        ({"base_port": "http"}, "--base-port takes a whole number, not 'http'"),
        ({"base_port": "-1"}, "--base-port takes a port from 0 to 65500, not -1"),
        ({"base_port": "65530"}, "--base-port takes a port from 0 to 65500, not 65530"),
        ({"forwarder_api": API}, "--forwarder-api and --forwarder-ingress belong together"),
        ({"forwarder_ingress": INGRESS}, "--forwarder-api and --forwarder-ingress belong together"),
        (
            {"forwarder_api": API, "forwarder_ingress": INGRESS, "forwarder_command": "x"},
            "name either --forwarder-command or --forwarder-api",
        ),
        (
            {"forwarder_api": "lab.example", "forwarder_ingress": INGRESS},
            "--forwarder-api takes a URL with http:// or https://, not 'lab.example'",
        ),
        (
            {"forwarder_api": API, "forwarder_ingress": "ftp://x"},
            "--forwarder-ingress takes a URL with http:// or https://, not 'ftp://x'",
        ),
        ({"forwarder_profile": "nowhere.toml"}, "nowhere.toml cannot be read: No such file or directory"),
    ],
)
def test_wrong_option_is_named_in_one_line(given: dict[str, Any], words: str) -> None:
    with pytest.raises(pytest.UsageError) as caught:
        read_options(config(**given))

    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_forwarder_elsewhere_needs_the_key_of_its_tunnel() -> None:
    with pytest.raises(pytest.UsageError, match=r"give it in UPLAB_AS_KEY$"):
        read_options(config(forwarder_api=API, forwarder_ingress=INGRESS))


def test_profile_is_read_from_the_file_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('name = "mine"\n')

    assert read_options(config(forwarder_profile=str(tmp_path / "mine.toml"))).profile.name == "mine"


def test_secrets_come_from_the_environment_and_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"TOKEN": "tokentoken", "CLIENT_ID": "me", "CLIENT_SECRET": "secretsecret", "OAUTH_URL": "http://o/token"}
    for name, value in given.items():
        monkeypatch.setenv(f"UPLAB_FORWARDER_{name}", value)
    monkeypatch.setenv("UPLAB_AS_KEY", "keykeykey")

    options = read_options(config())

    assert options.secrets == ("tokentoken", "secretsecret", "keykeykey")
    assert (options.oauth_client, options.oauth_url) == ("me", "http://o/token")
    assert not [secret for secret in options.secrets if secret in repr(options)]


def test_run_without_secrets_has_none() -> None:
    assert read_options(config()).secrets == ()


def test_repeat_command_names_only_what_is_not_the_default(tmp_path: Path) -> None:
    assert read_options(config(seed="7")).repeat == "uplab run --seed 7"
    (tmp_path / "my profile.toml").write_text('name = "mine"\n')
    given = read_options(
        config(seed="7", forwarder_command="node my.js", forwarder_profile=str(tmp_path / "my profile.toml"))
    )
    assert given.repeat == (
        f"uplab run --seed 7 --forwarder-command 'node my.js' --forwarder-profile '{tmp_path / 'my profile.toml'}'"
    )


def test_forwarder_elsewhere_is_repeated_with_all_that_leads_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPLAB_AS_KEY", "keykeykey")
    monkeypatch.setenv("UPLAB_ADVERTISE_HOST", "192.0.2.7")

    given = read_options(config(seed="7", forwarder_api=API, forwarder_ingress=INGRESS, base_port="20000"))

    assert given.repeat == (
        f"uplab run --seed 7 --namespace {given.namespace} --forwarder-api {API} --forwarder-ingress {INGRESS} "
        "--advertise-host 192.0.2.7 --base-port 20000"
    )
    assert "keykeykey" not in given.repeat


def test_password_in_an_address_is_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPLAB_AS_KEY", "keykeykey")

    given = read_options(config(forwarder_api="https://me:s3cr3tpw@lab.example/iot-flow/v1", forwarder_ingress=INGRESS))

    assert given.secrets == ("keykeykey", "s3cr3tpw")


CALLED = {
    "UPLAB_AS_KEY": "the tunnel key",
    "UPLAB_FORWARDER_TOKEN": "the API token",
    "UPLAB_FORWARDER_CLIENT_SECRET": "the client secret",
    "UPLAB_FORWARDER_OAUTH_URL": "the password in UPLAB_FORWARDER_OAUTH_URL",
    "UPLAB_FORWARDER_API": "the password in --forwarder-api",
}
SHORT = {
    "UPLAB_AS_KEY": "SECRE",
    "UPLAB_FORWARDER_TOKEN": "SECRE",
    "UPLAB_FORWARDER_CLIENT_SECRET": "SECRETS",
    "UPLAB_FORWARDER_OAUTH_URL": "http://me:SECRE@lab.example/token",
    "UPLAB_FORWARDER_API": "http://me:SECRE@lab.example/iot-flow/v1",
}


@pytest.mark.parametrize(("name", "value"), SHORT.items())
def test_secret_that_is_part_of_words_is_said_and_not_registered(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv("UPLAB_FORWARDER_API", API)
    monkeypatch.setenv("UPLAB_FORWARDER_INGRESS", INGRESS)
    monkeypatch.setenv("UPLAB_AS_KEY", "keykeyke")
    assert read_options(config()).register_secrets() == []
    monkeypatch.setenv(name, value)

    (said,) = read_options(config()).register_secrets()

    assert said.endswith(" has fewer than 8 characters: it is neither hidden in what this run writes nor looked for")
    assert CALLED[name] in said
    assert "SECRE" not in said.replace(name, "")
    assert redact_text("SECRETS of the report") == "SECRETS of the report"


@pytest.mark.parametrize("word", ["forwarder", "ThingsBoard", "network server", "00000000", "uplab.AS", "my-account"])
def test_ordinary_word_is_no_secret_that_is_hidden(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv("UPLAB_FORWARDER_CLIENT_ID", "my-account")
    monkeypatch.setenv("UPLAB_FORWARDER_CLIENT_SECRET", word)

    (said,) = read_options(config()).register_secrets()

    assert said.startswith(("the client secret is a word", "the client secret is also the name of something"))
    assert redact_text(f"the {word} of it") == f"the {word} of it"


def test_each_secret_is_found_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPLAB_AS_KEY", "Qz81-tunnel")
    monkeypatch.setenv("UPLAB_FORWARDER_TOKEN", "Qz82-token")
    monkeypatch.setenv("UPLAB_FORWARDER_CLIENT_SECRET", "Qz83-client")

    given = read_options(config(forwarder_api="http://me:Qz84%2Fpw%40@x/iot-flow/v1", forwarder_ingress=INGRESS))

    assert given.register_secrets() == []
    assert found_in("Qz81-tunnel") == ["the tunnel key"]
    assert found_in("Qz82-token qz83-CLIENT") == ["the API token", "the client secret"]
    assert found_in("Qz84/pw@") == found_in("Qz84%2fpw%40") == ["the password in --forwarder-api"]


def test_password_that_was_typed_in_an_address_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPLAB_AS_KEY", "Qz81-tunnel")
    address = "http://me:Qz88-typed@x/iot-flow/v1"
    given = read_options(config(forwarder_api=address, forwarder_ingress=INGRESS))
    assert given.register_secrets() == []

    monkeypatch.setattr("sys.argv", ["uplab", "run", f"--forwarder-api={address}"])
    (said,) = given.register_secrets()

    assert said.startswith("--forwarder-api holds a password, and everybody on this machine can read a command line")
    assert "UPLAB_FORWARDER_API" in said
    assert "Qz88" not in said


def test_password_in_the_command_is_a_secret() -> None:
    command = "env MY_TOKEN=Qz85-token node mine.js --password Qz86-pass --to http://me:Qz87-pass@x/"

    given = read_options(config(forwarder_command=command))

    assert given.secrets == ("Qz85-token", "Qz86-pass", "Qz87-pass")
    assert [line.partition(",")[0] for line in given.register_secrets()] == [
        "--forwarder-command holds something like a password"
    ]
    assert read_options(config(forwarder_command="node mine.js")).register_secrets() == []


@pytest.mark.parametrize("host", ["bad host", "http://lab", "lab:8080", "-lab", "lab/", "[::1]", "l\u00e4b", " "])
def test_host_that_is_none_is_told_in_one_line(host: str) -> None:
    with pytest.raises(pytest.UsageError, match="--advertise-host takes the name or IPv4 address") as caught:
        read_options(config(advertise_host=host))

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("host", ["192.0.2.7", "lab", "lab.example", "my_host-1.example"])
def test_name_or_address_of_this_machine_is_taken(host: str) -> None:
    assert read_options(config(advertise_host=host)).advertise_host == host
