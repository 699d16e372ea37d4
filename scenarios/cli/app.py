"""The command `uplab` as a whole: what all its commands share. What a command needs, it imports when it runs."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import typer

from uplab.scenarios.run.exit_codes import FAILED, MEANINGS, STOPPED, WRONG_USAGE

__all__ = ["PASS_THROUGH", "app", "fail"]

PASS_THROUGH = {"allow_extra_args": True, "ignore_unknown_options": True}


class _Commands(typer.core.TyperGroup):
    """Ends with our exit codes: typer's own 2 is wrong usage, and its 130 a Ctrl-C."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Runs a command to its end."""
        try:
            return super().main(*args, **kwargs)
        except SystemExit as ended:
            code = ended.code
            raise SystemExit(WRONG_USAGE if code == 2 else STOPPED if code == 130 else code) from None


app = typer.Typer(
    name="uplab",
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Proves that a LoRaWAN connector carries uplinks and downlinks as its documents promise.",
    epilog="Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in MEANINGS.items()) + ".",
)


def fail(message: str, code: int = FAILED) -> NoReturn:
    from uplab.reports.text import visible  # noqa: PLC0415

    print(f"uplab: {visible(message)}", file=sys.stderr)
    raise typer.Exit(130 if code == STOPPED else code)  # typer's 2 is wrong usage
