"""How a destination fails in a world: each kind of failed delivery, as the fake does it, by connector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from uplab.fakes.faults import (
    Action,
    Close,
    Delay,
    Drip,
    Garbage,
    HalfAnswer,
    Hang,
    HugeBody,
    Redirect,
    RepeatPuback,
    ResetAfterBody,
    ResetBeforeBody,
    Status,
    TakeOver,
)

__all__ = ["DEVICE", "FAULTS", "FINE", "LINKS", "SHARED", "faults_of", "status_of"]

DEVICE: Final = b"<DevEUI>"
"""In an answer: the DevEUI of the world's first device."""

DOWNLINK: Final = b'{"DevEUI_downlink": {"DevEUI": "<DevEUI>", "FPort": 5, "payload_hex": "bad0"}}'
"""An answer that asks for a downlink, which is no way to ask for one."""

FAULTS: Final[Mapping[str, Action]] = {
    "400": Status(400),
    "401": Status(401),
    "404": Status(404),
    "429": Status(429, retry_after="0"),
    "500": Status(500),
    "503": Status(503),
    "301": Redirect("https://posthere.io/elsewhere", 301),
    "302": Redirect("https://posthere.io/elsewhere"),
    "307": Redirect("https://posthere.io/elsewhere", 307),
    "cut before the body": ResetBeforeBody(),
    "cut after the body": ResetAfterBody(),
    "answer lost": ResetAfterBody(handled=True),
    "half an answer": HalfAnswer(9),
    "hang": Hang(),
    "slow": Delay(0.3),
    "201": Status(201, handled=True),
    "202": Status(202, b"later", handled=True),
    "204": Status(204, handled=True),
    "299": Status(299, handled=True),
    "a downlink as answer": Status(200, DOWNLINK, (("Content-Type", "application/json"),), handled=True),
    "the document as answer": Status(200, b'{"DevEUI_uplink": {"FPort": 9}}', handled=True),
    "long answer": HugeBody(300_000),
    "dripping answer": Drip(2000.0, body=200),
}
"""At a destination over HTTP, by name."""

FINE: Final = frozenset(
    {
        *("slow", "201", "202", "204", "299", "long answer", "dripping answer", "twice acknowledged"),
        *("a downlink as answer", "the document as answer"),
    }
)
"""Those that are none: the delivery was taken, and is not tried again. After each other one it is."""

LINKS: Final[Mapping[str, Action]] = {
    "closed": Close(),
    "reset": Close(reset=True),
    "taken and closed": Close(handled=True),
    "taken over": TakeOver(),
    "garbage": Garbage(),
    "twice acknowledged": RepeatPuback(2),
}
"""At a link over MQTT, by name: in the middle of a message."""

SHARED: Final = frozenset({"widgelix", "mqtt", "mqtts"})
"""Where all worlds deliver to one place."""


def status_of(kind: str) -> int | None:
    """The status that a delivery over HTTP is answered with; None where no answer comes, or none that is whole."""
    action = FAULTS.get(kind)
    return action.code if isinstance(action, Status | Redirect) else None


def faults_of(to: str) -> Mapping[str, Action]:
    """The faults of a connector, by name; none over REST, where nothing names a device."""
    if to in ("mqtt", "mqtts", "broker"):
        return LINKS
    return {} if to == "rest" else FAULTS
