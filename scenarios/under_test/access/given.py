"""What the user gave for the way to a forwarder elsewhere, read and checked. Secrets come by the environment alone."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from uplab.scenarios.under_test.access.access import Access

__all__ = ["HEADERS", "KEY_PASSWORD", "AccessError", "Files", "read_access"]

HEADERS = "UPLAB_FORWARDER_HEADERS"
KEY_PASSWORD = "UPLAB_FORWARDER_KEY_PASSWORD"  # noqa: S105 - its name

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
_VALUE = re.compile(r"[\t\x20-\x7e]+")

Files = Mapping[str, str | None]
"""By the names of the options: --forwarder-authority, --forwarder-certificate, --forwarder-key, --forwarder-proxy."""


class AccessError(Exception):
    """What was given cannot be used; the text is one line."""


def read_access(given: Files, environment: Mapping[str, str], addresses: Iterable[str | None]) -> Access:
    """Reads it all; AccessError says what is wrong. `addresses` are the forwarder's, of which the hosts count."""
    files = {name: _file(name, value) for name, value in given.items() if name != "--forwarder-proxy"}
    certificate, key = files.get("--forwarder-certificate"), files.get("--forwarder-key")
    if key and not certificate:
        raise AccessError("--forwarder-key is the key of --forwarder-certificate: name that, too")
    access = Access(
        hosts=frozenset(filter(None, (_host(address) for address in addresses))),
        authority=files.get("--forwarder-authority"),
        certificate=certificate,
        key=key,
        key_password=environment.get(KEY_PASSWORD) or None,
        proxy=_proxy(given.get("--forwarder-proxy")),
        headers=_headers(environment.get(HEADERS)),
    )
    try:
        access.tls()
    except (ssl.SSLError, OSError, ValueError) as error:
        raise AccessError(_unread(access, error)) from None
    return access


def _host(address: str | None) -> str | None:
    try:
        return urlsplit(address or "").hostname
    except ValueError:
        return None


def _file(name: str, value: str | None) -> Path | None:
    if not value:
        return None
    if not Path(value).is_file():
        raise AccessError(f"{name} {value}: there is no such file")
    return Path(value)


def _proxy(text: str | None) -> str | None:
    if not text:
        return None
    try:
        parts = urlsplit(text)
        right = parts.scheme == "http" and parts.hostname and parts.path in ("", "/") and (parts.port or 1) > 0
    except ValueError:
        right = False
    if not right:
        raise AccessError(
            "--forwarder-proxy takes http://host:port of a proxy, with user:password@ where it wants them"
        )
    return text


def _headers(text: str | None) -> dict[str, str]:
    if not text:
        return {}
    try:
        given = json.loads(text)
    except ValueError:
        given = None
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise AccessError(f'{HEADERS} takes a JSON object of texts, as {{"X-Api-Key": "..."}}')
    for name, value in given.items():
        if not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(value) or value != value.strip():
            raise AccessError(f"{HEADERS}: HTTP cannot carry the header {name!r} with its value")
    return given


def _unread(access: Access, error: Exception) -> str:
    """Which of the files it is: the authority is read first."""
    try:
        Access(authority=access.authority).tls()
    except (ssl.SSLError, OSError):
        return f"--forwarder-authority {access.authority} holds no certificate in PEM"
    if "KEY_VALUES_MISMATCH" in str(error):
        return f"--forwarder-key {access.key} is not the key of --forwarder-certificate {access.certificate}"
    where = f"--forwarder-certificate {access.certificate}" + (
        f" with --forwarder-key {access.key}" if access.key else ""
    )
    return f"{where} cannot be read: it takes PEM, and {KEY_PASSWORD} where the key has a password"
