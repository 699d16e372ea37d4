"""What goes wrong on the air: the network server drops what it must, and whatever it takes arrives once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from uplab.scenarios import Lab, LabConnection, LabDevice, OnTheAir, Route, ThingsBoardAccount, WidgelixAccount
from uplab.scenarios.checks import checks
from uplab.scenarios.lab.air.troubled import Troubled
from uplab.scenarios.lab.witness import AnyPath, broker_body
from uplab.scenarios.suites.air.drawn import CLAUSES, GROUPS, JOINS, drawn_device
from uplab.scenarios.suites.common.destination import connect_bin
from uplab.scenarios.suites.common.several import await_success
from uplab.scenarios.suites.widgelix.conftest import ROUTE as WIDGELIX
from uplab.scenarios.suites.widgelix.conftest import body_of
from uplab.simulator.lorawan.region import REGIONS
from uplab.simulator.thingpark.documents import epoch_ms

pytestmark = pytest.mark.needs("http", "api")

REST = AnyPath("thingsboard", "REST")
TELEMETRY = "/api/plugins/telemetry/DEVICE/"

ABROAD = ("rejoin", "counter-jumped", "burst", "gateway-cut-off", "duplicates")
"""What is sent to every destination: whoever tells copies by a counter, or drops what is older, loses it there."""


def await_taken(lab: Lab, happened: list[Troubled], *to: Route) -> None:
    """Waits until every frame that the network server took, and the forwarder accepted, was taken at each place."""
    taken = [frame for one in happened for frame in one.frames if frame.outcome == "accepted"]
    await_success(lab, taken, *to)


@pytest.mark.parametrize(
    "group",
    [
        pytest.param("counters", marks=pytest.mark.requirement("AIR-01.a", "AIR-02.a")),
        pytest.param("keys", marks=pytest.mark.requirement("AIR-01.b")),
        pytest.param("joins", marks=pytest.mark.requirement("AIR-01.c", "AIR-02.b")),
        pytest.param("radio", marks=pytest.mark.requirement("AIR-01.d", "AIR-02.c")),
        pytest.param("gateways", marks=pytest.mark.requirement("AIR-01.e", "AIR-02.d", "AIR-02.e")),
    ],
)
def test_what_goes_wrong_on_the_air_costs_no_other_uplink(lab: Lab, group: str) -> None:
    """Each happens to a device of its own, of any model and region: what is dropped stays away, the rest comes once."""
    names = [name for names in GROUPS[group].values() for name in names]
    devices = {name: drawn_device(lab, name) for name in names}
    connection = connect_bin(lab, f"/air-{group}", *devices.values())

    happened = [devices[name].trouble(name) for name in names]
    await_taken(lab, happened, connection.route)
    lab.barrier(*devices.values())

    for one in happened:
        name = one.trouble.name
        lab.expect_seen(
            f"{one.trouble.does}: the network server lets the device in {JOINS.get(name, 0)} times",
            one.joined,
            {"is": JOINS.get(name, 0)},
            hop="network",
            proves=CLAUSES[name],
        )
    asked = [OnTheAir(one.promised, one.fates, connection.route) for one in happened]
    verdicts = checks.judged(lab.history.events, asked)
    lab.judge(*(v.proving(CLAUSES[one.trouble.name]) for v, one in zip(verdicts, happened, strict=True)))


@pytest.mark.needs("flows")
@pytest.mark.varies("transport")
@pytest.mark.requirement("AIR-02.f")
def test_counters_and_late_uplinks_arrive_once_at_every_destination(lab: Lab) -> None:
    """A device that joins anew, sends in a burst or comes late: once at Widgelix, ThingsBoard and a broker too."""
    device = lab.device("elsys_ers", region=lab.upstream.stream("region").choice(sorted(REGIONS)))
    connections = [connect_bin(lab, "/air-abroad", device), *_abroad(lab, device)]
    if len(connections) == 1:
        pytest.skip(f"the profile {lab.profile.name} has no destination besides HTTP")

    happened = [device.trouble(name) for name in ABROAD]
    named = [one for one in connections if not isinstance(one.route, AnyPath)]
    for connection in named:
        await_taken(lab, happened, connection.route)
    lab.barrier(device)

    asked = [OnTheAir(one.promised, one.fates, c.route) for c in named for one in happened]
    lab.judge(*checks.judged(lab.history.events, asked))
    if len(named) < len(connections):
        _judge_rest(lab, device, happened)


def _judge_rest(lab: Lab, device: LabDevice, happened: list[Troubled]) -> None:
    """Over REST an address names no device, so that an uplink is known by its time alone: one device sends here."""
    frames = [frame for one in happened for frame in one.frames if frame.outcome == "accepted" and frame.taken]
    wanted = sorted(epoch_ms(frame.time) for frame in frames)

    def came() -> list[int]:
        arrived = [e for e in lab.history.events if e.hop == "destination.arrived" and REST.takes(e.facts)]
        posted = [point for e in arrived if TELEMETRY in str(e.facts.get("url")) for point in _points(e.raw)]
        return sorted(point["ts"] for point in posted if point.get("ts") in wanted)

    lab.poll(
        lambda: len(came()),
        {"least": len(wanted)},
        awaited="each uplink is posted to ThingsBoard",
        timeout_s=lab.deadlines.delivery_s,
    )
    lab.barrier(device)  # a copy would have come by now
    lab.expect_seen("each uplink is posted to ThingsBoard once, at its time", came(), {"is": wanted})


def _points(raw: bytes | None) -> list[dict[str, Any]]:
    """What a body of ThingsBoard's telemetry API holds, one point or a list of them."""
    body = json.loads(raw or b"[]")
    return body if isinstance(body, list) else [body]


def _abroad(lab: Lab, device: LabDevice) -> list[LabConnection]:
    """A connection of every other kind that the profile has."""
    features, made = lab.profile.features, []
    if features.widgelix:
        token = WidgelixAccount(lab.browser).add_device(device.dev_eui, device.name).access_token
        made.append(lab.connect(body_of(token), WIDGELIX, device))
    if features.thingsboard:
        account = ThingsBoardAccount(lab.browser, **lab.options.thingsboard_login)
        place = account.destination(lab.transport)
        made.append(lab.connect(place.body, place.route, device))
    if features.mqtt:
        made.append(lab.connect(broker_body(), Route("broker", "mqtt/things/+/uplink"), device))
    return made
