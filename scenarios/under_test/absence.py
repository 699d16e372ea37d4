"""Whether a forwarder that runs elsewhere is still the one that it was: it may have gone, or been started anew."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence

import httpx

from uplab.scenarios.history.secrets import redact_text
from uplab.scenarios.under_test.access.access import Access

__all__ = ["absence"]

_TRIES = 4
_PAUSE_S = 0.5  # a proxy in front of it, or a listener whose queue is full, may refuse once
_CONNECT_S = 2.0
_TRY = "start it again, and find in its log why it ended; no scenario can stop one that runs elsewhere"


def absence(
    base: str, made: Sequence[str], *, headers: httpx.Headers | None = None, access: Access | None = None
) -> str | None:
    """What has become of it, in words for a reader, the first line alone telling enough; None while it is there.

    Behind a proxy of the `access` nobody can tell whether its address answers.

    `made` are the ids of connections that it has made and nobody has deleted: who knows none of them is another.
    """
    url = httpx.URL(base)
    address = (url.host, url.port or (443 if url.scheme == "https" else 80))
    access = access or Access()
    if not access.proxy and (why := _unreachable(address)):
        return _told(base, f"the forwarder has gone: {why}")
    if made and all(_forgotten(f"{base}/connections/{id_}", headers, access) for id_ in made):
        what = f"the connection {made[0]}" if len(made) == 1 else f"any of {len(made)} connections"
        return _told(base, f"the forwarder was started anew, or emptied: it does not know {what} that it had made")
    return None


def _unreachable(address: tuple[str, int]) -> str | None:
    why = None
    for number in range(_TRIES):
        if number:
            threading.Event().wait(_PAUSE_S)
        try:
            socket.create_connection(address, timeout=_CONNECT_S).close()
        except OSError as error:
            why = (error.strerror or str(error) or type(error).__name__).lower()
        else:
            return None
    return why


def _forgotten(url: str, headers: httpx.Headers | None, access: Access) -> bool:
    try:
        with httpx.Client(transport=access.transport(), timeout=_CONNECT_S, trust_env=False) as client:
            return client.get(url, headers=headers).status_code in (404, 410)
    except httpx.HTTPError:
        return False


def _told(base: str, what: str) -> str:
    return f"{what}\n  api       {redact_text(base)}\n  to try    {_TRY}"
