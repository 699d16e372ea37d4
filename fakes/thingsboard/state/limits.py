"""Rate limits as ThingsBoard's tenant profiles have them: `100:1,2000:60` is 100 in a second and 2,000 in a minute.

Each pair is a bucket that fills evenly (TbRateLimits); a message that any bucket has no room for is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Final

__all__ = ["RateLimitError", "RateLimits", "parse_limit"]

_Pairs = tuple[tuple[int, int], ...]  # (how many, in how many seconds)
_MOST_ENTITIES: Final = 100_000


class RateLimitError(ValueError):
    """A rate limit that cannot be read; the message says how it is written."""


def parse_limit(text: str) -> _Pairs:
    """The pairs of a limit, none for an empty text; raises RateLimitError."""
    try:
        pairs = tuple((int(count), int(seconds)) for count, seconds in (one.split(":") for one in text.split(",")))
    except ValueError:
        pairs = ((0, 0),)
    if not text:
        return ()
    if any(count < 1 or seconds < 1 for count, seconds in pairs):
        raise RateLimitError(f"a rate limit is written COUNT:SECONDS[,COUNT:SECONDS...], such as 100:1, not {text!r}")
    return pairs


class _Buckets:
    """The buckets of one device or tenant."""

    __slots__ = ("_filled_ms", "_levels", "_pairs")

    def __init__(self, pairs: _Pairs, now_ms: int) -> None:
        self._pairs = pairs
        self._levels = [float(count) for count, _ in pairs]
        self._filled_ms = now_ms

    def take(self, amount: int, now_ms: int) -> bool:
        passed_ms, self._filled_ms = max(0, now_ms - self._filled_ms), now_ms
        levels = self._levels
        for place, (count, seconds) in enumerate(self._pairs):
            levels[place] = min(float(count), levels[place] + passed_ms * count / (seconds * 1000))
        if min(levels) < amount:
            return False
        self._levels = [level - amount for level in levels]
        return True


@dataclass(slots=True)
class RateLimits:
    """The limits of one fake, all off by default; each is a text as the module says.

    Devices and gateways are counted one by one: all their messages but telemetry, their telemetry messages, and the
    data points in these. `gateway_device_...` counts what a gateway brings for one device. `rest` counts the requests
    of one tenant.
    """

    device_messages: str = ""
    device_telemetry: str = ""
    device_points: str = ""
    gateway_messages: str = ""
    gateway_telemetry: str = ""
    gateway_points: str = ""
    gateway_device_messages: str = ""
    gateway_device_telemetry: str = ""
    gateway_device_points: str = ""
    connections: str = ""
    rest: str = ""
    _pairs: dict[str, _Pairs] = field(default_factory=dict)
    _buckets: dict[tuple[str, str], _Buckets] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._pairs = {name: pairs for name in self.names() if (pairs := parse_limit(getattr(self, name)))}

    @classmethod
    def names(cls) -> list[str]:
        """What can be limited."""
        return [one.name for one in fields(cls) if not one.name.startswith("_")]

    @property
    def off(self) -> bool:
        """Whether nothing at all is limited; whoever has many messages asks this first."""
        return not self._pairs

    def change(self, name: str, text: str) -> None:
        """Set one limit anew; raises RateLimitError, also for a name that is none."""
        if name not in self.names():
            raise RateLimitError(f"there is no rate limit {name}; there are {', '.join(self.names())}")
        pairs = parse_limit(text)
        setattr(self, name, text)
        self._pairs.pop(name, None)
        if pairs:
            self._pairs[name] = pairs
        self._buckets = {key: one for key, one in self._buckets.items() if key[0] != name}

    def allow(self, name: str, entity: str, now: Callable[[], int], amount: int = 1) -> bool:
        """Count something against one entity's limit; whether there is room."""
        pairs = self._pairs.get(name)
        if pairs is None:
            return True
        buckets = self._buckets.get((name, entity))
        if buckets is None:
            if len(self._buckets) >= _MOST_ENTITIES:
                self._buckets.clear()
            buckets = self._buckets[name, entity] = _Buckets(pairs, now())
        return buckets.take(amount, now())

    def allow_message(self, kind: str, entity: str, now: Callable[[], int], points: int) -> bool:
        """The same for a message of a `device`, `gateway` or `gateway_device`; points mean that it is telemetry."""
        if not points:
            return self.allow(f"{kind}_messages", entity, now)
        return self.allow(f"{kind}_telemetry", entity, now) and self.allow(f"{kind}_points", entity, now, points)

    def told(self, kind: str) -> dict[str, str | None]:
        """The limits of a kind as a session is told them."""
        return {
            "messages": getattr(self, f"{kind}_messages") or None,
            "telemetryMessages": getattr(self, f"{kind}_telemetry") or None,
            "telemetryDataPoints": getattr(self, f"{kind}_points") or None,
        }
