"""The port of hostName says how ThingsBoard is reached; a domain that the user registered there is such a host."""

from functools import partial
from operator import eq
from typing import Any

import pytest

from uplab.scenarios import Lab, LabDevice, epoch_ms
from uplab.scenarios.lab.false_hosts import FALSE_HOSTS, FalseHosts
from uplab.scenarios.suites.common.destination import events_of
from uplab.scenarios.suites.thingsboard.account import Account
from uplab.scenarios.suites.thingsboard.conftest import TELEMETRY

pytestmark = pytest.mark.needs("thingsboard", "api")


def values(account: Account, device: LabDevice) -> list[tuple[int, Any]]:
    """The temperatures that ThingsBoard has of a device, oldest first; none of a device that it does not know."""
    return account.history(device.dev_eui, "temperature") if account.device(device.dev_eui) else []


@pytest.mark.usefixtures("over_mqtt")
@pytest.mark.requirement("TB-07")
def test_port_8883_is_mqtt_over_tls(lab: Lab, body: dict[str, Any], devices: list[LabDevice]) -> None:
    """With port 8883 the connection opens over TLS, the certificate verified for the host, and delivers."""
    body["configuration"]["hostName"] = "thingsboard.cloud:8883"
    connection = lab.connect(body, TELEMETRY, *devices)

    sent = [device.send() for device in devices]
    lab.await_delivery(sent, connection.route)

    lab.judge_telemetry(sent, connection)


@pytest.mark.usefixtures("over_mqtt")
@pytest.mark.parametrize("host", FALSE_HOSTS)
@pytest.mark.requirement("TB-07", "HTTP-18")
def test_port_8883_refuses_an_untrusted_certificate(
    lab: Lab, body: dict[str, Any], device: LabDevice, host: str
) -> None:
    """A host that cannot prove who it is gets no credentials; the connection does not open, and no login has failed."""
    body["configuration"]["hostName"] = f"{host}:8883"
    connection = lab.connect(body, TELEMETRY, device, state=None)

    if lab.profile.features.states:
        state = connection.wait_for_state("UNREACHABLE", "CLOSED", "AUTHENTICATION_FAILED", "OPENED")
        lab.expect("the connection does not open", state in ("UNREACHABLE", "CLOSED"), state)
    lab.barrier(device)  # gives whoever would send there the time to
    met = [e for e in lab.history.events if e.hop == "destination.arrived" and e.facts["fake"] == FalseHosts.name]
    lab.expect("nothing is sent to it", not met, f"{len(met)} messages")


@pytest.mark.needs("drivers")
@pytest.mark.requirement("TB-07", "TB-15")
def test_port_443_is_rest(lab: Lab, body: dict[str, Any], devices: list[LabDevice], account: Account) -> None:
    """With port 443 the values reach ThingsBoard over its REST API, with the user's own account."""
    if lab.profile.choices.thingsboard_transport == "mqtt":
        pytest.skip("the profile's ThingsBoard transport is MQTT only")
    body["configuration"]["hostName"] = "thingsboard.cloud:443"
    lab.connect(body, TELEMETRY, *devices)

    sent = [device.send() for _ in range(2) for device in devices]

    for device in devices:
        wanted = [(epoch_ms(one.time), one.readings.temperature_c) for one in sent if one.dev_eui == device.dev_eui]

        lab.poll(partial(values, account, device), partial(eq, wanted), awaited=f"the values of {device.dev_eui}")


@pytest.mark.needs("drivers", "events")
@pytest.mark.requirement("TB-16")
def test_expired_rest_session_is_renewed_without_loss(
    lab: Lab, body: dict[str, Any], device: LabDevice, account: Account
) -> None:
    """A token that ThingsBoard no longer takes leads to a new login; the uplink that met it arrives, once."""
    if lab.profile.choices.thingsboard_transport == "mqtt":
        pytest.skip("the profile's ThingsBoard transport is MQTT only")
    body["configuration"]["hostName"] = "thingsboard.cloud:443"
    connection = lab.connect(body, TELEMETRY, device)

    sent = [device.send(temperature_c=19.5)]
    wanted = [(epoch_ms(one.time), one.readings.temperature_c) for one in sent]
    lab.poll(partial(values, account, device), bool, awaited="the first value")
    lab.loop.call(lab.thingsboard.tokens.clear)
    sent.append(device.send(temperature_c=20.5))
    wanted.append((epoch_ms(sent[1].time), 20.5))

    again = Account(lab.browser)
    lab.poll(partial(values, again, device), partial(eq, wanted), awaited=f"the values {wanted}")
    lost = [event for event in events_of(lab, connection) if "lost" in str(event.get("type", "")).lower()]
    lab.expect("nothing is told as lost", not lost, lost)


@pytest.mark.needs("states")
@pytest.mark.requirement("TB-02")
def test_registered_domain_is_accepted_as_host_name(lab: Lab, body: dict[str, Any], account: Account) -> None:
    """Home, Domain, Register domain: the name that is registered there, with a port, leads to OPENED."""
    registered = account.ask("POST", "/api/domain", {"name": "thingsboard.cloud", "oauth2Enabled": False})
    lab.expect(
        "ThingsBoard registers the domain", registered.status_code == 200, registered.text[:200], hop="ThingsBoard"
    )
    found = account.ask("GET", "/api/domain/infos", pageSize="10", page="0").json()["data"]
    names = [one["name"] for one in found]
    lab.expect("the domain is found there", names == ["thingsboard.cloud"], names, hop="ThingsBoard")

    body["configuration"]["hostName"] = f"{names[0]}:{body['configuration']['hostName'].partition(':')[2]}"
    connection = lab.connect(body, TELEMETRY)
    lab.expect("the connection is OPENED", connection.read()["state"] == "OPENED", connection.read()["state"])
