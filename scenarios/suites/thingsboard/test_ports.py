"""The port of hostName says how ThingsBoard is reached; a domain that the user registered there is such a host."""

import copy
from functools import partial
from typing import Any

import pytest

from uplab.fakes.faults import Always, Fault, RefuseSubscribe
from uplab.scenarios import Faults, Lab, LabDevice, ThingsBoardAccount, epoch_ms
from uplab.scenarios.lab.false_hosts import FALSE_HOSTS, FalseHosts
from uplab.scenarios.lab.witness import AnyPath
from uplab.scenarios.suites.common.destination import events_of, telling
from uplab.scenarios.suites.thingsboard.command import command_of
from uplab.scenarios.suites.thingsboard.conftest import TELEMETRY

pytestmark = pytest.mark.needs("thingsboard")

TOKENS_LIFE_MS = 9_000_000  # how long ThingsBoard takes a token, unless configured otherwise


def values(account: ThingsBoardAccount, device: LabDevice) -> list[tuple[int, Any]]:
    """The temperatures that ThingsBoard has of a device, oldest first; none of a device that it does not know."""
    return account.history(device.dev_eui, "temperature") if account.device(device.dev_eui) else []


@pytest.mark.delivery
@pytest.mark.needs("tls")
@pytest.mark.usefixtures("over_mqtt")
@pytest.mark.requirement("TB-07.a")
def test_port_8883_is_mqtt_over_tls(lab: Lab, body: dict[str, Any], devices: list[LabDevice]) -> None:
    """With port 8883 the connection opens over TLS, the certificate verified for the host, and delivers."""
    body["configuration"]["hostName"] = "thingsboard.cloud:8883"
    connection = lab.connect(body, TELEMETRY, *devices)

    sent = [device.send() for device in devices]
    lab.await_delivery(sent, connection.route)

    lab.judge_telemetry(sent, connection)


@pytest.mark.delivery
@pytest.mark.needs("tls")
@pytest.mark.usefixtures("over_mqtt")
@pytest.mark.parametrize("host", FALSE_HOSTS)
@pytest.mark.requirement("HTTP-18.c")
def test_port_8883_refuses_an_untrusted_certificate(
    lab: Lab, body: dict[str, Any], device: LabDevice, host: str
) -> None:
    """A host that cannot prove who it is gets no credentials; the connection does not open, and no login has failed."""
    body["configuration"]["hostName"] = f"{host}:8883"
    connection = lab.connect(body, TELEMETRY, device, state=None)

    if lab.profile.features.states:
        state = connection.wait_for_state("UNREACHABLE", "CLOSED", "AUTHENTICATION_FAILED", "OPENED")
        lab.expect_seen("the connection does not open", state, {"among": ("UNREACHABLE", "CLOSED")})
    lab.barrier(device)  # gives whoever would send there the time to
    met = [e for e in lab.history.events if e.hop == "destination.arrived" and e.facts["fake"] == FalseHosts.name]
    lab.expect_seen("nothing is sent to it", met, {"empty": True}, f"{len(met)} messages")


@pytest.mark.varies("regime")
@pytest.mark.needs("drivers", "tls")
@pytest.mark.requirement("TB-07.b")
def test_port_443_is_rest(
    lab: Lab, body: dict[str, Any], devices: list[LabDevice], account: ThingsBoardAccount
) -> None:
    """With port 443 the values reach ThingsBoard over its REST API, with the user's own account."""
    if "rest" not in lab.profile.choices.transports:
        pytest.skip("the profile's ThingsBoard transport is MQTT only")
    body["configuration"]["hostName"] = "thingsboard.cloud:443"
    lab.connect(body, TELEMETRY, *devices)

    sent = [device.send() for _ in range(2) for device in devices]

    for device in devices:
        wanted = [(epoch_ms(one.time), one.readings.temperature_c) for one in sent if one.dev_eui == device.dev_eui]

        lab.poll(partial(values, account, device), {"is": wanted}, awaited=f"the values of {device.dev_eui}")


@pytest.fixture
def over_rest(lab: Lab, body: dict[str, Any]) -> None:
    """The document's body at port 443; not applicable where the profile has MQTT alone."""
    if "rest" not in lab.profile.choices.transports:
        pytest.skip("the profile's ThingsBoard transport is MQTT only")
    body["configuration"]["hostName"] = "thingsboard.cloud:443"


def counted(account: ThingsBoardAccount, device: LabDevice) -> list[tuple[int, int]]:
    """Time and uplink counter of each uplink that ThingsBoard shows of a device, under any name that says FCntUp."""
    if not account.device(device.dev_eui):
        return []
    names = [name for name in account.latest(device.dev_eui) if "fcntup" in name.lower()]
    return [(ts, int(value)) for name in names[:1] for ts, value in account.history(device.dev_eui, name)]


@pytest.mark.delivery
@pytest.mark.needs("tls")
@pytest.mark.usefixtures("over_rest")
@pytest.mark.requirement("TB-07.b")
def test_each_uplink_is_told_over_rest_at_its_time(
    lab: Lab, body: dict[str, Any], devices: list[LabDevice], account: ThingsBoardAccount
) -> None:
    """With port 443 ThingsBoard shows each uplink at its Time, whatever values are told of it."""
    lab.connect(body, AnyPath("thingsboard", "REST"), *devices)

    sent = [device.send() for _ in range(2) for device in devices]

    for device in devices:
        wanted = [(epoch_ms(one.time), one.f_cnt) for one in sent if one.dev_eui == device.dev_eui]
        lab.poll(partial(counted, account, device), {"is": wanted}, awaited=f"the uplinks of {device.dev_eui}")


def expect_refused_login(
    lab: Lab, body: dict[str, Any], device: LabDevice, account: ThingsBoardAccount, *, proves: str
) -> None:
    """The connection is AUTHENTICATION_FAILED, an event tells of the account, and the device never appears."""
    connection = lab.connect(body, TELEMETRY, device, state=None)
    connection.wait_for_state("AUTHENTICATION_FAILED", proves=proves)
    if lab.profile.features.events:
        telling(lab, connection, among=("login", "account", "authentication", "password"), proves=proves)
    lab.barrier(device)
    state = connection.read()["state"]
    lab.expect_seen("the state stays AUTHENTICATION_FAILED", state, {"is": "AUTHENTICATION_FAILED"}, proves=proves)
    lab.expect_seen("nothing is delivered", values(account, device), {"is": []}, proves=proves)


@pytest.mark.needs("states")
@pytest.mark.usefixtures("over_rest")
@pytest.mark.needs("tls")
@pytest.mark.requirement("TB-08.c")
def test_wrong_password_over_rest_is_no_unreachable_host(
    lab: Lab, body: dict[str, Any], device: LabDevice, account: ThingsBoardAccount
) -> None:
    """ThingsBoard's 401 to the login is AUTHENTICATION_FAILED, as over MQTT."""
    body["configuration"]["password"] = lab.secrets.hex("wrong password over REST")
    expect_refused_login(lab, body, device, account, proves="TB-08.c")


@pytest.mark.needs("states")
@pytest.mark.usefixtures("over_rest")
@pytest.mark.needs("tls")
@pytest.mark.requirement("TB-18.e")
def test_disabled_account_over_rest_is_told_so(lab: Lab, body: dict[str, Any], device: LabDevice) -> None:
    """An account that was disabled is AUTHENTICATION_FAILED over REST too, though its password is right."""
    username = body["configuration"]["username"]
    account = ThingsBoardAccount(lab.browser, **lab.options.thingsboard_login)
    lab.loop.call(lambda: lab.thingsboard.set_account(username, enabled=False))
    try:
        connection = lab.connect(body, TELEMETRY, device, state=None)
        connection.wait_for_state("AUTHENTICATION_FAILED", proves="TB-18.e")
        if lab.profile.features.events:
            telling(lab, connection, among=("login", "account", "authentication", "password"), proves="TB-18.e")
    finally:
        lab.loop.call(lambda: lab.thingsboard.set_account(username, enabled=True))
    assert account.token


@pytest.mark.delivery
@pytest.mark.parametrize("host", FALSE_HOSTS)
@pytest.mark.usefixtures("over_rest")
@pytest.mark.needs("tls")
@pytest.mark.requirement("HTTP-18.d")
def test_port_443_refuses_an_untrusted_certificate(
    lab: Lab, body: dict[str, Any], device: LabDevice, host: str
) -> None:
    """Over REST too a host that cannot prove who it is gets no credentials, and the connection does not open."""
    body["configuration"]["hostName"] = f"{host}:443"
    connection = lab.connect(body, TELEMETRY, device, state=None)
    if lab.profile.features.states:
        state = connection.wait_for_state("UNREACHABLE", "CLOSED", "AUTHENTICATION_FAILED", "OPENED")
        lab.expect_seen("the connection does not open", state, {"among": ("UNREACHABLE", "CLOSED")})
    lab.barrier(device)
    met = [e for e in lab.history.events if e.hop == "destination.arrived" and e.facts["fake"] == FalseHosts.name]
    lab.expect_seen("nothing is sent to it", met, {"empty": True}, f"{len(met)} messages")


@pytest.mark.needs("downlinks", "events", "states", "drivers")
@pytest.mark.usefixtures("over_rest")
@pytest.mark.needs("tls")
@pytest.mark.requirement("TB-13.c")
@pytest.mark.needs("commands_https")
def test_command_over_rest_comes_or_its_absence_is_told(
    lab: Lab, body: dict[str, Any], device: LabDevice, account: ThingsBoardAccount
) -> None:
    """At port 443 a command reaches the device, or the connection's notice and an event say that none can."""
    connection = lab.connect(body, TELEMETRY, device)
    device.send()
    lab.poll(partial(values, account, device), bool, awaited="the first value")

    answer = account.rpc(device.dev_eui, *command_of(lab.profile, 5, "3e01"), two_way=True)
    device.send()
    shown = connection.read()
    if not device.received:
        notice = shown.get("notice")
        lab.expect_seen("the resource says that no command comes back", notice, {"empty": False}, shown)
        telling(lab, connection, among=("command", "way back", "downlink"))
        lab.expect_seen(
            "ThingsBoard is told so too",
            answer.status_code,
            {"least": 400},
            f"{answer.status_code} {answer.text[:200]}",
        )
    else:
        lab.expect_downlinks({device: [(5, "3e01")]}, [device])


@pytest.mark.needs("events", "states")
@pytest.mark.usefixtures("over_mqtt")
@pytest.mark.requirement("TB-13.d")
def test_refused_subscription_is_told(lab: Lab, faults: Faults, body: dict[str, Any], devices: list[LabDevice]) -> None:
    """A SUBACK that refuses the way back is told by the connection; uplinks go on, and nothing pretends otherwise."""
    faults.plan(Fault("refused", Always(), RefuseSubscribe()), at=lab.thingsboard)
    connection = lab.connect(body, TELEMETRY, *devices)
    faults.happened()
    telling(lab, connection, among=("command", "subscription", "downlink"))
    sent = [device.send() for device in devices]
    lab.await_delivery(sent, connection.route)
    lab.judge_telemetry(sent, connection)


@pytest.mark.needs("drivers", "events", "tls")
@pytest.mark.requirement("TB-16.c")
def test_expired_rest_session_is_renewed_without_loss(
    lab: Lab, body: dict[str, Any], device: LabDevice, account: ThingsBoardAccount
) -> None:
    """A token that ThingsBoard no longer takes leads to a new login; the uplink that met it arrives, once."""
    if "rest" not in lab.profile.choices.transports:
        pytest.skip("the profile's ThingsBoard transport is MQTT only")
    body["configuration"]["hostName"] = "thingsboard.cloud:443"
    connection = lab.connect(body, TELEMETRY, device)

    sent = [device.send(temperature_c=19.5)]
    wanted = [(epoch_ms(one.time), one.readings.temperature_c) for one in sent]
    lab.poll(partial(values, account, device), bool, awaited="the first value")
    lab.loop.call(lab.thingsboard.tokens.clear)
    sent.append(device.send(temperature_c=20.5))
    wanted.append((epoch_ms(sent[1].time), 20.5))

    again = ThingsBoardAccount(lab.browser, **lab.options.thingsboard_login)
    lab.poll(partial(values, again, device), {"is": wanted}, awaited=f"the values {wanted}")
    lost = [event for event in events_of(lab, connection) if "lost" in str(event.get("type", "")).lower()]
    lab.expect_seen("nothing is told as lost", lost, {"empty": True})


@pytest.mark.needs("drivers", "events")
@pytest.mark.usefixtures("over_rest")
@pytest.mark.needs("tls")
@pytest.mark.requirement("TB-16.d")
def test_connection_outlives_the_life_of_a_token(
    lab: Lab, body: dict[str, Any], device: LabDevice, account: ThingsBoardAccount
) -> None:
    """By ThingsBoard's clock 9,001 seconds pass between two uplinks: both stand in the history."""
    connection = lab.connect(body, TELEMETRY, device)
    sent = [device.send(temperature_c=19.5)]
    lab.poll(partial(values, account, device), bool, awaited="the first value")

    state = lab.thingsboard.state
    now = state.now
    lab.loop.call(lambda: setattr(state, "now", lambda: now() + TOKENS_LIFE_MS + 1_000))
    try:
        sent.append(device.send(temperature_c=20.5))
        wanted = [(epoch_ms(one.time), one.readings.temperature_c) for one in sent]
        again = ThingsBoardAccount(lab.browser, **lab.options.thingsboard_login)
        lab.poll(partial(values, again, device), {"is": wanted}, awaited=f"the values {wanted}")
    finally:
        lab.loop.call(lambda: setattr(state, "now", now))
    lost = [event for event in events_of(lab, connection) if "lost" in str(event.get("type", "")).lower()]
    lab.expect_seen("nothing is told as lost", lost, {"empty": True})


@pytest.mark.needs("states", "names")
@pytest.mark.requirement("TB-02.a", "TB-02.b")
def test_registered_domain_is_accepted_as_host_name(
    lab: Lab, body: dict[str, Any], account: ThingsBoardAccount
) -> None:
    """Home, Domain, Register domain: the name that is registered there, with a port, leads to OPENED."""
    registered = account.ask("POST", "/api/domain", {"name": "thingsboard.cloud", "oauth2Enabled": False})
    lab.expect_seen(
        "ThingsBoard registers the domain",
        registered.status_code,
        {"is": 200},
        registered.text[:200],
        hop="ThingsBoard",
    )
    found = account.ask("GET", "/api/domain/infos", pageSize="10", page="0").json()["data"]
    names = [one["name"] for one in found]
    lab.expect_seen("the domain is found there", names, {"is": ["thingsboard.cloud"]}, hop="ThingsBoard")

    body["configuration"]["hostName"] = f"{names[0]}:{body['configuration']['hostName'].partition(':')[2]}"
    connection = lab.connect(body, TELEMETRY, state=None)
    connection.wait_for_state("OPENED", timeout_s=lab.deadlines.opening_s, proves="TB-02.b")


@pytest.mark.usefixtures("over_rest")
@pytest.mark.needs("drivers", "tls")
@pytest.mark.requirement("TB-12.d")
def test_two_accounts_at_one_host_do_not_mix(
    lab: Lab, body: dict[str, Any], devices: list[LabDevice], account: ThingsBoardAccount
) -> None:
    """Two connections to one host, each with an account of another tenant: each device appears in its own alone."""
    login = {"username": f"{lab.named('other')}@uplab.test", "password": lab.secrets.hex("another tenant's password")}

    def settle() -> None:
        state = lab.thingsboard.state
        state.add_user(login["username"], login["password"], tenant=state.add_tenant("Another tenant"))

    lab.loop.call(settle)
    other = copy.deepcopy(body)
    other["configuration"] |= login
    lab.connect(body, TELEMETRY, devices[0])
    lab.connect(other, TELEMETRY, devices[1])
    accounts = {"the first": account, "the second": ThingsBoardAccount(lab.browser, **login)}

    devices[0].send()
    devices[1].send()

    def found() -> dict[str, list[str]]:
        names = {who: one.devices() for who, one in accounts.items()}
        return {d.dev_eui: [who for who in accounts if d.dev_eui in names[who]] for d in devices[:2]}

    lab.poll(found, lambda shown: all(shown.values()), awaited="both devices in ThingsBoard")
    wanted = {devices[0].dev_eui: ["the first"], devices[1].dev_eui: ["the second"]}
    lab.expect_seen("each device is its own account's", found(), {"is": wanted})


@pytest.mark.usefixtures("over_rest")
@pytest.mark.needs("drivers", "tls")
@pytest.mark.requirement("TB-14.d")
def test_device_that_was_deleted_is_made_again(
    lab: Lab, body: dict[str, Any], device: LabDevice, account: ThingsBoardAccount
) -> None:
    """Deleted in ThingsBoard between two uplinks: the next one makes the device again, and stands in it."""
    lab.connect(body, TELEMETRY, device)
    device.send()
    lab.poll(partial(values, account, device), bool, awaited="the first value")

    made = account.device(device.dev_eui) or {}
    gone = account.ask("DELETE", f"/api/device/{made['id']['id']}")
    lab.expect_seen("ThingsBoard deletes it", gone.status_code, {"is": 200}, gone.text[:200], hop="ThingsBoard")
    sent = device.send()

    wanted = [(epoch_ms(sent.time), sent.readings.temperature_c)]
    lab.poll(partial(values, account, device), {"is": wanted}, awaited=f"the value of the next uplink, {wanted}")
