"""A look before the first scenario: one uplink through the ingress to the lab, and what the API shows meanwhile.

Where no uplink can come through, no scenario can tell anything: one line says which leg is dead, and the run ends.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from uplab.scenarios.checks.checks import Route
from uplab.scenarios.checks.deliveries import ARRIVALS, place_of
from uplab.scenarios.checks.strangers import Strangers
from uplab.scenarios.checks.verdict import CheckFailed, CheckUnknown
from uplab.scenarios.history.history import Event, of_hop
from uplab.scenarios.history.identity import find_report
from uplab.scenarios.lab.witness import AnyPath, brings
from uplab.scenarios.look.compared import Shown, compared
from uplab.scenarios.look.legs import Leg, Seen, dead_leg, refused_at_ingress
from uplab.scenarios.under_test.access.pace import TooManyError
from uplab.scenarios.under_test.answer import NoAnswerError
from uplab.scenarios.under_test.probe import TokenRefusedError
from uplab.scenarios.under_test.ways.reach import NotApplicableError

if TYPE_CHECKING:
    from uplab.scenarios.lab.connection import LabConnection
    from uplab.scenarios.lab.device import Sent
    from uplab.scenarios.lab.lab import Lab

__all__ = ["LookError", "first_look", "shown_of"]

NAME = "first look"
_PART_S = 0.25  # how often it is asked whether a handshake was given up: no line of the history says so
_PARTS = ("events", "metrics")
_TLS = "/first-look"


class LookError(Exception):
    """No uplink comes through to the lab; the text says where its way ends, and what to try."""


def first_look(lab: Lab, file: Path) -> list[str]:
    """Says in a line each where profile and wire differ; LookError where a leg is dead.

    Its history goes to `file`. Nothing is looked at where the profile has no connection that the lab could make.
    """
    features = lab.profile.features
    if not (features.http or features.thingsboard or features.mqtt):
        return []
    with lab.history.scenario(file):
        lab.look_on()
        lab.begin(NAME)
        try:
            return _look(lab)
        except LookError:
            raise
        except NotApplicableError:
            return []
        except (TokenRefusedError, TooManyError) as error:
            raise LookError(str(error)) from None
        except (CheckFailed, CheckUnknown, NoAnswerError) as error:
            raise LookError(_unmade(error, lab.profile.connections).told()) from None
        finally:
            lab.end()
            lab.look_back()  # what a look breaks is no scenario's; that it comes again later is seen later
            lab.verdicts = []


def _unmade(error: Exception, way: str) -> Leg:
    """A connection that cannot be made, bound or opened: its first line says what was answered."""
    told = [line.removeprefix("  happened:").strip() for line in str(error).splitlines() if "happened:" in line]
    what = told[0] if told else str(error).partition("\n")[0]
    if way != "api":
        advice = "CONTRACT.md, section 8, says what a command is given and what UPLAB_CONNECTIONS holds"
        return Leg(f"the connection to this lab does not come to be: {what}", advice)
    return Leg(
        f"the API makes no connection to this lab: {what}",
        "CONTRACT.md, section 3, shows what is asked; features that are not there are left away in the profile",
    )


def _look(lab: Lab) -> list[str]:
    elsewhere = lab.options.command is None
    device = lab.device()
    witness = lab.connect_witness(device)
    over_tls = _tls_connection(lab, device)
    opened, broken = lab.downstream.opened, lab.downstream.handshakes.broken
    sent = device.send()
    if sent.outcome != "accepted":
        auth = lab.profile.choices.ingress_auth
        raise LookError(refused_at_ingress(sent.status, sent.reason, elsewhere=elsewhere, auth=auth).told())
    seen = _await(lab, sent, witness.route, opened, broken)
    if not seen.arrived and not (seen.strange or seen.broken):  # one uplink may be lost: that is for scenarios to judge
        sent = device.send()
        seen = _await(lab, sent, witness.route, opened, broken)
    authority = str((lab.options.authority or lab.ca_file).resolve())
    leg = dead_leg(seen, elsewhere=elsewhere, authority=authority)
    if leg is None and over_tls is not None:
        leg = _tls_leg(lab, sent, over_tls, broken, authority=authority, elsewhere=elsewhere)
    if leg is not None:
        raise LookError(leg.told())
    if not lab.profile.features.api:
        return []  # nothing shows more than what arrives
    return [*compared(lab.profile, shown_of(lab, sent, witness)), *_back(lab, device.dev_eui, witness)]


def _tls_connection(lab: Lab, device: Any) -> LabConnection | None:
    """Most scenarios deliver over TLS, so that a forwarder for HTTP is asked to do so at once."""
    if not lab.profile.features.http or "tls" in lab.options.withheld:
        return None
    body = {
        "connectorId": "actility-http-iot",
        "name": "uplab first look",
        "configuration": {"destinationURL": f"https://posthere.io{_TLS}"},
    }
    try:
        return lab.connect(body, Route("posthere", _TLS), device)
    except NotApplicableError:  # of a fixed set it may be none
        return None


def _await(lab: Lab, sent: Sent, route: Route, opened: int, broken: int) -> Seen:
    """Waits for the uplink, as long as the profile gives a delivery, or until it is clear that it will not come."""
    deadline = time.monotonic() + lab.deadlines.delivery_s
    strangers = _Here(lab, sent, route)
    while not strangers.arrived and time.monotonic() < deadline:
        lab.history.wait_for(strangers.see, timeout_s=_PART_S)
        if strangers.found.count or _refused(lab, broken):
            threading.Event().wait(lab.profile.settle_s)  # what is under way may still be the uplink
            lab.history.wait_for(strangers.see, timeout_s=_PART_S)
            break
    strange = strangers.found.told()
    return Seen(
        arrived=strangers.arrived,
        strange=strange.happened if strange else None,
        strange_advice=strange.advice if strange else "",
        places=strangers.places,
        opened=lab.downstream.opened - opened,
        broken=lab.downstream.handshakes.broken - broken,
        alerts=lab.downstream.handshakes.alerts,
        requests=strangers.requests,
    )


class _Here:
    """Looks at each line once."""

    def __init__(self, lab: Lab, sent: Sent, route: Route) -> None:
        self._sent, self._route, self._seen = sent, route, 0
        pointers = lab.profile.format.pointers if lab.profile.format is not None else None
        self.found = Strangers(pointers)
        self.found.expect(sent.dev_eui)
        self.arrived = False
        self.requests = 0
        self.places: list[str] = []

    def see(self, event: Event) -> bool:
        """Whether there is something to think about."""
        if event.seq <= self._seen:
            return False
        self._seen = event.seq
        if event.hop not in ARRIVALS or not event.facts.get("delivery", True):
            return False
        self.requests += 1
        here = self._route.takes(event.facts)
        if here and (
            self._sent.id in event.ids or (isinstance(self._route, AnyPath) and brings(event, self._sent, self._route))
        ):
            self.arrived = True
        elif here and not event.ids and event.facts.get("complete", True) and not isinstance(self._route, AnyPath):
            self.found.see(event)
        elif not here and self._sent.id in event.ids:
            self.places.append(place_of(event))
        return self.arrived or self.found.count > 0


def _tls_leg(
    lab: Lab, sent: Sent, connection: LabConnection, broken: int, *, authority: str, elsewhere: bool
) -> Leg | None:
    """What was sent to the other connection: only a certificate that is refused is a dead leg."""
    deadline = time.monotonic() + lab.deadlines.delivery_s
    there = _Here(lab, sent, connection.route)
    while not (there.arrived or _refused(lab, broken)) and time.monotonic() < deadline:
        lab.history.wait_for(there.see, timeout_s=_PART_S)
    number = lab.downstream.handshakes.broken - broken
    if there.arrived or not number:
        return None
    seen = Seen(broken=number, alerts=lab.downstream.handshakes.alerts)
    return dead_leg(seen, elsewhere=elsewhere, authority=authority)


def _refused(lab: Lab, broken: int) -> bool:
    """Whether a client said why it gave a handshake up: one that says nothing may be late, and come again."""
    return lab.downstream.handshakes.broken > broken and bool(lab.downstream.handshakes.alerts)


def shown_of(lab: Lab, sent: Sent, witness: LabConnection) -> Shown:
    """What the API shows of the connection, where there is one, and how the uplink came."""
    if lab.profile.connections != "api":
        return Shown(delivered=next(_reports(lab, sent), None))
    read = lab.api.get(witness.id)
    with contextlib.suppress(ValueError, AttributeError):
        resource = dict(read.json()) if read.status_code == 200 else {}
        statuses = {}
        for part in _PARTS:
            statuses[part] = lab.api.request("GET", f"/connections/{witness.id}/{part}").status_code
        return Shown(resource, statuses, next(_reports(lab, sent), None))
    return Shown()


def _reports(lab: Lab, sent: Sent) -> Iterator[dict[str, Any]]:
    for event in of_hop(lab.history.events, "destination.arrived"):
        if sent.id in event.ids and lab.profile.format is None:
            with contextlib.suppress(orjson.JSONDecodeError):
                found = find_report(orjson.loads(event.raw or b""))
                if found is not None:
                    yield found[1]


def _back(lab: Lab, dev_eui: str, witness: LabConnection) -> list[str]:
    """One downlink, where the profile has them; a way back that is dead is said, and left to its scenarios."""
    if not lab.profile.features.downlinks:
        return []
    try:
        answer = lab.post_downlink(witness.downlink_url, {"DevEUI": dev_eui, "FPort": 5, "payload_hex": "00"})
    except (CheckFailed, NoAnswerError) as error:
        return [f"no downlink can be sent: {str(error).partition(chr(10))[0]}"]
    if not 200 <= answer.status_code < 300:
        return [f"a downlink was answered {answer.status_code}: does the forwarder reach UPLAB_NETWORK_URL?"]
    came = lab.history.wait_for(lambda event: event.hop == "network.downlink", timeout_s=lab.deadlines.downlink_s)
    return [] if came else ["a downlink was accepted, and nothing reached the network server at UPLAB_NETWORK_URL"]
