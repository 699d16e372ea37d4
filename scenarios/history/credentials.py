"""The secrets that stand within something else: a password in an address, or in a command line."""

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, unquote_plus, urlsplit

__all__ = ["passwords_in", "secrets_in_command"]

_NAMED = re.compile(r"(?i)^-{0,2}[\w.-]*(?:password|passwd|secret|token|api[-_]?key|as[-_]?key)$")
_IN_QUERY = re.compile(r"(?i)^(?:key|code|sig|signature|auth)$")  # a short value of these is a word
_LEAST_IN_QUERY = 16
_HEADER = re.compile(r"(?i)^(?:(?:proxy-)?authorization|cookie|[\w-]*(?:token|secret|api-?key))$")
_USER = ("-u", "--user")


def passwords_in(url: str) -> list[str]:
    """The password in an address, and what its query calls one, as it is and as it stands there.

    None in what is no address.
    """
    try:
        parts = urlsplit(url)
        found = [parts.password or ""]
    except ValueError:
        return []
    for pair in parts.query.split("&"):
        name, _, value = pair.partition("=")
        if _NAMED.match(name) or (_IN_QUERY.match(name) and len(value) >= _LEAST_IN_QUERY):
            found += [unquote_plus(value)] if "+" in value else []
            found.append(value)
    return list(dict.fromkeys(text for one in found if one for text in (unquote(one), one)))


def secrets_in_command(command: str) -> list[str]:
    """What follows `--password`, `TOKEN=`, `Authorization:` and the like in a command line, and passwords of addresses.

    Also in a command within it, as of `sh -c`. The name of a file is no secret.
    """
    try:
        words = shlex.split(command)
    except ValueError:  # said where the command is run
        return []
    found = [one for word, following in pairwise([*words, ""]) for one in _in_word(word, following)]
    return list(dict.fromkeys(one for one in found if one and not one.startswith("-") and not _is_file(one)))


def _is_file(name: str) -> bool:
    try:
        return Path(name).exists()
    except OSError:  # longer than the name of a file
        return False


def _in_word(word: str, following: str) -> Iterator[str]:
    header, colon, said = word.partition(":")
    if colon and _HEADER.match(header):
        yield from said.split()[-1:]
        return
    if " " in word:
        yield from secrets_in_command(word)
        return
    name, assigned, value = word.partition("=")
    yield from passwords_in(value if assigned and "://" not in name else word)
    if _NAMED.match(name):
        yield value if assigned else following if name.startswith("-") else ""
    if word in _USER:
        password = following.partition(":")[2]
        yield "" if password.isdigit() else password  # digits are the group of a user
