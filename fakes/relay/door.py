"""Who comes to a broker, and whoever decides what he may do there."""

from dataclasses import dataclass
from typing import Final, Protocol

__all__ = ["CODES_5", "Door", "Guest"]


@dataclass(frozen=True, slots=True)
class Guest:
    """Who speaks: by its CONNECT, and by the subject of its client certificate where it has shown one."""

    username: str | None
    client_id: str
    subject: str | None = None


class Door(Protocol):
    """Who may come in, and what they may do there."""

    def refusal(self, guest: Guest, password: bytes | None, /) -> int:
        """The return code of MQTT 3.1.1 with which a CONNECT is refused (4 or 5); 0 where it is let through."""

    def may_publish(self, guest: Guest, topic: str, /) -> bool:
        """Whether the guest may publish there."""

    def may_subscribe(self, guest: Guest, wanted: str, /) -> bool:
        """Whether the guest may have all that this filter takes in."""


CODES_5: Final = {1: 0x84, 2: 0x85, 3: 0x88, 4: 0x86, 5: 0x87}  # the return codes of 3.1.1 in MQTT 5
