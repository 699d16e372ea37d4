"""The token of ThingPark's HTTP tunnel: lower-case hex SHA-256 over body elements, decoded query and key.

The key is used verbatim (capital letters matter) and the query in its decoded form, where a plus sign is a plus sign.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, unquote

__all__ = ["QueryError", "body_elements", "check_token", "encode_query", "parse_query", "sign", "uplink_query"]

UPLINK_PARAMETERS = ("LrnDevEui", "LrnFPort", "LrnInfos", "AS_ID", "Time")
"""The parameters that the token of an uplink covers, in their order."""

_ELEMENTS = {
    "DevEUI_uplink": ("CustomerID", "DevEUI", "FPort", "FCntUp", "payload_hex"),
    "DevEUI_downlink_Sent": ("CustomerID", "DevEUI", "FPort", "FCntDn"),
}
_COUNTED_DOWN = ("CustomerID", "DevEUI", "FPort", "FCntDn", "payload_hex")
# What no document covers is signed with less by other senders; each of their readings is taken too.
_LESS: tuple[tuple[str, ...], ...] = (
    _ELEMENTS["DevEUI_uplink"],
    _ELEMENTS["DevEUI_downlink_Sent"],
    ("CustomerID", "DevEUI", "FPort"),
    ("CustomerID", "DevEUI"),
    (),
)


class QueryError(ValueError):
    """A query string that cannot be read."""


def parse_query(raw: str) -> dict[str, str]:
    """Decode a query string whose plus signs mean themselves; QueryError when a name comes twice or it is no UTF-8."""
    pairs: dict[str, str] = {}
    for part in filter(None, raw.split("&")):
        name, _, value = part.partition("=")
        if "%" in part:
            try:
                name, value = unquote(name, errors="strict"), unquote(value, errors="strict")
            except UnicodeDecodeError:
                raise QueryError("the query string is not UTF-8") from None
        if name in pairs:
            raise QueryError(f"{name} is given twice")
        pairs[name] = value
    return pairs


def encode_query(pairs: Iterable[tuple[str, str]]) -> str:
    """Write pairs as a query string, with colon and plus sign encoded as ThingPark does."""
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)


def body_elements(content: Mapping[str, Any], names: Iterable[str]) -> str:
    """Join the elements of a document that a token covers; an absent one counts for nothing."""
    return "".join(str(content[name]) for name in names if content.get(name) is not None)


def _reading(root: str, content: Mapping[str, Any]) -> tuple[tuple[str, ...], bool]:
    """Name the elements that the token of a document covers, and whether that is documented or our reading.

    Documented are the roots of _ELEMENTS as far as they have their counter. Every other document, a join or an uplink
    whose FCntUp is missing among them, is signed with those of an uplink's elements that it has; FCntDn takes the place
    of a missing FCntUp.
    """
    documented = _ELEMENTS.get(root)
    if documented and content.get(documented[3]) is not None:
        return documented, True
    if root == "DevEUI_downlink_Sent":
        return _ELEMENTS[root], False
    counted_up = content.get("FCntUp") is not None
    return _ELEMENTS["DevEUI_uplink"] if counted_up else _COUNTED_DOWN, False


def sign(pairs: Iterable[tuple[str, str]], key: str, elements: str = "") -> str:
    """Compute the token over elements, decoded query and key."""
    query = "&".join(f"{name}={value}" for name, value in pairs)
    return hashlib.sha256(f"{elements}{query}{key}".encode()).hexdigest()


def check_token(
    query: Mapping[str, str], root: str, content: Mapping[str, Any], key: str, *, zero_port: bool = False
) -> bool:
    """Whether the query's Token is right for this document and key.

    With `zero_port` a document without FPort is signed with "0" in its place, and in no other way.
    """
    pairs = [(name, query[name]) for name in UPLINK_PARAMETERS if name in query]
    given = query.get("Token", "").encode()
    if zero_port and content.get("FPort") is None:
        content = {**content, "FPort": 0}
    ours, documented = _reading(root, content)
    readings = (ours,) if documented else (ours, *_LESS)
    return any(
        hmac.compare_digest(given, sign(pairs, key, body_elements(content, names)).encode()) for names in readings
    )


def uplink_query(
    root: str, content: Mapping[str, Any], as_id: str, key: str, infos: str, time: str
) -> list[tuple[str, str]]:
    """Give the signed query of a message that we send on, decoded and in its documented order."""
    values = {"LrnDevEui": content.get("DevEUI"), "LrnFPort": content.get("FPort")}
    values |= {"LrnInfos": infos, "AS_ID": as_id, "Time": time}
    pairs = [(name, str(values[name])) for name in UPLINK_PARAMETERS if values[name] is not None]
    return [*pairs, ("Token", sign(pairs, key, body_elements(content, _reading(root, content)[0])))]
