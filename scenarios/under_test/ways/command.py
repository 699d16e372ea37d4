"""The user's own commands, by which connections are made and uplinks go in: JSON on stdin, JSON on stdout."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from uplab.scenarios.history.secrets import redact_text

__all__ = ["CommandError", "Ended", "asked", "run_command"]

_SHOWN = 300  # characters of what a command said


class CommandError(Exception):
    """A command of the user's did not do what it is for; the text names its option, and says what it said."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: `code` is None where it did not in its time."""

    code: int | None
    out: bytes
    err: bytes

    @property
    def said(self) -> str:
        """The end of what it said, on stderr before stdout, in one line."""
        text = (self.err.strip() or self.out.strip()).decode(errors="replace")
        return redact_text(" ".join(text.split())[-_SHOWN:])


def run_command(command: str, given: bytes, environment: Mapping[str, str], *, timeout_s: float) -> Ended:
    """Runs one command line with these bytes on stdin; it is killed, with what it started, when its time is up.

    CommandError where it cannot be run at all.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - running the user's own command is the purpose
            shlex.split(command),
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise CommandError(f"{redact_text(command)} cannot be run: {why}") from None
    try:
        out, err = process.communicate(given, timeout=timeout_s)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        return Ended(None, out, err)
    return Ended(process.returncode, out, err)


def asked(option: str, command: str, body: Any, environment: Mapping[str, str], *, timeout_s: float) -> dict[str, Any]:
    """Runs the command of an option with a JSON value on stdin, and returns the JSON object of its last line.

    `{}` where it printed nothing. CommandError where it failed, was not ready in time, or printed no such object.
    """
    try:
        ended = run_command(command, json.dumps(body).encode(), environment, timeout_s=timeout_s)
    except CommandError as error:
        raise CommandError(f"{option}: {error}") from None
    if ended.code is None:
        raise CommandError(f"{option} did not end within {timeout_s:g} s")
    if ended.code:
        raise CommandError(f"{option} ended with {ended.code} and said: {ended.said or 'nothing'}")
    lines = ended.out.split(b"\n")
    last = next((line for line in reversed(lines) if line.strip()), b"")
    try:
        found = json.loads(last or b"{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise CommandError(f"{option} must print one JSON object as its last line, and printed: {ended.said}")
    return found
