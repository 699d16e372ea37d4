from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from uplab.scenarios.cli.main import app


def test_environment_is_what_a_forwarder_elsewhere_must_be_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = CliRunner().invoke(app, ["environment", "--advertise-host", "192.0.2.7", "--base-port", "20000"])

    names = [line.partition("=")[0] for line in shown.stdout.splitlines()]
    assert names == ["UPLAB_NETWORK_URL", "UPLAB_CA", "UPLAB_RESOLVE", "UPLAB_AS_ID"]
    assert shown.stdout.startswith("UPLAB_NETWORK_URL=http://192.0.2.7:20")
    assert (tmp_path / ".uplab").is_dir()
    assert "# the authority in UPLAB_CA holds until 20" in shown.stderr
    assert "192.0.2.7/32" in shown.stderr
    other = CliRunner().invoke(app, ["environment", "--advertise-host", "192.0.2.8"])
    assert (other.exit_code, "was made for other hosts than 192.0.2.8" in other.stderr) == (1, True)
