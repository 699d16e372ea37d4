"""The witness of a barrier: a destination of the lab's own, reached by a connector that the forwarder has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from uplab.scenarios.checks import checks
from uplab.scenarios.checks.checks import Route
from uplab.scenarios.checks.verdict import CheckUnknown, Verdict
from uplab.scenarios.history.history import Event
from uplab.scenarios.history.identity import epoch_ms
from uplab.scenarios.lab.addresses import BROKER_ACCOUNTS, BROKER_HOST, THINGSBOARD_PORTS, WITNESS_HOST
from uplab.scenarios.lab.device import Sent
from uplab.scenarios.under_test.profile import Profile

__all__ = [
    "THINGSBOARDS",
    "THINGSBOARD_WITNESS",
    "AnyPath",
    "brings",
    "broker_body",
    "no_downlink_seen",
    "not_seen",
    "queued_for",
    "witness_for",
    "witness_routes",
]

THINGSBOARD_WITNESS = "ThingsBoard witness"  # the fake that answers there
THINGSBOARDS = ("thingsboard", THINGSBOARD_WITNESS)
"""The fakes to which values come, and no documents."""

_PROVES = {"witness": "HTTP-12.a", THINGSBOARD_WITNESS: "TB-12.b"}  # of others the scenario's own clause
PROMISE = "a later uplink of each device reaches a witness, so that nothing of before is still on its way"


@dataclass(frozen=True, slots=True)
class AnyPath(Route):
    """A fake whose addresses name devices that it numbers itself, as ThingsBoard's do over REST.

    What arrives there names no DevEUI, so its lines have no id: an uplink is known by its time alone.
    """

    def takes(self, facts: Mapping[str, Any]) -> bool:
        """Whether it came to this fake."""
        return facts.get("fake") == self.fake


def witness_for(profile: Profile, number: int) -> tuple[dict[str, Any], Route]:
    """The body of a connection to the witness, and where its uplinks arrive.

    Over HTTP where the profile has it, else a second ThingsBoard, by the transport of the profile, else a topic of the
    broker. CheckUnknown where it has none of them: Widgelix is one service at one address, so that nothing else can be
    told from it.
    """
    if profile.features.http:
        path = f"/witness-{number}"
        return _body("actility-http-iot", destinationURL=f"http://{WITNESS_HOST}{path}"), Route("witness", path)
    if profile.features.mqtt and not profile.features.thingsboard:
        topic = f"uplab/witness-{number}"
        body = broker_body(uplinkTopicPattern=f"{topic}/{{DevEUI}}", downlinkTopicPattern=f"{topic}/downlink")
        return {**body, "name": "uplab witness"}, Route("broker", f"{topic}/+")
    if not profile.features.thingsboard:
        raise CheckUnknown(
            "a witness needs the connector http, thingsboard or mqtt, and the profile declares none of them"
        )
    usual = profile.choices.transports[0]
    account = {"username": "tenant@thingsboard.org", "password": "tenant"}
    body = _body("actility-thingsboard-iot", hostName=f"{WITNESS_HOST}:{THINGSBOARD_PORTS[usual]}", **account)
    over_rest, over_mqtt = AnyPath(THINGSBOARD_WITNESS, "REST"), Route(THINGSBOARD_WITNESS, "v1/gateway/telemetry")
    return body, over_rest if usual == "rest" else over_mqtt


def witness_routes(profile: Profile, count: int) -> list[Route]:
    """Where the uplinks of so many witnesses arrive; none where the profile has no connector for one."""
    features = profile.features
    there = count if features.http or features.mqtt or features.thingsboard else 0
    return [witness_for(profile, number)[1] for number in range(1, there + 1)]


def broker_body(**configuration: Any) -> dict[str, Any]:
    """The body of a connection to the lab's broker, with the topics of the document's example."""
    given = {
        "uplinkTopicPattern": "mqtt/things/{DevEUI}/uplink",
        "downlinkTopicPattern": "mqtt/things/{DevEUI}/downlink",
        "hostName": f"{BROKER_HOST}:1883",
        "protocol": "TCP",
        "username": "uplab",
        "password": BROKER_ACCOUNTS["uplab"]["password"],
        # A broker of the lab's own may be slower than the document's second, and a repetition is nobody's fault then.
        "actionTimeout": 10_000,
        "connectionTimeout": 10_000,
    }
    return {"connectorId": "actility-mqtt-iot", "name": "uplab broker", "configuration": given | configuration}


def not_seen(events: Sequence[Event], sent: Sequence[Sent], route: Route) -> Verdict | None:
    """What follows where the witness has not got all of these uplinks; None where it has.

    What the forwarder accepted is lost there as anywhere else; else it is unknown, because silence proves nothing.
    """
    if isinstance(route, AnyPath):
        missing = [one.id for one in sent if not any(brings(event, one, route) for event in events)]
        happened = f"never arrived: {', '.join(missing)}"
    else:
        lost = checks.none_lost(events, [one.id for one in sent], route)
        missing = [] if lost.outcome == "passed" else [one.id for one in sent]
        if lost.outcome == "failed":
            return replace(lost, requirement=_PROVES.get(route.fake))
        happened = lost.happened
    if not missing:
        return None
    happened = f"the barrier did not come through, so silence proves nothing: {happened}"
    return Verdict("barrier", "unknown", 0, PROMISE, happened, ids=tuple(missing))


def queued_for(dev_eui: str, mark: int, event: Event) -> bool:
    """Whether the network has been handed a downlink for this device, after a mark."""
    return event.hop == "network.downlink" and event.facts["dev_eui"] == dev_eui and event.seq > mark


def no_downlink_seen(status: int) -> Verdict:
    """What follows where the network has not been handed a later downlink, which the forwarder answered so."""
    promised = "a later downlink, to a device bound elsewhere, reaches the network"
    happened = f"the barrier did not come through, so silence proves nothing: it was answered with {status}"
    return Verdict("barrier", "unknown", 0, promised, happened)


def brings(event: Event, one: Sent, route: Route) -> bool:
    """Whether a request over REST carries the uplink's time in milliseconds."""
    here = event.hop == "destination.arrived" and route.takes(event.facts)
    return here and str(epoch_ms(one.time)).encode() in (event.raw or b"")


def _body(connector: str, **configuration: str) -> dict[str, Any]:
    return {"connectorId": connector, "name": "uplab witness", "configuration": configuration}
