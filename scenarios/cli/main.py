"""The command `uplab`."""

from __future__ import annotations

import sys

from uplab.scenarios.run import interrupt

# Ctrl-C is taken care of before the other imports, which take a while.
if sys.argv[0].endswith("uplab"):  # this is the command, and no test that imports it
    begun = "stopped before the first scenario ended" if sys.argv[1:2] == ["run"] else "stopped"
    interrupt.end_quietly(begun)

import gc
import os
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from uplab.scenarios.cli.table import COMMANDS, help_text
from uplab.scenarios.run.exit_codes import PASSED, WRONG_USAGE

if TYPE_CHECKING:
    app: Any  # given by `__getattr__`, since typer is large

__all__ = ["BECOME", "app", "main"]


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


# --- commands whose arguments go as they are to what they become, and which start without the rest of uplab -----------


def become_run(arguments: Sequence[str]) -> None:
    """Become pytest over the suites; asked for help, print it."""
    from uplab.scenarios.run import launch  # noqa: PLC0415

    if "--help" in arguments or "-h" in arguments:
        print(launch.run_help())
        return
    launch.become_pytest(arguments)


def become_forwarder(arguments: Sequence[str]) -> None:
    """Become the reference forwarder, which is a process of its own in every run too."""
    os.execv(sys.executable, [sys.executable, "-m", "uplab.simulator.forwarder", *arguments])  # noqa: S606


def become_fake(arguments: Sequence[str]) -> None:
    """Become one fake, which reads its command line itself."""
    from uplab.scenarios.cli import fake  # noqa: PLC0415

    fake.become_fake(arguments)


BECOME = {"run": become_run, "forwarder": become_forwarder, "fake": become_fake}
"""By the name of the command."""
