"""The command `uplab` as a whole: what all its commands share. What a command needs, it imports when it runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from uplab.scenarios.cli.table import ABOUT, help_text
from uplab.scenarios.run.exit_codes import FAILED, STOPPED, WRONG_USAGE

if TYPE_CHECKING:
    from uplab.scenarios.under_test.access.access import Access

__all__ = [
    "OAUTH_URL",
    "PASS_THROUGH",
    "Authority",
    "Certificate",
    "Key",
    "Proxy",
    "access_by",
    "app",
    "fail",
    "login_of",
]

OAUTH_URL = "UPLAB_FORWARDER_OAUTH_URL"
_LOGIN = {
    "api_token": "UPLAB_FORWARDER_TOKEN",
    "oauth_client": "UPLAB_FORWARDER_CLIENT_ID",
    "oauth_secret": "UPLAB_FORWARDER_CLIENT_SECRET",
    "oauth_url": OAUTH_URL,
}

Authority = Annotated[
    str | None,
    typer.Option(
        "--forwarder-authority", envvar="UPLAB_FORWARDER_AUTHORITY", metavar="FILE", help="An authority to trust, too."
    ),
]
Certificate = Annotated[
    str | None,
    typer.Option(
        "--forwarder-certificate",
        envvar="UPLAB_FORWARDER_CERTIFICATE",
        metavar="FILE",
        help="A client certificate to show.",
    ),
]
Key = Annotated[
    str | None,
    typer.Option("--forwarder-key", envvar="UPLAB_FORWARDER_KEY", metavar="FILE", help="The key of that certificate."),
]
Proxy = Annotated[
    str | None,
    typer.Option("--forwarder-proxy", envvar="UPLAB_FORWARDER_PROXY", metavar="URL", help="The proxy on the way."),
]

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

    def format_help(self, _context: Any, formatter: Any) -> None:
        """Shows the table, for which no command has to be imported."""
        formatter.write(help_text() + "\n")


app = typer.Typer(
    name="uplab",
    cls=_Commands,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=ABOUT,
)


def _version(show: bool) -> None:
    if show:
        import importlib.metadata  # noqa: PLC0415

        print("uplab", importlib.metadata.version("uplab"))
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """The options before the command."""


def access_by(given: Mapping[str, str | None], *addresses: str | None) -> Access:
    """How a forwarder at these addresses is reached, and its secrets registered; ends where that cannot be."""
    from uplab.scenarios.history.secrets import register  # noqa: PLC0415
    from uplab.scenarios.under_test.access.given import AccessError, read_access  # noqa: PLC0415

    try:
        access = read_access(given, os.environ, addresses)
    except AccessError as error:
        fail(str(error), WRONG_USAGE)
    for name, secret in access.named_secrets():
        register(secret, name)
    return access


def login_of(environment: Mapping[str, str]) -> dict[str, Any]:
    """How the API lets us in, as keywords of RunOptions."""
    return {name: environment.get(variable) for name, variable in _LOGIN.items()}


def fail(message: str, code: int = FAILED) -> NoReturn:
    from uplab.reports.text import visible  # noqa: PLC0415

    print(f"uplab: {visible(message)}", file=sys.stderr)
    raise typer.Exit(130 if code == STOPPED else code)  # typer's 2 is wrong usage
