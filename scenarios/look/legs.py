"""Which leg of an uplink's way is dead, by what was seen on the wire: one line with what to change. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from uplab.scenarios.under_test.access.advice import advice_for

__all__ = ["Leg", "Seen", "dead_leg", "refused_at_ingress"]


@dataclass(frozen=True, slots=True)
class Leg:
    """A leg that is dead, and what its keeper may change."""

    what: str
    advice: str

    def told(self) -> str:
        """For a reader of the terminal."""
        return f"no uplink comes through: {self.what}\n  to try    {self.advice}"


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of an uplink that was accepted, while it was waited for.

    `strange` says what was not recognised, `opened` how many connections came to any port of the lab, `broken` how many
    TLS handshakes were begun and not done, `alerts` why as far as clients said so, `requests` how many requests and
    messages came anywhere, `places` where else the uplink arrived.
    """

    arrived: bool = False
    strange: str | None = None
    strange_advice: str = ""
    places: Sequence[str] = ()
    opened: int = 0
    broken: int = 0
    alerts: Sequence[str] = ()
    requests: int = 0


def refused_at_ingress(status: int | None, reason: str, *, elsewhere: bool, auth: str) -> Leg:
    """Of an uplink that was not accepted: by its status, None where there was none."""
    option = "--forwarder-ingress" if elsewhere else "the `ingress` of the ready line"
    if status in (401, 403):
        what = f"the forwarder's ingress does not take this lab's {_SHOWN[auth]} ({status})"
        if auth == "token":
            return Leg(
                what, "compare UPLAB_AS_KEY and UPLAB_AS_ID with the forwarder's own; or ingress_auth in the profile"
            )
        return Leg(what, "compare UPLAB_INGRESS_SECRET with the forwarder's own, and ingress_auth in the profile")
    if status is None:
        advice = advice_for(reason) or f"compare {option} with where the forwarder listens"
        return Leg(f"the ingress gave no answer: {reason}", advice)
    if status in (404, 405, 410, 501) or 300 <= status < 400:
        return Leg(
            f"there is no ingress: POST was answered {status}", f"compare {option} with the forwarder's own path"
        )
    return Leg(
        f"the ingress refuses a right uplink: {status} {reason}"[:300].rstrip(),
        "the forwarder's log says why; CONTRACT.md, section 2, shows what is sent",
    )


_SHOWN = {"token": "token", "none": "request", "header": "header", "basic": "name and password"}


def dead_leg(seen: Seen, *, elsewhere: bool, authority: str) -> Leg | None:
    """The leg after the ingress that is dead; None where the uplink came through, or nothing can be told.

    `authority` is the file of the lab's certificate authority.
    """
    if seen.arrived:
        return None
    if seen.strange is not None:
        return Leg(seen.strange, seen.strange_advice)
    if seen.broken:
        why = f", the first said {seen.alerts[0]}" if seen.alerts else ", without a word"
        return Leg(
            f"the forwarder refuses the lab's certificate: {_counted(seen.broken, 'TLS handshake')} given up{why}",
            f"let it trust the lab's authority, {authority}",
        )
    if not seen.opened:
        advice = (
            "give it what `uplab environment` prints; --advertise-host must be an address of ours that it reaches"
            if elsewhere
            else "it must lead the documents' names to the addresses in UPLAB_RESOLVE; its log says what it tried"
        )
        return Leg("the uplink was accepted, and nothing reached any port of this lab", advice)
    if not seen.requests:
        return Leg(
            f"{_counted(seen.opened, 'connection')} came to this lab's ports, and no request on any",
            "does it speak HTTP where the connection says http, MQTT to a broker, and TLS where it is to?",
        )
    if seen.places:
        return Leg(
            f"the uplink arrived at {', '.join(seen.places)}, where it was not sent to", "which name leads there?"
        )
    return Leg(
        "the uplink was accepted and did not arrive",
        "is the device bound, the connection OPENED? The forwarder's log says what became of it",
    )


def _counted(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number} {what}s"
