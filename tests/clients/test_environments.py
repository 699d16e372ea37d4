from pathlib import Path

import pytest

from tests.clients import environments


@pytest.fixture(autouse=True)
def nothing_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache in which no client is."""
    monkeypatch.setattr(environments, "_CACHE", tmp_path)
    monkeypatch.delenv("UPLAB_REQUIRE_CLIENTS", raising=False)
    monkeypatch.delenv("UPLAB_SKIP_FOREIGN", raising=False)


@pytest.mark.parametrize(
    ("require", "skip", "outcome"),
    [
        ("", "", pytest.skip.Exception),
        ("1", "", pytest.fail.Exception),
        ("1", "1", pytest.skip.Exception),  # the gate has said aloud that a registry gave it none
    ],
)
def test_missing_client_is_skipped_unless_it_is_required(
    monkeypatch: pytest.MonkeyPatch, require: str, skip: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("UPLAB_REQUIRE_CLIENTS", require)
    monkeypatch.setenv("UPLAB_SKIP_FOREIGN", skip)

    with pytest.raises(outcome, match=r"gmqtt.*make clients"):
        environments.environment("gmqtt")


@pytest.mark.parametrize(
    ("pip", "made_s", "told"),
    [("echo no such host >&2; exit 7", 60, "ended with 7: no such host"), ("exec sleep 600", 1, "timed out")],
)
def test_registry_that_refuses_or_hangs_is_told_and_nothing_is_ready(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], pip: str, made_s: int, told: str
) -> None:
    def create(folder: Path, **_: object) -> None:
        (folder / "bin").mkdir(parents=True)
        (folder / "bin" / "python").write_text(f"#!/bin/sh\n{pip}\n", encoding="utf-8")
        (folder / "bin" / "python").chmod(0o755)

    monkeypatch.setattr("venv.create", create)
    monkeypatch.setattr(environments, "_MADE_S", made_s)

    assert environments.main(["gmqtt"]) == 1

    assert "not made: gmqtt: " in (out := capsys.readouterr().out)
    assert told in out
    assert not list(environments._CACHE.rglob(".ready"))
