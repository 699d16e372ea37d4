"""The witness of a barrier: a destination of the lab's own, reached by a connector that the forwarder has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from uplab.scenarios.checks import checks
from uplab.scenarios.checks.checks import Route
from uplab.scenarios.checks.verdict import CheckUnknown
from uplab.scenarios.history.history import Event
from uplab.scenarios.history.identity import epoch_ms
from uplab.scenarios.lab.addresses import BROKER_ACCOUNTS, BROKER_HOST, WITNESS_HOST
from uplab.scenarios.lab.device import Sent
from uplab.scenarios.under_test.profile import Profile

__all__ = ["THINGSBOARD_WITNESS", "AnyPath", "brings", "broker_body", "not_seen", "witness_for"]

THINGSBOARD_WITNESS = "ThingsBoard witness"  # the fake that answers there


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
    rest = profile.choices.thingsboard_transport == "rest"
    account = {"username": "tenant@thingsboard.org", "password": "tenant"}
    body = _body("actility-thingsboard-iot", hostName=f"{WITNESS_HOST}:{443 if rest else 1883}", **account)
    return body, AnyPath(THINGSBOARD_WITNESS, "REST") if rest else Route(THINGSBOARD_WITNESS, "v1/gateway/telemetry")


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


def not_seen(events: Sequence[Event], sent: Sequence[Sent], route: Route) -> str | None:
    """What the witness has not got of these uplinks, in words; None where it has all."""
    if not isinstance(route, AnyPath):
        verdict = checks.none_lost(events, [one.id for one in sent], route)
        return None if verdict.outcome == "passed" else verdict.happened
    missing = [one.id for one in sent if not any(brings(event, one, route) for event in events)]
    return f"never arrived: {', '.join(missing)}" if missing else None


def brings(event: Event, one: Sent, route: Route) -> bool:
    """Whether a request over REST carries the uplink's time in milliseconds."""
    here = event.hop == "destination.arrived" and route.takes(event.facts)
    return here and str(epoch_ms(one.time)).encode() in (event.raw or b"")


def _body(connector: str, **configuration: str) -> dict[str, Any]:
    return {"connectorId": connector, "name": "uplab witness", "configuration": configuration}
