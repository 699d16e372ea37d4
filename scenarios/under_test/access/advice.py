"""What to try where the way to a forwarder elsewhere is shut, by the words of TLS and of proxies."""

from __future__ import annotations

__all__ = ["advice_for"]

_ADVICE = (
    (
        ("hostname mismatch", "ip address mismatch", "not valid for"),
        "its certificate is for another name: ask it by the name that stands in it",
    ),
    (
        ("certificate verify failed", "certificate_verify_failed", "certificateerror"),
        "its certificate is of an authority that is not known here: name that, with --forwarder-authority FILE",
    ),
    (
        ("certificate required", "certificate_required", "handshake failure", "bad certificate", "alert unknown ca"),
        "it asks for a client certificate of its own authority: --forwarder-certificate FILE, and --forwarder-key FILE",
    ),
    (("proxy",), "compare --forwarder-proxy with that of this network, and who may go through it to where"),
)


def advice_for(happened: str) -> str | None:
    """What its keeper or ours may change; None where the words tell of no such thing."""
    said = happened.lower()
    return next((advice for words, advice in _ADVICE if any(word in said for word in words)), None)
