"""No secret in the log, in events, in error texts, nor in answers of the API; whatever goes wrong."""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from uplab.fakes.faults import Always, Fault, Status
from uplab.scenarios import (
    CheckUnknown,
    Faults,
    Lab,
    LabConnection,
    LabDevice,
    Route,
    example_body,
    is_canary,
    redact_text,
)
from uplab.scenarios.checks.leaks import answers, around, leaks
from uplab.scenarios.history.secrets import found_in, redact_lines, register
from uplab.scenarios.suites.common.destination import attempt, events_of, http_body
from uplab.scenarios.suites.common.ingress import Ingress
from uplab.scenarios.suites.common.page_reader import read_pages
from uplab.scenarios.under_test import hops
from uplab.scenarios.under_test.login import LOGIN

pytestmark = pytest.mark.needs("http", "api")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Connections that hold secrets, after everything that can go wrong with them has."""

    connections: list[LabConnection]
    given: dict[str, str]  # what a connection may show to who asks for it, and nothing else may: its name and its value
    hidden: dict[str, str]  # what nothing may ever show

    @property
    def headers(self) -> dict[str, str]:
        """What was given by names for people."""
        return {f"the {name}": secret for name, secret in self.given.items()}

    @property
    def named(self) -> dict[str, str]:
        """What is hidden by names for people."""
        return {f"the {name}": secret for name, secret in self.hidden.items()}


@pytest.fixture
def trouble(lab: Lab, faults: Faults, device: LabDevice, ingress: Ingress) -> Trouble:
    """All that can go wrong, with secrets in it."""
    return run_into_trouble(lab, faults, device, ingress)


def run_into_trouble(lab: Lab, faults: Faults, device: LabDevice, ingress: Ingress) -> Trouble:
    """A destination that answers 401 with the header in its text, refused bodies, a wrong password, wrong downlinks.

    Password and downlinks only where the forwarder has them. Documents are refused at the ingress, and requests of the
    API that go nowhere.
    """
    # Given an HTTP connection with headers and a key in its address, and a secret where it does not belong
    header, misplaced = lab.secrets.hex("header in trouble"), lab.secrets.hex("misplaced key")
    given = {
        "header": header,
        "key of another header": lab.secrets.hex("X-Api-Key in trouble"),
        "key in the address": lab.secrets.hex("query in trouble"),
    }
    hidden = {"misplaced key": misplaced}
    faults.plan(Fault("unauthorised", Always(), Status(401, f"no: Bearer {header}".encode())))
    options: dict[str, Any] = {
        "headers": {"Authorization": f"Bearer {header}", "X-Api-Key": given["key of another header"]}
    }
    if lab.profile.features.downlinks:
        hidden["AS key"] = options["downlinkAsKey"] = lab.secrets.hex("AS key in trouble")
    body = http_body(f"/trouble?key={given['key in the address']}", **options) | {"name": "uplab trouble"}
    http = lab.connect(body, Route("posthere", "/trouble"), device)

    # When uplinks and bodies are refused
    device.send()
    faults.happened()
    lab.api.replace(
        http.id, http_body("/trouble", headers={"Authorization": {"Bearer": misplaced}}, password=misplaced)
    )
    attempt(lab, http_body("/trouble", headers={"Authorization": [misplaced]}))
    attempt(lab, http_body("/trouble", tiak=f"{misplaced}x"))
    lab.api.request("GET", "/connections/0")
    lab.api.request("PUT", "/connections", {})
    post_wrong_documents(lab, ingress, device)
    connections = [http]
    if lab.profile.features.thingsboard:
        hidden["password"] = lab.secrets.hex("password in trouble")
        connections.append(log_in_with(lab, hidden["password"], device))
    if lab.profile.features.downlinks:
        attempt(lab, http_body("/trouble", downlinkAsKey=[hidden["AS key"]]))
        post_wrong_downlinks(lab, http, device, hidden["AS key"])
    return Trouble(connections, given, hidden)


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


def post_wrong_documents(lab: Lab, ingress: Ingress, device: LabDevice) -> None:
    """Documents that the ingress refuses: with a wrong token, none, another AS_ID, no DevEUI, and what is no JSON."""
    document = {"DevEUI_uplink": {"DevEUI": device.dev_eui, "FPort": 5, "FCntUp": 0, "payload_hex": "aa"}}
    right = dict(ingress.sign(document))
    for changed in ({"Token": "0" * 64}, {"Token": ""}, {"AS_ID": "another.AS"}):
        ingress.post(document, pairs=[*{**right, **changed}.items()])
    ingress.post({"DevEUI_uplink": {"FPort": 5}})
    ingress.post(document, raw=b"no JSON")


def log_text(lab: Lab) -> str:
    """The forwarder's log so far; secrets stand in it as placeholders. CheckUnknown where there is none to read."""
    path = lab.options.forwarder_log if lab.options.command is None else lab.forwarder.log
    if path is None or not path.exists():
        raise CheckUnknown("there is no log to look into: name it with --forwarder-log")
    return path.read_text(encoding="utf-8", errors="replace")


@pytest.mark.requirement("COM-21.a")
def test_no_secret_in_the_log(lab: Lab, device: LabDevice, trouble: Trouble) -> None:
    """Neither header values nor keys, tokens and passwords stand in the log, also not those of what failed."""
    lab.barrier(device)
    expect_clean_log(lab, {**trouble.headers, **trouble.named})


def expect_clean_log(lab: Lab, more: dict[str, str]) -> None:
    """No secret is in the log, whatever its form; what was redacted when it was written counts as well."""
    log = redact_lines(log_text(lab).encode())
    marked = [line for line in log.splitlines() if b"S" in line and (b"SECRET-" in line or b"S-" in line)]
    said = [(around(line.decode(errors="replace")), line) for line in marked]
    if {*found_in(log, more)} - {name for line in marked for name in found_in(line, more)}:
        said.append(("several of its lines, one after the other", log))
    lab.judge(*leaks("the log", said, more))


@pytest.mark.needs("events")
@pytest.mark.requirement("COM-21.b", "TB-17.c")
def test_no_secret_in_events(lab: Lab, trouble: Trouble) -> None:
    """The events of what failed name the cause without the secret, also where the destination echoed it."""
    for connection in trouble.connections:
        events = events_of(lab, connection)
        lab.expect_seen(
            "there are events to look into", events, {"empty": False}, f"none of connection {connection.id}"
        )
        if "password" in trouble.hidden:
            said = [
                str(event) for event in events if redact_text(trouble.hidden["password"]) in redact_text(str(event))
            ]
            lab.expect_seen("no event shows the password", said, {"empty": True}, said[:3], proves="TB-17.c")
        expect_clean_events(lab, connection, events, {**trouble.headers, **trouble.named})
        shown = [redact_text(str(event)) for event in events if is_canary(str(event))]
        lab.expect_seen("no event holds a secret", shown, {"empty": True}, shown[:3])


def expect_clean_events(
    lab: Lab, connection: LabConnection, events: list[dict[str, Any]], more: dict[str, str]
) -> None:
    """No known secret is in the events of a connection."""
    texts = [json.dumps(event) for event in events]
    said = [(f"an event of connection {connection.id}: {around(text)}", text.encode()) for text in texts]
    lab.judge(*leaks("the events", said, more))


@pytest.mark.requirement("COM-21.c")
def test_no_secret_in_answers_and_error_texts(lab: Lab, trouble: Trouble) -> None:
    """No answer shows a key or a password, and no refusal repeats a header's value, wherever it was given."""
    expect_hidden(lab, trouble, trouble.named)
    refusals = [e for e in lab.history.events if e.hop == "api.answered" and e.facts["status"] >= 400]
    lab.expect_seen("there are refusals to look into", len(refusals), {"least": 3}, f"{len(refusals)}")
    lab.judge(*leaks("a refusal", answers(refusals), trouble.headers, only_more=True))


@pytest.mark.needs("pages")
@pytest.mark.requirement("COM-21.e")
def test_no_secret_on_the_pages(lab: Lab, trouble: Trouble) -> None:
    """No page holds a key, a token or a password, neither in its head nor in its body: each link is followed."""
    expect_clean_pages(lab, trouble.named)


def expect_clean_pages(lab: Lab, more: dict[str, str]) -> None:
    """No known secret is on a page, as HTTP gives it."""
    if lab.endpoints.pages is None:
        raise CheckUnknown("nothing says where the pages are")
    said = list(read_pages(lab.endpoints.pages, timeout_s=lab.deadlines.page_s))
    lab.expect("there are pages to look into", bool(said), f"none at {lab.endpoints.pages}")
    lab.judge(*leaks("a page", said, more))


@pytest.mark.needs("thingsboard")
@pytest.mark.requirement("TB-17.a")
def test_password_is_in_no_answer(lab: Lab, trouble: Trouble) -> None:
    """Neither the list nor the connection nor a refusal shows the password."""
    expect_hidden(lab, trouble, {"the password": trouble.hidden["password"]}, only_more=True)


def expect_hidden(lab: Lab, trouble: Trouble, more: dict[str, str], *, only_more: bool = False) -> None:
    """No answer holds a known secret or one of these, nor do the list of connections and each of them."""
    lab.api.request("GET", "/connections")
    for connection in trouble.connections:
        connection.read()
    lab.judge(*leaks("an answer", answers(lab.history.events), more, only_more=only_more))


@pytest.fixture
def client_secret(lab: Lab) -> Iterator[str]:
    """The forwarder started again with a login of its own, and afterwards without one."""
    secret = lab.secrets.hex("client secret")
    register(secret, "the client secret")
    lab.restart_forwarder(environment=dict(zip(LOGIN, ("uplab.client", secret), strict=True)))
    yield secret
    lab.restart_forwarder(environment=dict.fromkeys(LOGIN, ""))


@pytest.mark.needs("login")
@pytest.mark.requirement("COM-21.d")
def test_login_is_shown_nowhere(
    lab: Lab, client_secret: str, faults: Faults, device: LabDevice, ingress: Ingress
) -> None:
    """Neither the client secret nor the token that it gave stands in log, events, answers or pages."""
    # Given a forwarder that asks for a login
    with lab.stranger() as stranger:
        stranger.base_url = lab.api.base
        shut = stranger.get("/connections").status_code
        lab.expect_seen("without a token the API refuses", shut, {"among": (401, 403)}, f"{shut}")

        # When everything goes wrong, and so does logging in
        trouble = run_into_trouble(lab, faults, device, ingress)
        for wrong in ({"client_id": "uplab.client", "client_secret": f"{client_secret}x"}, {"client_secret": "none"}):
            answer = stranger.post("/oauth/token", data={"grant_type": "client_credentials", **wrong})
            said = hops.api_answered(
                method="POST",
                path="/oauth/token",
                status=answer.status_code,
                headers=answer.headers.multi_items(),
                raw=answer.content,
            )
            lab.history.emit(*said)

    # Then nothing of the login is told
    lab.barrier(device)
    expect_hidden(lab, trouble, {})
    expect_clean_log(lab, {})
    if lab.profile.features.pages and lab.endpoints.pages is not None:  # there may be none behind a login
        expect_clean_pages(lab, {})
    if lab.profile.features.events:
        for connection in trouble.connections:
            expect_clean_events(lab, connection, events_of(lab, connection), {})
