"""Looks for secrets in what a forwarder says: its answers with their headers, and what it sends on.

Its log, its events and its pages are looked at by the scenarios of COM-21. The answers of every scenario are looked at
when it has ended: a secret that stands in one is a leak, whatever the scenario was about.
"""

from collections.abc import Iterable, Iterator, Mapping

import orjson

from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.encoded import unpacked
from uplab.scenarios.history.history import Event
from uplab.scenarios.history.secrets import found_in, names_of, redact_text

__all__ = ["ACCOUNT_PASSWORD", "answers", "around", "is_login", "leaks", "said_in", "shown_by_the_way"]

_SAID = {
    "api.answered": "the answer {status} to {method} {path}",
    "downlink.posted": "the answer {status} to a downlink",
    "tunnel.answered": "the answer {status} of the ingress",
}
_SENT = {
    "destination.arrived": "a request to {host}",
    "destination.published": "a message on {topic}",
}
_SAID_OR_SENT = {**_SAID, **_SENT}
_OF_AN_ANSWER = ("headers", "answer", "reason")
ACCOUNT_PASSWORD = "the password of the ThingsBoard account"  # noqa: S105 - what people call it
_LOGIN = "/api/auth/login"
_AROUND = 70  # characters before and behind
_ADVICE = "a credential belongs in no text that leaves the forwarder; leave it out where this one is made"

Said = tuple[str, bytes]
"""Where something was said, in words, and what it was."""


def _at(events: Iterable[Event], places: Mapping[str, str]) -> Iterator[Said]:
    for event in events:
        if event.hop in places:
            place = places[event.hop].format_map(_Facts(event.facts))
            body = event.raw or b""
            yield place, (unpacked(body) or body) + b"\n" + orjson.dumps(_facts_said(event))


class _Facts(dict[str, object]):
    """What a place is made of; a fact that is not there leaves a gap, and no error."""

    def __missing__(self, key: str) -> str:
        return "?"


def _facts_said(event: Event) -> dict[str, object]:
    """What the forwarder has said of an event's facts: of an answer not what the lab has asked, nor where."""
    return {name: fact for name, fact in event.facts.items() if event.hop in _SENT or name in _OF_AN_ANSWER}


def answers(events: Iterable[Event]) -> list[Said]:
    """What API, ingress and downlink URLs have answered: bodies and headers."""
    return list(_at(events, _SAID))


def said_in(event: Event) -> list[Said]:
    """What the forwarder says in one line, be it an answer or what it sends to a destination."""
    return list(_at([event], _SAID_OR_SENT))


def around(text: str) -> str:
    """What stands around the first secret of a long text, with its placeholder."""
    hidden = redact_text(text)
    at = max(0, hidden.find("SECRET-" if "SECRET-" in hidden else "S-") - _AROUND)
    shown = hidden[at : at + 2 * _AROUND]
    return ("... " if at else "") + shown + (" ..." if len(hidden) > at + len(shown) else "")


def leaks(
    what: str, said: Iterable[Said], more: Mapping[str, str] | None = None, *, only_more: bool = False
) -> list[Verdict]:
    """One verdict for each secret that is known, and for those of `more`: it is not in `what`, as "the log".

    `more` are lab secrets by their names; `only_more` judges no other.
    """
    places: dict[str, list[str]] = {name: [] for name in ((more or {}) if only_more else names_of(more))}
    examined = 0
    for place, text in said:
        examined += 1
        for name in found_in(text, more):
            if name in places:
                places[name].append(place)
    return [
        Verdict(
            "leak",
            "failed" if found else "passed",
            examined,
            f"{name} is not in {what}",
            _told(name, found) if found else "not found",
            "forwarder" if found else None,
            _ADVICE if found else None,
        )
        for name, found in places.items()
    ]


def _told(name: str, places: list[str]) -> str:
    shown = "; ".join(dict.fromkeys(redact_text(place)[:300] for place in places[:3]))
    return f"{name} stands in {shown}" + (f", and {len(places) - 3} more" if len(places) > 3 else "")


def shown_by_the_way(events: Iterable[Event]) -> list[Verdict]:
    """A failed verdict for each secret of the user that an answer, or what went to a destination, has shown.

    A login is where the password of an account belongs.
    """
    said = [(is_login(event), one) for event in events for one in said_in(event)]
    shown = [one for login, one in said if not login]
    verdicts = leaks("what the forwarder says", shown) if shown else []
    if logins := [one for login, one in said if login]:
        verdicts += [one for one in leaks("a login", logins) if not one.promised.startswith(ACCOUNT_PASSWORD)]
    return [verdict.proving("COM-21") for verdict in verdicts if verdict.outcome == "failed"]


def is_login(event: Event) -> bool:
    """ThingsBoard's login over REST: there a connection's password belongs, as in the CONNECT of MQTT."""
    return event.hop == "destination.arrived" and str(event.facts.get("url")).partition("?")[0] == _LOGIN
