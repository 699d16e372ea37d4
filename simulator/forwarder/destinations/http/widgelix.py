"""Widgelix, a brand of the HTTP connector: one destination, and an access token as Authorization (widgelix.md)."""

import re
from collections.abc import Mapping

from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.patterns.headers import HeaderError, Headers, compile_headers
from uplab.simulator.forwarder.platform import Platform

__all__ = ["BRAND", "bearer", "check_address", "compile_keyed"]

BRAND = "WIDGELIX"

_BEARER = re.compile(r"(?:Bearer\s+)*", re.IGNORECASE)


def _is_key(name: str) -> bool:
    """Whether this header holds the access token."""
    return name.lower() == "authorization"


def check_address(url: str, platform: Platform) -> None:
    """Refuse another destination than the platform's Widgelix."""
    if url != platform.widgelix_url:
        raise InvalidError(
            "configuration.destinationURL", f"configuration.destinationURL must be {platform.widgelix_url} for {BRAND}"
        )


def compile_keyed(headers: Mapping[str, str]) -> Headers:
    """Read the headers of a connection to Widgelix; HeaderError names the one that is wrong or missing."""
    compiled = compile_headers(headers, lambda name, value: bearer(name, value) if _is_key(name) else value)
    if not any(_is_key(name) for name in headers):
        raise HeaderError("Authorization", f"headers.Authorization is mandatory for {BRAND} and holds the access token")
    return compiled


def bearer(name: str, value: str) -> str:
    """Write an access token, given raw or after Bearer, with exactly one Bearer; HeaderError when there is no token."""
    token = _BEARER.sub("", value, count=1).strip()
    if not token or token.lower() == "bearer":
        raise HeaderError(name, f"header {name} holds no access token")
    if " " in token and "{" not in token:
        raise HeaderError(name, f"header {name} must be the access token, alone or after Bearer")
    return f"Bearer {token}"
