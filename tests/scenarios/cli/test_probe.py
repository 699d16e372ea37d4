from pathlib import Path

from tests.scenarios.suite_runs import uplab


def test_half_of_an_address_is_wrong_usage(tmp_path: Path) -> None:
    ended = uplab(tmp_path, "probe", "--forwarder-api", "http://127.0.0.1:1/iot-flow/v1")

    assert ended.code == 4
    assert "--forwarder-api with --forwarder-ingress" in ended.out + ended.err


def test_forwarder_that_does_not_start_is_told(tmp_path: Path) -> None:
    ended = uplab(tmp_path, "probe", "--forwarder-command", "false")

    assert ended.code == 3
    assert "the forwarder did not start" in ended.out + ended.err
