"""Numbers as ThingsBoard types and prints them: long, double, or a string when neither holds them exactly.

Rules of its JsonConverter: a whole number without a decimal point is a long; `42.0` is a double and `1e3` a long;
what exceeds 64 bits, or has more than 16 decimals, becomes a string.
"""

import re
from decimal import Decimal
from typing import Final

__all__ = ["LONG_MAX", "LONG_MIN", "double_text", "looks_numeric", "number"]

LONG_MIN: Final = -(1 << 63)
LONG_MAX: Final = (1 << 63) - 1
_MAX_DECIMALS = 16
_MAX_EXPONENT = 10_000  # Gson's own limit; BigDecimal would print as many digits
# Nothing is tried twice (`++`): a client decides how long the string is.
_PARSABLE: Final = re.compile(r"-?(?:\d++(?:\.\d++)?|\.\d++)")


def looks_numeric(text: str) -> bool:
    """Whether a string is cast to a number: digits, at most one point and a minus (commons-lang3 isParsable)."""
    return _PARSABLE.fullmatch(text) is not None


def number(text: str) -> int | float | str:
    """The value of a number by its spelling; raises ValueError for an exponent beyond 10,000."""
    value = Decimal(text)
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or abs(exponent) > max(_MAX_EXPONENT, len(text)):
        raise ValueError(f"number {text[:40]!r} is out of range")
    if _whole(digits, exponent) and not ("." in text and "e" not in text.lower()):
        fits = value.adjusted() <= 18 and LONG_MIN <= int(value) <= LONG_MAX
        return int(value) if fits else format(value, "f")
    return float(value) if -exponent <= _MAX_DECIMALS else format(value, "f")


def _whole(digits: tuple[int, ...], exponent: int) -> bool:
    return exponent >= 0 or not any(digits[exponent:])


def double_text(value: float) -> str:
    """A double as Java prints it: plain from 0.001 up to 10,000,000, else with an `E` (Double.toString)."""
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return format(Decimal(repr(value)), "f") if "e" in repr(value) else repr(value)
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    if not isinstance(exponent, int):
        return {"inf": "Infinity", "-inf": "-Infinity"}.get(repr(value), "NaN")
    text = "".join(map(str, digits))
    power = exponent + len(text) - 1
    return f"{'-' * sign}{text[0]}.{text[1:].rstrip('0') or '0'}E{power}"
