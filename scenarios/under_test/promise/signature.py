"""Signatures of deliveries by the Standard Webhooks form (standardwebhooks.com, version 1): HMAC-SHA256 over id, time
and body, with a secret that is written as whsec_ and Base64."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

from uplab.scenarios.history.secrets import Secrets

__all__ = ["ID", "SIGNATURE", "SIGNING_SECRET", "TIMESTAMP", "own_secret", "problem_of"]

SIGNING_SECRET = "UPLAB_SIGNING_SECRET"  # noqa: S105 - its name
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
_PREFIX = "whsec_"
_CLOCKS_S = 300.0  # what the form allows two clocks to differ by


def own_secret(secrets: Secrets) -> str:
    """A secret of the lab's in that form."""
    return _PREFIX + base64.b64encode(bytes.fromhex(secrets.hex("signing"))).decode()


def problem_of(headers: Sequence[Sequence[str]], body: bytes, secret: str, *, now_s: float) -> str | None:
    """What is wrong with the signature of a request; None where it is right. `now_s` is the time of its arrival."""
    found: dict[str, str] = {}
    for name, value in headers:
        found.setdefault(name.lower(), value)
    if missing := [name for name in (ID, TIMESTAMP, SIGNATURE) if not found.get(name)]:
        return f"{', '.join(missing)} missing"
    if not found[TIMESTAMP].isdecimal():
        return f"{TIMESTAMP} is no number of seconds: {found[TIMESTAMP]!r:.40}"
    if abs(int(found[TIMESTAMP][:12]) - now_s) > _CLOCKS_S:
        return f"{TIMESTAMP} is more than {_CLOCKS_S:g} s from the time of its arrival"
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        key = secret.encode()
    signed = f"{found[ID]}.{found[TIMESTAMP]}.".encode() + body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = [one.removeprefix("v1,") for one in found[SIGNATURE].split() if one.startswith("v1,")]
    if not given:
        return f"{SIGNATURE} has no part v1,"
    return (
        None
        if any(hmac.compare_digest(one, wanted) for one in given)
        else f"{SIGNATURE} is not that of id, time and body"
    )
