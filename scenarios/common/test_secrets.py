"""No secret in the log, in events, in error texts, nor in answers of the API; whatever goes wrong."""

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from fakes.faults import Always, Fault, Status
from scenarios.checks import Route
from scenarios.common.destination import attempt, connect_bin, events_of, http_body
from scenarios.connection import LabConnection
from scenarios.connector_document import example_body
from scenarios.device import LabDevice
from scenarios.faults.plan import Faults
from scenarios.history import Event
from scenarios.lab import Lab
from scenarios.secrets import is_canary, redact_text
from scenarios.verdict import CheckUnknown

pytestmark = pytest.mark.needs("http", "api")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Connections that hold secrets, after everything that can go wrong with them has."""

    connections: list[LabConnection]
    header: str
    hidden: dict[str, str]  # what nothing may ever show: its name and its value


@pytest.fixture
def trouble(lab: Lab, faults: Faults, device: LabDevice) -> Trouble:
    """A destination that answers 401 with the header in its text, refused bodies, a wrong password, wrong downlinks.

    Password and downlinks only where the forwarder has them.
    """
    # Given an HTTP connection with a header, and a secret that is given where it does not belong
    header, misplaced = lab.secrets.hex("header in trouble"), lab.secrets.hex("misplaced key")
    hidden = {"misplaced key": misplaced}
    faults.plan(Fault("unauthorised", Always(), Status(401, f"no: Bearer {header}".encode())))
    options: dict[str, Any] = {"headers": {"Authorization": f"Bearer {header}"}}
    if lab.profile.features.downlinks:
        hidden["AS key"] = options["downlinkAsKey"] = lab.secrets.hex("AS key in trouble")
    http = connect_bin(lab, "/trouble", device, **options)

    # When uplinks and bodies are refused
    device.send()
    faults.happened()
    lab.api.replace(
        http.id, http_body("/trouble", headers={"Authorization": {"Bearer": misplaced}}, password=misplaced)
    )
    attempt(lab, http_body("/trouble", headers={"Authorization": [misplaced]}))
    attempt(lab, http_body("/trouble", tiak=f"{misplaced}x"))
    connections = [http]
    if lab.profile.features.thingsboard:
        hidden["password"] = lab.secrets.hex("password in trouble")
        connections.append(log_in_with(lab, hidden["password"], device))
    if lab.profile.features.downlinks:
        attempt(lab, http_body("/trouble", downlinkAsKey=[hidden["AS key"]]))
        post_wrong_downlinks(lab, http, device, hidden["AS key"])
    return Trouble(connections, header, hidden)


def log_in_with(lab: Lab, password: str, device: LabDevice) -> LabConnection:
    """A ThingsBoard connection with a wrong password, after a body that has it in the wrong place."""
    body = copy.deepcopy(example_body("thingsboard.md"))
    account = {"username": "tenant@thingsboard.org", "password": password}
    body["configuration"] |= {"hostName": "thingsboard.cloud:1883", **account}
    attempt(lab, {**body, "configuration": {**account, "hostName": f"https://u:{password}@thingsboard.cloud"}})
    route = Route("thingsboard", "v1/gateway/telemetry")
    return lab.connect(body, route, device, state="AUTHENTICATION_FAILED")


def post_wrong_downlinks(lab: Lab, connection: LabConnection, device: LabDevice, key: str) -> None:
    """Downlinks that hold a key, in the right place and in wrong ones."""
    for downlink in ({"AS_KEY": key}, {"AS_KEY": [key]}, {"payload_hex": f"{key}x"}):
        whole = {"DevEUI": device.dev_eui, "FPort": 5, "payload_hex": "aa", **downlink}
        lab.post_downlink(connection.downlink_url, whole)


def log_text(lab: Lab) -> str:
    """The forwarder's log so far; secrets stand in it as placeholders. CheckUnknown where there is none to read."""
    path = lab.options.forwarder_log if lab.options.command is None else lab.forwarder.log
    if path is None or not path.exists():
        raise CheckUnknown("there is no log to look into: name it with --forwarder-log")
    return path.read_text(encoding="utf-8", errors="replace")


@pytest.mark.requirement("COM-21")
def test_no_secret_in_the_log(lab: Lab, device: LabDevice, trouble: Trouble) -> None:
    """Neither header values nor keys nor passwords stand in the forwarder's log, also not those of what failed."""
    lab.barrier(device)
    log = redact_text(log_text(lab))
    for name, secret in {"header": trouble.header, "tunnel's key": lab.as_key, **trouble.hidden}.items():
        found = [line for line in log.splitlines() if redact_text(secret) in line]
        lab.expect(f"the {name} is not in the log", not found, "; ".join(found[:3]) or "not found")


@pytest.mark.needs("events")
@pytest.mark.requirement("COM-21")
def test_no_secret_in_events(lab: Lab, trouble: Trouble) -> None:
    """The events of what failed name the cause without the secret, also where the destination echoed it."""
    for connection in trouble.connections:
        events = events_of(lab, connection)
        lab.expect("there are events to look into", bool(events), f"none of connection {connection.id}")
        leaks = [redact_text(str(event)) for event in events if is_canary(str(event))]
        lab.expect("no event holds a secret", not leaks, leaks[:3])


@pytest.mark.requirement("COM-21")
def test_no_secret_in_answers_and_error_texts(lab: Lab, trouble: Trouble) -> None:
    """No answer shows a key or a password, and no refusal repeats a header's value, wherever it was given."""
    expect_hidden(lab, trouble, trouble.hidden)
    refusals = [e for e in answers(lab) if e.hop == "api.answered" and e.facts["status"] >= 400]
    lab.expect("there are refusals to look into", len(refusals) >= 3, f"{len(refusals)}")
    echoes = [e for e in refusals if redact_text(trouble.header) in (e.raw or b"").decode(errors="replace")]
    lab.expect("no refusal repeats a header's value", not echoes, f"{len(echoes)} do")


@pytest.mark.needs("thingsboard")
@pytest.mark.requirement("TB-17")
def test_password_is_in_no_answer(lab: Lab, trouble: Trouble) -> None:
    """Neither the list nor the connection nor a refusal shows the password."""
    expect_hidden(lab, trouble, ["password"])


def answers(lab: Lab) -> list[Event]:
    """What the API and the downlink URL have answered."""
    return [e for e in lab.history.events if e.hop in ("api.answered", "downlink.posted")]


def expect_hidden(lab: Lab, trouble: Trouble, names: Iterable[str]) -> None:
    """No answer holds one of these secrets, nor do the list of connections and each of them."""
    lab.api.request("GET", "/connections")
    for connection in trouble.connections:
        connection.read()
    for name in names:
        placeholder = redact_text(trouble.hidden[name])
        leaks = [
            e
            for e in answers(lab)
            if placeholder in (e.raw or b"").decode(errors="replace") + str(e.facts.get("answer"))
        ]
        shown = [f"{e.facts.get('method')} {e.facts.get('path')} {e.facts['status']}" for e in leaks[:3]]
        lab.expect(f"no answer shows the {name}", not leaks, shown)
