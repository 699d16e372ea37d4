from pathlib import Path

import pytest

from uplab.simulator.forwarder.platform import Generation
from uplab.simulator.forwarder.settings import SettingsError, read_settings


def test_defaults_are_for_the_laptop() -> None:
    settings = read_settings([], {})

    assert settings.listen == ("127.0.0.1", 0)
    assert settings.state_dir == Path()
    assert settings.generation is Generation.BLAME
    assert settings.connection_limit == 0
    assert settings.client_id is None
    assert not settings.platform.mask_headers


def test_contract_s_variables_are_read() -> None:
    settings = read_settings(
        [],
        {
            "UPLAB_LISTEN": "127.0.0.1:8080",
            "UPLAB_NETWORK_URL": "http://127.0.0.1:9/",
            "UPLAB_AS_ID": "TWA_1.AS",
            "UPLAB_AS_KEY": "Key",
            "UPLAB_CONNECTIONS": "[{}]",
            "UPLAB_RESOLVE": "a:1=127.0.0.1:2",
            "UPLAB_TRANSPORTS": "10.0.0.7:18087=mqtt",
            "UPLAB_CLOCK": "5,0,2",
            "UPLAB_PUBLIC_BASE": "https://community.thingpark.io/",
            "UPLAB_STATE_DIR": "/var/x",
        },
    )

    assert settings.listen == ("127.0.0.1", 8080)
    assert settings.network_url == "http://127.0.0.1:9"
    assert (settings.as_id, settings.as_key) == ("TWA_1.AS", "Key")
    assert settings.connections == "[{}]"
    assert settings.resolve == {("a", 1): ("127.0.0.1", 2)}
    assert settings.transports == {("10.0.0.7", 18087): "mqtt"}
    assert settings.clock.rate == 2.0
    assert settings.public_base == "https://community.thingpark.io"
    assert settings.state_dir == Path("/var/x")


def test_command_line_goes_before_environment_before_file(tmp_path: Path) -> None:
    file = tmp_path / "forwarder.toml"
    file.write_text('state-dir = "file"\nconcurrency = 3\nmask_headers = true\nlisten = "127.0.0.1:1"\n')
    environment = {"UPLAB_FORWARDER_STATE_DIR": "env", "UPLAB_STATE_DIR": "contract", "UPLAB_LISTEN": "127.0.0.1:2"}

    settings = read_settings(["--config", str(file), "--listen", "127.0.0.1:3"], environment)

    assert settings.listen == ("127.0.0.1", 3)
    assert settings.state_dir == Path("env")
    assert settings.concurrency == 3
    assert settings.mask_headers


def test_file_may_be_named_in_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "forwarder.toml"
    file.write_text("timeout-s = 2.5\n")

    assert read_settings([], {"UPLAB_FORWARDER_CONFIG": str(file)}).timeout_s == 2.5


@pytest.mark.parametrize(("arguments", "masked"), [(["--mask-headers"], True), (["--mask-headers", "no"], False)])
def test_switch_needs_no_value(arguments: list[str], masked: bool) -> None:
    assert read_settings(arguments, {}).mask_headers is masked


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--listen", "nowhere"], "--listen: 'nowhere' is not host:port"),
        (["--listen", "a:99999"], "--listen: 'a:99999' has no port"),
        (["--public-base", "ftp://x"], "--public-base: must be an http"),
        (["--failure-generation", "g4"], "--failure-generation: must be one of blame, strict-resend, strict-close"),
        (["--concurrency", "0"], "--concurrency: must be a whole number of 1 or more"),
        (["--concurrency", "x"], "--concurrency: must be a whole number"),
        (["--timeout-s", "0"], "--timeout-s: must be"),
        (["--ca", "/nowhere.pem"], "--ca: there is no file /nowhere.pem"),
        (["--clock", "1"], "--clock: UPLAB_CLOCK must"),
        (["--as-id", "x"], "as_id and as_key are given together"),
        (["--client-id", "x"], "client_id and client_secret are given together"),
        (["--log-level", "loud"], "--log-level: must be one of"),
        (["--timeout-s", "soon"], "--timeout-s: must be a number of 0.1 or more"),
        (["--retention-h", "1e10"], "--retention-h: must be a number of 0.001 or more, below a billion"),
        (["--network-url", "http://x:99999"], "--network-url: Port out of range"),
        (["--network-url", "http://x:0"], "--network-url: must not have the port 0"),
        (["--config", "/nowhere.toml"], "configuration file /nowhere.toml cannot be read"),
    ],
)
def test_wrong_option_is_named(arguments: list[str], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(arguments, {})

    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = ", "is no TOML"),
        ("nope = 1", "unknown option 'nope'"),
        ("listen = []", "must be a string"),
        ("as-id = 'a'\nas_id = 'b'", "has as-id twice"),
    ],
)
def test_wrong_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "forwarder.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=message):
        read_settings(["--config", str(file)], {})


def test_wrong_authority_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("no certificate")
    with pytest.raises(SettingsError, match="must name a PEM file"):
        read_settings(["--ca", str(file)], {})


def test_secret_is_not_taken_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_settings(["--as-key", "secret"], {})
    assert "unrecognized arguments" in capsys.readouterr().err


def test_help_names_every_option_and_its_variable(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_settings(["--help"], {})
    text = capsys.readouterr().out

    for name in ("--listen", "--state-dir", "--failure-generation", "--connection-limit", "--config", "--log-level"):
        assert name in text
    for variable in ("UPLAB_FORWARDER_STATE_DIR", "UPLAB_STATE_DIR", "UPLAB_FORWARDER_AS_KEY"):
        assert variable in text
