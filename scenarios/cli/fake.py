"""`uplab fake`: one fake alone.

Its own command line, read by argparse: typer reads the types of options with pydantic, which is half of such a start.
"""

from __future__ import annotations

import argparse
import os
import ssl
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, NoReturn

from uplab.scenarios.run.exit_codes import NOT_STARTED, WRONG_USAGE

__all__ = ["become_fake"]

FAKES: Final = ("posthere", "widgelix", "thingsboard", "broker")
_OWN: Final = {
    **dict.fromkeys(("--seed-data", "--state", "--rate-limit"), "thingsboard"),
    **dict.fromkeys(("--users", "--broker-command"), "broker"),
}
"""Options of one fake alone."""
_ABOUT: Final = "Start one fake alone, with its pages for people."
_MORE: Final = (
    "The line that it prints names its addresses. That of thingsboard names the login of its demo account too: one "
    "user name and password for the pages, the REST API and a gateway over MQTT. With --tls a broker asks for a client "
    "certificate of --authority, and takes clients without one."
)


def become_fake(arguments: Sequence[str]) -> None:
    """Serve one fake until it is told to stop; SystemExit with one line on stderr for what is wrong."""
    given = _parser().parse_args(arguments)
    if given.name not in FAKES:
        near = get_close_matches(given.name, FAKES, n=1)
        hint = f"did you mean {near[0]}? There" if near else "there"
        _fail(f"there is no fake {given.name}; {hint} are {', '.join(FAKES)}", WRONG_USAGE)
    strange = [one for one, its in _OWN.items() if its != given.name and getattr(given, one[2:].replace("-", "_"))]
    if strange:
        its = _OWN[strange[0]]
        mine = ", ".join(one for one in strange if _OWN[one] == its)
        _fail(f"the fake {given.name} has no {mine}; {its} has", WRONG_USAGE)
    limits = dict(map(_limit, given.__dict__.pop("rate_limit")))
    import asyncio  # noqa: PLC0415 - as large as all the rest of the command line

    _import_aiohttp()
    from uplab.scenarios.cli.lone_fake import LoneFakeError, LoneFakeOptions, serve  # noqa: PLC0415

    try:
        asyncio.run(serve(LoneFakeOptions(**vars(given), rate_limits=limits)))
    except LoneFakeError as error:
        _fail(str(error), NOT_STARTED)


def _fail(message: str, code: int) -> NoReturn:
    from uplab.reports.text import visible  # noqa: PLC0415

    print(f"uplab: {visible(message)}", file=sys.stderr)
    raise SystemExit(code)


def _import_aiohttp() -> None:
    """Import aiohttp without the authorities of the system, which it would read for clients that name none.

    Reading them is a quarter of a start, and every client of a fake names its own. Only a process that is nobody
    else's may do this: the contexts that aiohttp makes meanwhile trust nobody.
    """
    places = ssl.get_default_verify_paths()
    names = (places.openssl_cafile_env, places.openssl_capath_env)
    kept = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, os.devnull))
    try:
        import aiohttp  # noqa: F401, PLC0415
    finally:
        for name, value in kept.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _limit(text: str) -> tuple[str, str]:
    name, equals, limits = text.partition("=")
    if not equals:
        _fail(f"--rate-limit is written NAME=COUNT:SECONDS, such as rest=100:1, not {text!r}", WRONG_USAGE)
    return name, limits


# --- its command line -----------------------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line, and the exit code of wrong usage."""
        _fail(f"{message}; uplab fake --help says more", WRONG_USAGE)


class _Help(argparse.HelpFormatter):
    def add_usage(self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None) -> None:
        """Begin as the help of all other commands does."""
        super().add_usage(usage, actions, groups, prefix or "Usage: ")


def _number(least: int, most: int | None = None) -> Callable[[str], int]:
    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from None
        if number < least or (most is not None and number > most):
            raise argparse.ArgumentTypeError(f"{number} is not {least} {'or more' if most is None else f'to {most}'}")
        return number

    return read


_PORT: Final = _number(0, 65535)
_COUNT: Final = _number(1)
# Option, its type, what it is without being given, the word for its value, its help.
_OPTIONS: Final[tuple[tuple[str, Callable[[str], Any], Any, str, str], ...]] = (
    ("--port", _PORT, 0, "PORT", "HTTP port; 0 takes a free one."),
    ("--mqtt-port", _PORT, 0, "PORT", "MQTT port of thingsboard and broker; 0 takes a free one."),
    (
        *("--host", str, "127.0.0.1", "ADDRESS"),
        "Address to listen on. Anyone who reaches it sees everything, credentials included.",
    ),
    (
        *("--control-port", _PORT, None, "PORT"),
        "Port of the control: faults, and a journal as NDJSON; 0 takes a free one.",
    ),
    ("--https-port", _PORT, 0, "PORT", "HTTPS port; 0 takes a free one."),
    ("--mqtts-port", _PORT, 0, "PORT", "MQTT port with TLS; 0 takes a free one."),
    (
        *("--seed-data", Path, None, "FILE"),
        "What a thingsboard begins with: tenants, devices, dashboards (JSON).",
    ),
    ("--state", Path, None, "FILE", "Where a thingsboard keeps what it knows over a restart."),
    (
        *("--history-rows", _COUNT, 100_000, "COUNT"),
        "How many times of one device thingsboard keeps; stderr says when it bites.",
    ),
    ("--history-points", _COUNT, 1_000_000, "COUNT", "The same for the points of all devices."),
    ("--max-packet-bytes", _COUNT, 65_536, "BYTES", "The largest MQTT packet that is read."),
    ("--users", Path, None, "FILE", "Who may come to a broker, and which topics are whose (JSON)."),
    (
        *("--broker-command", str, None, "CMD"),
        "The broker behind the relay, {port} for its port, such as 'mosquitto -p {port}'; amqtt without it.",
    ),
    (
        *("--max-failed-logins", _number(0), 0, "COUNT"),
        "One wrong password more locks an account; 0 locks none.",
    ),
)


def _parser() -> _Parser:
    parser = _Parser("uplab fake", description=_ABOUT, epilog=_MORE, formatter_class=_Help, allow_abbrev=False)
    parser.add_argument("name", metavar="NAME", help=f"One of {', '.join(FAKES)}.")
    for option, kind, default, metavar, text in _OPTIONS:
        told = f"{text} [default: {default}]" if default else text
        parser.add_argument(option, type=kind, default=default, metavar=metavar, help=told)
    parser.add_argument("--tls", action="store_true", help="Open TLS sites too, with a certificate of --authority.")
    parser.add_argument(
        "--authority",
        type=Path,
        default=Path(os.environ.get("UPLAB_AUTHORITY") or ".uplab"),
        metavar="DIR",
        help="Folder of the lab's certificate authority [UPLAB_AUTHORITY].",
    )
    parser.add_argument(
        "--rate-limit",
        action="append",
        default=[],
        metavar="NAME=COUNT:SECONDS,...",
        help="A rate limit of thingsboard, such as rest=100:1 (may be repeated).",
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="A name by which it may be asked, beside addresses, localhost and its own (may be repeated).",
    )
    return parser
