"""What the platform's operator decides for all connections."""

from dataclasses import dataclass
from enum import StrEnum

from uplab.simulator.forwarder.resolve import Endpoint

__all__ = ["WIDGELIX_URL", "Generation", "Platform"]

WIDGELIX_URL = "https://app.widgelix.com/v1/input-node/actility"


class Generation(StrEnum):
    """The three generations of HTTP failure semantics (Connector/HTTP page of 2021-12, 2022-09 and 2023-12)."""

    BLAME = "blame"
    STRICT_RESEND = "strict-resend"
    STRICT_CLOSE = "strict-close"


@dataclass(frozen=True, slots=True)
class Platform:
    """What the platform's operator decides for all connections."""

    widgelix_url: str = WIDGELIX_URL
    generation: Generation = Generation.BLAME
    mask_headers: bool = False
    own: frozenset[Endpoint] = frozenset()
    """Where this platform itself listens, by all its names and addresses: no destination may be there."""
