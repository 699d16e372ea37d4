"""Where a destination is, as configurations name it: a URL, or host and port; each with its check."""

import re
from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from uplab.simulator.forwarder.connections.parameter import described
from uplab.simulator.forwarder.resolve import split_host_port

__all__ = ["HOST_AND_PORT", "Url", "host_check"]

_URL_CHARACTERS = re.compile(r"[!-~]+")  # RFC 3986 has no blank, no control character and nothing beyond ASCII
_URL_UNSAFE = re.compile(r'[<>"{}|\\^`]|%(?![0-9A-Fa-f]{2})')
_HOST = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\.?|\[[0-9A-Fa-f:.]+\]")
_LABELS = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,30}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,30}[A-Za-z0-9_])?){0,3}"
_PORT_NUMBER = r"[1-9][0-9]{0,3}"


def _check_url(text: str) -> str:
    if not text.lower().startswith(("http://", "https://")):
        raise PydanticCustomError("url", "must begin with http:// or https://")
    if not _URL_CHARACTERS.fullmatch(text) or _URL_UNSAFE.search(text):
        raise PydanticCustomError(
            "url",
            "holds characters that no URL may hold (RFC 3986); percent-encode them, and give a host in its xn-- form",
        )
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise PydanticCustomError("url", "has a port or a host that is malformed; ports go from 1 to 65535") from None
    if "@" in parts.netloc:
        raise PydanticCustomError("url", "may hold no user name and password; use a header")
    if not host or not _HOST.fullmatch(
        parts.netloc.rpartition(":")[0] if port is not None else parts.netloc.rstrip(":")
    ):
        raise PydanticCustomError("url", "names no valid host")
    if port == 0:
        raise PydanticCustomError("url", "has port 0; ports go from 1 to 65535")
    if "[" in text.partition(parts.netloc)[2]:
        raise PydanticCustomError("url", "may hold brackets around an IPv6 address only; percent-encode others")
    if parts.fragment:
        raise PydanticCustomError("url", "has a fragment (#), which is never sent; remove it")
    return text


def host_check(example: str) -> Callable[[str], str]:
    """Make a check of host:port whose refusals give an example."""

    def check(text: str) -> str:
        if "://" in text or "/" in text:
            raise PydanticCustomError("host", f"must be host:port without a scheme and a path, such as {example}")
        try:
            host, port = split_host_port(text)
        except ValueError:
            raise PydanticCustomError("host", f"must name host and port, such as {example}") from None
        if not _HOST.fullmatch(f"[{host}]" if ":" in host else host):
            raise PydanticCustomError("host", "names no valid host")
        if port == 0:
            raise PydanticCustomError("host", "has port 0; ports go from 1 to 65535")
        return text

    return check


HOST_AND_PORT = described(f"^{_LABELS}:{_PORT_NUMBER}$")
"""What `host_check` lets pass, for the API's description."""

Url = Annotated[
    str,
    Field(max_length=2048),
    AfterValidator(_check_url),
    described(f"^https?://{_LABELS}(:{_PORT_NUMBER})?(/[A-Za-z0-9._~%/-]*)?(\\?[A-Za-z0-9._~%/=&-]*)?$"),
]
"""An http or https URL that can be sent character by character."""
