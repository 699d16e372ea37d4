"""Headers that a connection may be configured with: names, values, patterns, a secret of the lab's own.

Sources: HTTP-05, HTTP-06, CONTRACT 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["HEADERS"]

HEADERS: Final[Mapping[str, dict[str, Any]]] = {
    "none": {},
    "literal": {"headers": {"X-Site": "BuildingA"}},
    "device": {"headers": {"X-Thing": "{DevEUI}"}},
    "device in text": {"headers": {"X-Key": "dev-{DevEUI}/v1", "X-Site": "B"}},
    "customer": {"headers": {"X-Customer": "{CustomerID}", "X-Thing": "{DevEUI}"}},
    "counter": {"headers": {"X-Count": "{FCntUp}", "X-Thing": "{DevEUI}"}},
    "counter and port": {"headers": {"X-Up": "{FCntUp}:{FPort}"}},
    "authorization": {"headers": {"Authorization": "Basic d29ybGQ6d2lkZQ==", "X-Site": "C"}},
    "own content type": {"headers": {"Content-Type": "application/json; charset=utf-8", "User-Agent": "plant/7"}},
    "accept": {"headers": {"Accept": "text/plain", "X-Empty": ""}},
    "long": {"headers": {"X-Long": "a1" * 1000}},
    "many": {"headers": {f"X-Part-{number}": f"value {number}" for number in range(12)}},
    "odd letters": {"headers": {"X-Odd": "a;b=c, \"d\" 'e' (f) <g> @h [i] ~"}},
    "secret": {"headers": {"Authorization": "secret:key", "X-Site": "D"}},
    "lists and blanks": {"headers": {"X-List": "a, b,c", "X-Blanks": "a  b   c", "x-small": "d"}},
    "pattern twice": {"headers": {"X-Twice": "{DevEUI}{DevEUI}", "X-Thing": "{DevEUI}"}},
}
"""By name: what they add to the configuration."""
