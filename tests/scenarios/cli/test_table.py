"""The table of commands says of each what the command itself says."""

from importlib import import_module

import pytest

from uplab.scenarios.cli.main import app
from uplab.scenarios.cli.table import COMMANDS, help_text


def registered() -> list[tuple[str, str]]:
    """Name and words of every command, and of every group of commands."""
    commands = [(info.callback.__name__, info.callback.__doc__) for info in app.registered_commands]
    groups = [(info.name, info.typer_instance.registered_callback.callback.__doc__) for info in app.registered_groups]
    return [*commands, *groups]


@pytest.mark.parametrize("name", COMMANDS)
def test_line_of_the_help_is_how_the_command_begins(name: str) -> None:
    module, line = COMMANDS[name]
    import_module(f"uplab.scenarios.cli.{module}")
    (said,) = [words for one, words in registered() if one == name]

    assert said.startswith(line.removesuffix("."))


def test_table_has_every_command() -> None:
    assert sorted(name for name, _ in registered()) == sorted(COMMANDS)


@pytest.mark.parametrize("columns", [40, 80, 300])
def test_help_fits_the_window(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))

    assert max(map(len, help_text().splitlines())) <= max(60, min(columns, 110))
