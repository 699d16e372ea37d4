"""What the fakes say at their hops: one function for each, which returns the hop's name and its facts.

`emit(*destination_arrived(fake=..., ...))`: the facts are keywords, so that no site can misspell or forget one.
`raw` is the payload's bytes as they came, an HTTP body or an MQTT payload; what the protocol says stands beside it.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

__all__ = [
    "Said",
    "destination_acknowledged",
    "destination_answered",
    "destination_arrived",
    "destination_closed",
    "destination_connected",
    "destination_published",
    "destination_pushed",
    "fault_delivered",
]

Said: TypeAlias = tuple[str, dict[str, Any]]


def destination_arrived(
    *,
    fake: str,
    exchange: int,
    method: str,
    url: str,
    host: str,
    headers: Sequence[Sequence[str]],
    raw: bytes,
    size: int,
    complete: bool,
    delivery: bool,
    malformed: str | None = None,
) -> Said:
    """A request arrived, whole or not; `raw` is as much of the body as is kept, `size` how much of it came in bytes."""
    facts: dict[str, Any] = {
        "fake": fake,
        "exchange": exchange,
        "method": method,
        "url": url,
        "host": host,
        "headers": headers,
        "raw": raw,
        "size": size,
        "complete": complete,
        "delivery": delivery,
    }
    if malformed is not None:
        facts["malformed"] = malformed
    return "destination.arrived", facts


def destination_answered(
    *,
    exchange: int,
    fake: str,
    status: int | None,
    written: bool,
    headed: bool = False,
    returned: bool = False,
    raw: bytes = b"",
) -> Said:
    """The exchange is over; `headed` where the head alone was written whole: a client may go by it, and leave.

    `returned` where it is only known that a handler has returned the answer, and is held to be written. `raw` is the
    beginning of the answer's body, as the fake meant to write it.
    """
    facts: dict[str, Any] = {"exchange": exchange, "fake": fake, "status": status, "written": written}
    if headed:
        facts["headed"] = True
    if returned:
        facts["returned"] = True
    if raw:
        facts["raw"] = raw
    return "destination.answered", facts


def destination_connected(
    *, fake: str, session: int, username: str | None, client_id: str, level: int, code: int
) -> Said:
    """An MQTT CONNECT came, and was answered with this code."""
    return "destination.connected", {
        "fake": fake,
        "session": session,
        "username": username,
        "client_id": client_id,
        "level": level,
        "code": code,
    }


def destination_published(
    *,
    fake: str,
    session: int,
    exchange: int,
    topic: str,
    level: int,
    qos: int,
    retain: bool,
    duplicate: bool,
    packet_id: int,
    properties: list[list[object]],
    members: list[list[object]] | None,
    raw: bytes,
) -> Said:
    """An MQTT PUBLISH came; `raw` is its payload alone."""
    return "destination.published", {
        "fake": fake,
        "session": session,
        "exchange": exchange,
        "topic": topic,
        "level": level,
        "qos": qos,
        "retain": retain,
        "duplicate": duplicate,
        "packet_id": packet_id,
        "properties": properties,
        "members": members,
        "raw": raw,
    }


def destination_acknowledged(*, fake: str, session: int, exchange: int, kind: str, code: int) -> Said:
    """A PUBACK was written."""
    return "destination.acknowledged", {
        "fake": fake,
        "session": session,
        "exchange": exchange,
        "kind": kind,
        "code": code,
    }


def destination_pushed(
    *, fake: str, session: int, topic: str, level: int, qos: int, retain: bool, duplicate: bool, raw: bytes
) -> Said:
    """A broker has handed a message to a client; `raw` is its payload alone."""
    return "destination.pushed", {
        "fake": fake,
        "session": session,
        "topic": topic,
        "level": level,
        "qos": qos,
        "retain": retain,
        "duplicate": duplicate,
        "raw": raw,
    }


def destination_closed(*, fake: str, session: int, reason: str) -> Said:
    """An MQTT connection ended."""
    return "destination.closed", {"fake": fake, "session": session, "reason": reason}


def fault_delivered(*, fault: str, exchange: int, action: str) -> Said:
    """A planned fault happened."""
    return "fault.delivered", {"fault": fault, "exchange": exchange, "action": action}
