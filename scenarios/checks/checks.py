"""The checks: pure folds over a history to a verdict. None keeps more than a little state for each document.

The words are the design's: *accepted* is a 2xx of the forwarder, fully read; *delivered* is a 2xx of the destination,
fully written, or its PUBACK sent. What was accepted is delivered exactly once; what was refused, never; a repeat is
allowed only after an unclear answer of the destination.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from uplab.scenarios.checks.delivery import Delivery, Route, deliveries
from uplab.scenarios.checks.difference import difference, numbers, without_additions
from uplab.scenarios.checks.question import asked
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.history import Event
from uplab.scenarios.history.secrets import redact_text

__all__ = [
    "Delivery",
    "Route",
    "deliveries",
    "in_order",
    "none_lost",
    "none_twice",
    "right_headers",
    "right_place",
    "unaltered",
    "within",
]


def _outcomes(events: Iterable[Event]) -> dict[str, tuple[str, Event]]:
    """What the forwarder answered at its ingress, for each document."""
    return {id_: (e.facts["outcome"], e) for e in events if e.hop == "tunnel.answered" for id_ in e.ids}


def _devices(events: Iterable[Event]) -> dict[str, str]:
    """The DevEUI of each document."""
    return {
        i: str(e.facts.get("dev_eui")) for e in events if e.hop in ("device.sent", "network.document") for i in e.ids
    }


def _place(arrived: Event) -> str:
    """Where something arrived, as a reader knows it: the witness of a barrier is the report's control."""
    facts = arrived.facts
    name = "the control" if facts.get("fake") == "witness" else str(facts.get("fake"))
    return f"{name} {facts.get('topic') or facts.get('url')}"


def _how_lost(lost: Sequence[str], arrived: Collection[str]) -> str:
    never = [id_ for id_ in lost if id_ not in arrived]
    refused = [id_ for id_ in lost if id_ in arrived]
    parts = [f"{_some(never)} never arrived"] if never else []
    if refused:
        parts.append(f"{_some(refused)} arrived but was never answered with success while this was watched")
    return "; ".join(parts)


def _in_doubt(delivery: Delivery) -> str:
    count = delivery.arrived.doubt
    return (
        f"a document arrived at {_place(delivery.arrived)} that matches none still known; {count} older "
        f"{'one' if count == 1 else 'ones'} had to be forgotten, so whether a device sent it cannot be told"
    )


def _some(ids: Sequence[str], most: int = 5) -> str:
    shown = ", ".join(ids[:most])
    return shown + (f" and {len(ids) - most} more" if len(ids) > most else "")


@asked("none lost")
def none_lost(events: Sequence[Event], ids: Sequence[str], to: Route) -> Verdict:
    """Each document that the forwarder accepted was delivered; none that it refused was."""
    outcomes = _outcomes(events)
    attempts = deliveries(events, to)
    arrived = {id_: delivery for delivery in attempts for id_ in delivery.ids}
    delivered = {id_ for delivery in attempts if delivery.delivered for id_ in delivery.ids}
    told = {id_ for delivery in attempts if delivery.told for id_ in delivery.ids}
    accepted = [i for i in ids if i in outcomes and outcomes[i][0] == "accepted"]
    lost = [i for i in accepted if i not in told]
    leaked = [i for i in ids if i in delivered and i in outcomes and outcomes[i][0] == "refused"]
    unasked = [i for i in ids if i not in outcomes]
    promised = "each uplink that the forwarder accepted is delivered once, and none that it refused"
    if lost:
        # A destination that was made to fail did its part: then it is the forwarder that did not try again.
        made_to_fail = {event.facts["exchange"] for event in events if event.hop == "fault.delivered"}
        came = {i: arrived[i].arrived.facts for i in lost if i in arrived}
        unasked_for = [i for i, facts in came.items() if facts.get("qos") == 0]
        refusing = [i for i, facts in came.items() if facts.get("qos") != 0 and facts["exchange"] not in made_to_fail]
        hop = "destination" if len(refusing) == len(lost) else "forwarder"
        happened = f"{len(lost)} of {len(accepted)} accepted uplinks lost at {to}: {_how_lost(lost, arrived)}"
        elsewhere = sorted({_place(d.arrived) for d in deliveries(events) if set(d.ids) & set(lost)} - {str(to)})
        if elsewhere and hop == "forwarder":
            happened += f"; it did arrive at {_some(elsewhere)}"
        advice = "read the forwarder's log at the last hop of the timeline; is the device bound, the connection OPENED?"
        if unasked_for:
            happened += f"; {_some(unasked_for)} came with QoS 0, which no destination acknowledges"
            advice = "publish telemetry with QoS 1: its PUBACK is the delivery"
        return Verdict("none lost", "failed", len(ids), promised, happened, hop, advice, tuple(lost))
    if leaked:
        happened = f"refused at the ingress, yet delivered: {_some(leaked)}"
        return Verdict(
            "none lost",
            "failed",
            len(ids),
            promised,
            happened,
            "forwarder",
            "a refusal must have no effect",
            tuple(leaked),
        )
    if unasked or not ids:
        happened = f"no answer of the forwarder was seen for {_some(unasked)}" if unasked else "no uplink was sent"
        return Verdict(
            "none lost", "unknown", len(ids) - len(unasked), promised, happened, "tunnel", None, tuple(unasked)
        )
    if not accepted:
        answer = outcomes[ids[0]][1].facts
        happened = f"none of {len(ids)} uplinks was accepted: {answer.get('status')} {answer.get('reason')}"
        return Verdict(
            "none lost",
            "unknown",
            0,
            promised,
            happened,
            "forwarder",
            "does the ingress answer 2xx to a signed uplink?",
            tuple(ids),
        )
    return Verdict(
        "none lost",
        "passed",
        len(accepted),
        promised,
        f"{len(accepted)} of {len(accepted)} accepted uplinks delivered to {to}",
    )


@asked("none twice")
def none_twice(events: Sequence[Event], ids: Sequence[str], to: Route) -> Verdict:
    """No document arrives again after it was delivered, while an earlier attempt is still open, or within a message."""
    promised = "each uplink arrives once; again only after an answer that was lost or refused"
    last: dict[str, Delivery] = {}
    twice: list[str] = []
    for delivery in deliveries(events, to):
        for id_, times in Counter(delivery.ids).items():
            before = last.get(id_)
            if times > 1 or (before is not None and (before.delivered or _ended_after(before, delivery))):
                twice.append(id_)
            last[id_] = delivery
    seen = [i for i in ids if i in last]
    if twice:
        happened = (
            f"{len(twice)} arrived at {to} again, although delivered already or still under way: "
            f"{_some(list(dict.fromkeys(twice)))}"
        )
        advice = "is the queue entry removed before the next attempt, and are two workers reading the same queue?"
        return Verdict("none twice", "failed", len(seen), promised, happened, "forwarder", advice, tuple(twice))
    if not seen:
        return Verdict("none twice", "unknown", 0, promised, f"none of the {len(ids)} uplinks arrived at {to}")
    return Verdict("none twice", "passed", len(seen), promised, f"{len(seen)} uplinks, each once")


def _ended_after(before: Delivery, after: Delivery) -> bool:
    return before.answered is not None and before.answered.seq > after.arrived.seq


@asked("in order")
def in_order(events: Sequence[Event], ids: Sequence[str], to: Route) -> Verdict:
    """A device's next delivery starts after the previous one ended, and in the order in which the device sent.

    One message may carry several points of a device, in any order: each has its own ts, by which ThingsBoard keeps it.
    """
    promised = "the uplinks of one device arrive in the order in which it sent them, one after the other"
    place = {id_: index for index, id_ in enumerate(ids)}
    device = _devices(events)
    newest: dict[str, tuple[int, Delivery]] = {}
    wrong: list[str] = []
    examined = 0
    for delivery in deliveries(events, to):
        told = sorted({place[id_] for id_ in delivery.ids if id_ in place}) if delivery.delivered else []
        examined += len(told)
        last = {device.get(ids[at], ""): at for at in told}  # of each device in this message
        for at in told:
            id_, before = ids[at], newest.get(device.get(ids[at], ""))
            if before is not None and (before[0] > at or _ended_after(before[1], delivery)):
                wrong.append(
                    f"{id_} after {ids[before[0]]}" if before[0] > at else f"{id_} while {ids[before[0]]} was open"
                )
        for dev_eui, at in last.items():
            if dev_eui not in newest or newest[dev_eui][0] < at:
                newest[dev_eui] = (at, delivery)
    if wrong:
        first = wrong[0].split()[0]
        return Verdict(
            "in order",
            "failed",
            examined,
            promised,
            f"out of order at {to}: {_some(wrong)}",
            "forwarder",
            "one delivery at a time for each device",
            (first,),
        )
    if examined == 0:
        return Verdict("in order", "unknown", 0, promised, f"nothing was delivered to {to}")
    return Verdict("in order", "passed", examined, promised, f"{examined} deliveries in order")


@asked("unaltered")
def unaltered(events: Sequence[Event], ids: Sequence[str], to: Route) -> Verdict:
    """Each delivered document equals, as JSON, the one that the tunnel carried to the forwarder."""
    promised = "delivered unaltered; only downlinkUrl, payload, payloadDecodedError and the driver's id are added"
    judged = set(ids)
    sent = {event.ids[0]: event.raw for event in events if event.hop == "tunnel.sent" and event.ids}
    examined = 0
    arrivals = deliveries(events, to)
    for delivery in arrivals:
        raw = delivery.arrived.raw or b""
        if delivery.invented:
            happened = (
                f"a document arrived at {to} that no device sent: {redact_text(raw[:120].decode(errors='replace'))}"
            )
            return Verdict(
                "unaltered",
                "failed",
                examined + 1,
                promised,
                happened,
                "forwarder",
                "compare DevEUI, FCntUp and Time with the timeline",
            )
        for id_ in delivery.ids:
            if id_ not in judged or sent.get(id_) is None:
                continue
            examined += 1
            expected = without_additions(numbers(sent[id_] or b""))
            found = difference(expected, without_additions(numbers(raw)))
            if found:
                return Verdict(
                    "unaltered",
                    "failed",
                    examined,
                    promised,
                    f"{id_} was altered at {found}",
                    "forwarder",
                    "pass the document on as it came",
                    (id_,),
                )
    doubtful = next((delivery for delivery in arrivals if delivery.doubtful), None)
    if doubtful is not None:
        return Verdict("unaltered", "unknown", examined, promised, _in_doubt(doubtful))
    if examined == 0:
        return Verdict("unaltered", "unknown", 0, promised, f"none of the {len(ids)} uplinks arrived at {to}")
    return Verdict("unaltered", "passed", examined, promised, f"{examined} documents equal as JSON")


@asked("right place")
def right_place(events: Sequence[Event], ids: Sequence[str], to: Route, also: Sequence[Route] = ()) -> Verdict:
    """Documents arrive at their own destination and nowhere else."""
    promised = f"uplinks arrive at {to} and nowhere else"
    judged, allowed = set(ids), (to, *also)
    arrivals = deliveries(events)
    elsewhere = [d for d in arrivals if not any(route.takes(d.arrived.facts) for route in allowed)]
    wrong = [d for d in elsewhere if judged.intersection(d.ids) or d.invented]
    doubtful = next((d for d in elsewhere if d.doubtful), None)
    if wrong:
        first = wrong[0]
        where = (
            f"{first.arrived.facts.get('host', '')}{first.arrived.facts.get('url') or first.arrived.facts.get('topic')}"
        )
        what = _some([i for d in wrong for i in d.ids]) or "a document that no device sent"
        happened = f"{len(wrong)} arrived elsewhere, the first at {where}: {what}"
        return Verdict(
            "right place",
            "failed",
            len(arrivals),
            promised,
            happened,
            "forwarder",
            "which connections is the device bound to?",
            first.ids,
        )
    if doubtful is not None:
        return Verdict("right place", "unknown", len(arrivals), promised, _in_doubt(doubtful))
    if not arrivals:
        return Verdict("right place", "unknown", 0, promised, "nothing arrived anywhere")
    return Verdict("right place", "passed", len(arrivals), promised, f"{len(arrivals)} arrivals, none elsewhere")


@asked("right headers")
def right_headers(
    events: Sequence[Event], ids: Sequence[str], to: Route, expected: Mapping[str, Callable[[str], str]]
) -> Verdict:
    """Each delivery carries each expected header once, with exactly its value, which may depend on the DevEUI."""
    promised = "every configured header reaches the destination once, with exactly its value: " + ", ".join(expected)
    judged, device = set(ids), _devices(events)
    examined = 0
    for delivery in deliveries(events, to):
        for id_ in delivery.ids:
            if id_ not in judged:
                continue
            examined += 1
            for name, value_for in expected.items():
                got = [v for n, v in delivery.arrived.facts["headers"] if n.lower() == name.lower()]
                want = redact_text(value_for(device.get(id_, "")))
                if got != [want]:
                    seen = (
                        "was missing" if not got else f"was {got[0]!r}" if len(got) == 1 else f"came {len(got)} times"
                    )
                    happened = f"{name} of {id_} {seen}, expected {want!r}"
                    advice = "is the header configured on this connection, and its pattern resolved for this uplink?"
                    return Verdict("right headers", "failed", examined, promised, happened, "forwarder", advice, (id_,))
    if examined == 0:
        return Verdict("right headers", "unknown", 0, promised, f"none of the {len(ids)} uplinks arrived at {to}")
    return Verdict("right headers", "passed", examined, promised, f"{examined} deliveries with exactly these values")


@asked("within")
def within(events: Sequence[Event], ids: Sequence[str], to: Route, *, limit_s: float) -> Verdict:
    """Each accepted document arrives within the limit, counted from the forwarder's answer at its ingress."""
    promised = f"each accepted uplink arrives within {limit_s:g} s"
    judged = set(ids)
    accepted = {i: e for i, (outcome, e) in _outcomes(events).items() if outcome == "accepted" and i in judged}
    lateness_s = {
        i: d.arrived.monotonic_s - accepted[i].monotonic_s
        for d in reversed(deliveries(events, to))
        for i in d.ids
        if i in accepted
    }
    late = sorted((i for i, s in lateness_s.items() if s > limit_s), key=lambda i: -lateness_s[i])
    missing = [i for i in accepted if i not in lateness_s]
    if late or missing:
        happened = f"{late[0]} took {lateness_s[late[0]]:.2f} s" if late else f"{_some(missing)} never arrived"
        return Verdict(
            "within",
            "failed",
            len(accepted),
            promised,
            happened,
            "forwarder",
            "what else did the forwarder do meanwhile?",
            tuple(late or missing),
        )
    if not lateness_s:
        return Verdict("within", "unknown", 0, promised, "no uplink was accepted")
    return Verdict("within", "passed", len(lateness_s), promised, f"the slowest took {max(lateness_s.values()):.2f} s")
