"""The command `uplab`."""

from __future__ import annotations

import sys

from uplab.scenarios.run import interrupt

# Ctrl-C is taken care of before the other imports, which take a while.
if sys.argv[0].endswith("uplab"):  # this is the command, and no test that imports it
    begun = "stopped before the first scenario ended" if sys.argv[1:2] == ["run"] else "stopped"
    interrupt.end_quietly(begun)

import gc
from importlib import import_module
from typing import TYPE_CHECKING, Any

from uplab.scenarios.cli.become import BECOME
from uplab.scenarios.cli.table import COMMANDS, help_text
from uplab.scenarios.run.exit_codes import PASSED, WRONG_USAGE

if TYPE_CHECKING:
    app: Any  # given by `__getattr__`, since typer is large

__all__ = ["app", "main"]


def main() -> None:
    """The entry point. What a command needs is imported when it is called, and nothing of the others."""
    command, arguments = sys.argv[1] if len(sys.argv) > 1 else "", sys.argv[2:]
    if command in ("", "--help", "-h"):
        print(help_text())
        raise SystemExit(PASSED if command else WRONG_USAGE)
    gc.set_threshold(20_000, 20, 20)  # what is imported stays, and need not be looked at a hundred times meanwhile
    if command in BECOME:
        BECOME[command](arguments)
    elif command in COMMANDS:
        _only(command)()
    else:
        _all()()


def _only(command: str) -> Any:
    import_module(f"uplab.scenarios.cli.{COMMANDS[command][0]}")
    return import_module("uplab.scenarios.cli.app").app


def _all() -> Any:
    """Every command: to find the one that was meant."""
    for name in COMMANDS:
        app = _only(name)
    return app


def __getattr__(name: str) -> Any:
    """The whole command line as typer has it, for whoever calls it within Python."""
    if name == "app":
        return _all()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
