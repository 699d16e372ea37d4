"""No secret in the log, in events, in error texts, nor in answers of the API; whatever goes wrong."""

import copy
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
from scenarios.lab import Lab
from scenarios.secrets import is_canary, redact_text
from scenarios.verdict import CheckUnknown

pytestmark = pytest.mark.needs("http", "api", "thingsboard", "downlinks")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Connections that hold secrets, after everything that can go wrong with them has."""

    http: LabConnection
    thingsboard: LabConnection
    header: str
    hidden: dict[str, str]  # what nothing may ever show: its name and its value


@pytest.fixture
def trouble(lab: Lab, faults: Faults, device: LabDevice) -> Trouble:
    """A destination that answers 401 with the header in its text, a wrong password, refused bodies and downlinks."""
    # Given an HTTP connection and a ThingsBoard connection with secrets
    header = lab.secrets.hex("header in trouble")
    hidden = {"AS key": lab.secrets.hex("AS key in trouble"), "password": lab.secrets.hex("password in trouble")}
    faults.plan(Fault("unauthorised", Always(), Status(401, f"no: Bearer {header}".encode())))
    options: dict[str, Any] = {"headers": {"Authorization": f"Bearer {header}"}, "downlinkAsKey": hidden["AS key"]}
    http = connect_bin(lab, "/trouble", device, **options)
    body = copy.deepcopy(example_body("thingsboard.md"))
    account = {"username": "tenant@thingsboard.org", "password": hidden["password"]}
    body["configuration"] |= {"hostName": "thingsboard.cloud:1883", **account}
    route = Route("thingsboard", "v1/gateway/telemetry")
    thingsboard = lab.connect(body, route, device, state="AUTHENTICATION_FAILED")

    # When uplinks are refused, and bodies and downlinks that hold the secrets in the wrong place
    device.send()
    faults.happened()
    wrong = http_body("/trouble", headers={"Authorization": {"Bearer": hidden["AS key"]}}, password=hidden["password"])
    lab.api.replace(http.id, wrong)
    attempt(
        lab, {**body, "configuration": {**account, "hostName": f"https://u:{hidden['password']}@thingsboard.cloud"}}
    )
    attempt(lab, http_body("/trouble", downlinkAsKey=[hidden["AS key"]]))
    attempt(lab, http_body("/trouble", tiak=f"{hidden['AS key']}x"))
    for downlink in (
        {"AS_KEY": hidden["AS key"]},
        {"AS_KEY": [hidden["AS key"]]},
        {"payload_hex": hidden["AS key"] + "x"},
    ):
        lab.post_downlink(http.downlink_url, {"DevEUI": device.dev_eui, "FPort": 5, "payload_hex": "aa", **downlink})
    return Trouble(http, thingsboard, header, hidden)


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
    for connection in (trouble.http, trouble.thingsboard):
        events = events_of(lab, connection)
        lab.expect("there are events to look into", bool(events), f"none of connection {connection.id}")
        leaks = [redact_text(str(event)) for event in events if is_canary(str(event))]
        lab.expect("no event holds a secret", not leaks, leaks[:3])


@pytest.mark.requirement("COM-21", "TB-17")
def test_no_secret_in_answers_and_error_texts(lab: Lab, trouble: Trouble) -> None:
    """No answer shows a key or a password, and no refusal repeats a header's value, wherever it was given."""
    lab.api.request("GET", "/connections")
    trouble.http.read()
    answers = [e for e in lab.history.events if e.hop in ("api.answered", "downlink.posted")]
    for name, secret in trouble.hidden.items():
        placeholder = redact_text(secret)
        leaks = [
            e for e in answers if placeholder in (e.raw or b"").decode(errors="replace") + str(e.facts.get("answer"))
        ]
        shown = [f"{e.facts.get('method')} {e.facts.get('path')} {e.facts['status']}" for e in leaks[:3]]
        lab.expect(f"no answer shows the {name}", not leaks, shown)
    refusals = [e for e in answers if e.hop == "api.answered" and e.facts["status"] >= 400]
    lab.expect("there are refusals to look into", len(refusals) >= 3, f"{len(refusals)}")
    echoes = [e for e in refusals if redact_text(trouble.header) in (e.raw or b"").decode(errors="replace")]
    lab.expect("no refusal repeats a header's value", not echoes, f"{len(echoes)} do")
