"""The secrets that stand within something else: a password in an address, or in a command line."""

import re
import shlex
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

__all__ = ["passwords_in", "secrets_in_command"]

_NAMED = re.compile(r"(?i)^-{0,2}[\w.-]*(?:password|passwd|secret|token|api[-_]?key|as[-_]?key)$")


def passwords_in(url: str) -> list[str]:
    """The password in an address, as it is and as it stands there; none in what is no address."""
    try:
        password = urlsplit(url).password
    except ValueError:
        return []
    return list(dict.fromkeys((unquote(password), password))) if password else []


def secrets_in_command(command: str) -> list[str]:
    """What follows `--password`, `TOKEN=` and the like in a command line, and the passwords of its addresses.

    The name of a file is no secret.
    """
    try:
        words = shlex.split(command)
    except ValueError:  # said where the command is run
        return []
    found = []
    for word, following in pairwise([*words, ""]):
        name, assigned, value = word.partition("=")
        found += passwords_in(value if assigned else word)
        if _NAMED.match(name):
            found.append(value if assigned else following if name.startswith("-") else "")
    return list(dict.fromkeys(one for one in found if one and not one.startswith("-") and not Path(one).exists()))
