"""thingsboard.md, "Creating a Connection With API": what the connection's body must hold, and DELETE."""

from typing import Any

import pytest

from uplab.scenarios import Lab, LabConnection, LabDevice, example_body
from uplab.scenarios.checks import checks
from uplab.scenarios.suites.common.destination import attempt, wait_until_open
from uplab.scenarios.suites.common.replacing import expect_defaults, expect_gone, expect_mandatory, optional
from uplab.scenarios.suites.common.reports import uplink
from uplab.scenarios.suites.thingsboard.conftest import TELEMETRY

pytestmark = pytest.mark.needs("thingsboard")


@pytest.mark.needs("api")
@pytest.mark.requirement("TB-03")
def test_example_body_creates_the_connection(lab: Lab, body: dict[str, Any]) -> None:
    """The document's body, verbatim and with a host and an account of one's own, is accepted."""
    example = example_body("thingsboard.md")
    for given in (example, body):
        created = attempt(lab, given)
        answer = f"{created.status_code} {created.text[:200]}"
        lab.expect_seen("the document's body answers 201", created.status_code, {"is": 201}, answer)
    shown, given = lab.connect(body, TELEMETRY).read(), lab.addressed(example)
    kept = all(shown[key] == given[key] for key in ("name", "connectorId"))
    lab.expect("name and connectorId are as given", kept, shown)


@pytest.mark.needs("api")
@pytest.mark.parametrize(
    ("key", "value"),
    [
        pytest.param("hostName", None, id="no-hostName", marks=pytest.mark.requirement("TB-01.a")),
        pytest.param("username", None, id="no-username", marks=pytest.mark.requirement("TB-01.a")),
        pytest.param("password", None, id="no-password", marks=pytest.mark.requirement("TB-01.a")),
        pytest.param("username", "", id="empty-username", marks=pytest.mark.requirement("TB-01.a")),
        pytest.param("hostName", "thingsboard.cloud", id="no-port", marks=pytest.mark.requirement("TB-07.c")),
        pytest.param(
            "hostName", "https://thingsboard.cloud:443", id="scheme", marks=pytest.mark.requirement("TB-07.c")
        ),
        pytest.param(
            "hostName", "thingsboard.cloud:99999", id="port-out-of-range", marks=pytest.mark.requirement("TB-07.c")
        ),
    ],
)
@pytest.mark.needs("validation")
def test_wrong_body_is_refused_by_field(lab: Lab, body: dict[str, Any], key: str, value: str | None) -> None:
    """A missing or wrong key answers 400 with a message that names it."""
    body["configuration"].pop(key) if value is None else body["configuration"].update({key: value})
    refused = lab.api.create(body)
    lab.expect_seen(
        f"a wrong {key} answers 400", refused.status_code, {"is": 400}, f"{refused.status_code} {refused.text[:200]}"
    )
    lab.expect_seen(f"the message names {key}", refused.json().get("message", ""), {"holds": key}, refused.text[:200])


@pytest.mark.needs("api")
@pytest.mark.requirement("TB-06")
@pytest.mark.needs("validation")
def test_unknown_connector_is_refused(lab: Lab, body: dict[str, Any]) -> None:
    """connectorId must be actility-thingsboard-iot."""
    body["connectorId"] = "actility-thingsboard"
    refused = lab.api.create(body)
    lab.expect_answer("another connectorId answers 400", refused, 400)


@pytest.mark.needs("deleting")
@pytest.mark.usefixtures("over_mqtt")
@pytest.mark.requirement("TB-05.a", "TB-05.b")
def test_nothing_is_delivered_after_delete(lab: Lab, connection: LabConnection, devices: list[LabDevice]) -> None:
    """After DELETE no message of the connection's devices reaches ThingsBoard."""
    before = [device.send() for device in devices]
    lab.await_delivery(before, connection.route)
    connection.delete()
    after = lab.barrier(*devices)

    lab.judge_telemetry(before, connection)
    late = [
        e
        for e in lab.history.events
        if e.hop == "destination.published" and TELEMETRY.takes(e.facts) and set(e.ids) & {one.id for one in after}
    ]
    lab.expect_seen("nothing is published after DELETE", late, {"empty": True}, f"{len(late)} messages")
    expect_gone(lab, connection, proves="TB-05.b")


@pytest.mark.needs("api")
@pytest.mark.usefixtures("over_mqtt")
@pytest.mark.needs("replacing")
@pytest.mark.requirement("TB-04.b", "TB-04.d")
@pytest.mark.needs("validation")
def test_put_replaces_all_or_nothing(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], body: dict[str, Any]
) -> None:
    """Without a mandatory key PUT answers 400 and telemetry goes on; without an optional one it takes its default."""
    paths = ("name", "connectorId", "configuration/hostName", "configuration/password")
    expect_mandatory(lab, connection, body, *paths, proves="TB-04.b")
    sent = [device.send() for device in devices]
    lab.await_delivery(sent, connection.route)
    lab.judge_telemetry(sent, connection)

    connection.replace(optional(body))
    connection.replace(body)
    wait_until_open(lab, connection)
    expect_defaults(lab, connection, body, proves="TB-04.d")
    sent = [lab.post(uplink(devices[0], age_s=300.0)), devices[0].send()]
    lab.await_delivery(sent, connection.route)
    lab.judge(checks.none_lost(lab.history.events, [one.id for one in sent], connection.route).proving("TB-04.d"))


@pytest.mark.needs("api")
@pytest.mark.parametrize("key", ["retryForever", "hostname", "UserName", "createdevices"])
@pytest.mark.needs("api")
@pytest.mark.requirement("HTTP-21.e", "COM-20.g")
@pytest.mark.needs("validation")
def test_key_that_means_nothing_here_is_honoured_or_refused(lab: Lab, body: dict[str, Any], key: str) -> None:
    """An unknown key, or one of the wrong case, is refused by its name and makes nothing, or has its effect."""
    before = [one["id"] for one in lab.api.own()]
    named = {known.lower(): known for known in (*body["configuration"], "createDevices")}.get(key.lower())
    value = body["configuration"].pop(named, False) if named else True
    body["configuration"][key] = value
    tried = attempt(lab, body)
    shown = f"{tried.status_code} {tried.text[:200]}"
    refused = tried.status_code == 400 and key in str(tried.json().get("message"))
    honoured = tried.status_code == 201 and named is not None and named in tried.json()["configuration"]
    lab.expect(f"{key} is honoured or refused by its name", refused or honoured, shown, proves="HTTP-21.e")
    if tried.status_code >= 400:
        lab.expect_shown("a refusal has a code", tried, {"/code": {"there": True}}, proves="COM-20.g")
    after = [one["id"] for one in lab.api.own()]
    lab.expect_seen("no connection is made", after, {"is": before}, f"{before}, then {after}", proves="COM-20.g")


@pytest.mark.needs("api")
@pytest.mark.usefixtures("over_mqtt")
@pytest.mark.requirement("TB-04.a")
@pytest.mark.needs("validation")
def test_put_without_a_mandatory_key_changes_nothing(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], body: dict[str, Any]
) -> None:
    """PUT without the user name answers 400, and the old configuration goes on."""
    del body["configuration"]["username"]
    refused = lab.api.replace(connection.id, body)
    lab.expect_answer("PUT without username answers 400", refused, 400)
    sent = [device.send() for device in devices]
    lab.await_delivery(sent, connection.route)
    lab.judge_telemetry(sent, connection)
