"""The trace that a post begins, as a header of HTTP: W3C Trace Context, https://www.w3.org/TR/trace-context/."""

import hashlib

__all__ = ["traceparent"]

_VERSION, _SAMPLED = "00", "01"


def traceparent(body: bytes, attempt: int) -> str:
    """The value of the header: version, 32 digits of the trace, 16 of the span that posts, and that it is recorded.

    The trace follows from the document, so that it is the same when the document is posted again; the span from both.
    """
    trace = hashlib.sha256(b"trace " + body).hexdigest()[:32]
    span = hashlib.sha256(f"span {attempt} {trace}".encode()).hexdigest()[:16]
    return "-".join((_VERSION, trace, span, _SAMPLED))
