"""The lab's secrets, and the one filter that keeps every secret out of what a run writes.

Lab secrets are canaries: made from the seed, recognisable by a mark, so that a leak is found wherever it ends, and a
replay makes them again. The filter is stateless over bytes. A placeholder has the length of what it hides and holds a
digest of it: two different secrets stay different, so a stored history can still be judged for right credentials.
"""

import hashlib
import json
import re
import uuid

__all__ = ["Secrets", "is_canary", "redact", "redact_text", "register"]

MARK = "5ec0de5a"  # eight hexadecimal digits, so that random payload bytes do not meet them by chance

_CANARY = re.compile(
    rb"(?i)5ec0de5a(?:[0-9a-f]{24}|-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
    rb"|5ec0de5a[0-9a-f-]{0,28}\.\.\.[0-9a-f-]*"  # what is left of one where pytest shortens a long value
    rb"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"  # a JSON Web Token, by its shape
)
_foreign: list[bytes] = []


class Secrets:
    """Derives the secrets of a run from its seed; the same name gives the same secret."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def _digest(self, name: str) -> str:
        return hashlib.sha256(f"uplab secret {self._seed} {name}".encode()).hexdigest()

    def hex(self, name: str) -> str:
        """32 hexadecimal digits: an AS key, a bearer token, a password."""
        return MARK + self._digest(name)[:24]

    def uuid(self, name: str) -> str:
        """The 36 characters of a version 4 UUID: an access token as Widgelix shows it."""
        d = self._digest(name)
        return str(uuid.UUID(f"{MARK}{d[:4]}4{d[4:7]}8{d[7:10]}{d[10:22]}"))


def register(secret: str) -> None:
    """Makes the filter hide a secret that is not the lab's own, such as the token of a foreign forwarder."""
    # Most of what a run writes is JSON, and there a quotation mark or a backslash of the secret has its escape.
    for form in (secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]):
        raw = form.encode()
        if raw and raw not in _foreign:
            _foreign.append(raw)
    _foreign.sort(key=len, reverse=True)


def is_canary(text: str) -> bool:
    """Says whether the text holds a lab secret or a JSON Web Token."""
    return _CANARY.search(text.encode()) is not None


def _placeholder(secret: bytes) -> bytes:
    digest = hashlib.sha256(secret.lower()).hexdigest().encode()
    return (b"SECRET-" + digest).ljust(len(secret), b"-")[: len(secret)]


def redact(raw: bytes) -> bytes:
    """Replaces every secret by a placeholder of the same length; returns the same object where there is none."""
    for secret in _foreign:
        if secret in raw:
            raw = raw.replace(secret, _placeholder(secret))
    if _CANARY.search(raw) is None:
        return raw
    return _CANARY.sub(lambda match: _placeholder(match.group()), raw)


def redact_text(text: str) -> str:
    """The same filter over text."""
    return redact(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")
