"""What GET shows of connections: all of them, whole, and their secrets masked; and what a mask given back means."""

import copy
from typing import Any

import pytest

from uplab.scenarios import Lab, LabDevice, Route, example_body, is_canary, redact_text
from uplab.scenarios.suites.common.destination import connect_bin, http_body, wait_until_open

pytestmark = pytest.mark.needs("http", "api")

MASK = "*****"


def listed(lab: Lab, connection_id: str) -> list[dict[str, Any]]:
    """The entries of GET /connections with this id."""
    return [one for one in lab.api.listed() if str(one.get("id")) == connection_id]


@pytest.mark.needs("states")
@pytest.mark.requirement("COM-10.a")
def test_list_shows_each_connection_once_and_whole(lab: Lab) -> None:
    """GET /connections is an array in which each connection stands once, with id, state, startupTime and its body."""
    connections = [connect_bin(lab, f"/listed-{n}", description=f"number {n}") for n in range(3)]
    for number, connection in enumerate(connections):
        found = listed(lab, connection.id)
        lab.expect_seen(
            "each connection is listed once", len(found), {"is": 1}, f"{len(found)} entries of {connection.id}"
        )
        missing = {"id", "state", "startupTime", "name", "connectorId", "configuration"} - set(found[0])
        lab.expect_seen(
            "id, state, startupTime and the body are there", missing, {"empty": True}, f"missing: {sorted(missing)}"
        )
        description = found[0]["configuration"].get("description")
        lab.expect_seen("it is the connection's own", description, {"is": f"number {number}"})
        lab.expect_seen("GET of one shows the same", connection.read(), {"is": found[0]}, found[0])


@pytest.mark.needs("thingsboard")
@pytest.mark.requirement("COM-10.c")
def test_passwords_are_five_asterisks_everywhere(lab: Lab) -> None:
    """In the answers to POST and PUT, in GET of one and in the list the password is *****, and nowhere in clear."""
    body = copy.deepcopy(example_body("thingsboard.md"))
    secret = lab.secrets.hex("password of a listed connection")
    body["configuration"] |= {"hostName": "thingsboard.cloud:1883", "password": secret}
    mark = lab.history.mark
    connection = lab.connect(body, Route("thingsboard", "v1/gateway/telemetry"), state=None)

    answers = {
        "POST": connection.resource,
        "GET": connection.read(),
        "list": listed(lab, connection.id)[0],
        "PUT": connection.replace(body),
    }
    for where, shown in answers.items():
        password = shown["configuration"].get("password")
        lab.expect_seen(f"{where} shows the password as {MASK}", password, {"is": MASK}, str(password))
    hidden = redact_text(secret).encode()
    leaks = [e for e in lab.history.since(mark) if e.hop == "api.answered" and hidden in (e.raw or b"")]
    lab.expect_seen("no answer holds it in clear", leaks, {"empty": True}, f"{len(leaks)} answers")


@pytest.mark.requirement("COM-10.d")
def test_header_values_are_masked_as_the_profile_says(lab: Lab) -> None:
    """Whether GET shows a header's value in clear is a choice of the profile; the choice is kept."""
    secret = lab.secrets.hex("header of a listed connection")
    connection = connect_bin(lab, "/masked", headers={"Authorization": f"Bearer {secret}"})
    shown = str(connection.read()["configuration"]["headers"]["Authorization"])
    masked = not is_canary(shown)
    wanted = lab.profile.choices.headers_masked
    lab.expect_seen(f"header values are {'masked' if wanted else 'shown'}", masked, {"is": wanted}, redact_text(shown))


@pytest.mark.requirement("COM-24.b")
def test_masked_header_given_back_keeps_the_secret(lab: Lab, device: LabDevice) -> None:
    """PUT with ***** in the place of a header's secret keeps it or is refused; asterisks are never sent."""
    secret = f"Bearer {lab.secrets.hex('header that is kept')}"
    connection = connect_bin(lab, "/kept", device, headers={"Authorization": secret})

    answer = lab.api.replace(connection.id, http_body("/kept", headers={"Authorization": MASK}))
    shown = f"{answer.status_code} {answer.text[:200]}"
    lab.expect_seen("it is taken or refused with 400", answer.status_code, {"among": (200, 400)}, shown)
    wait_until_open(lab, connection)

    sent = [device.send()]
    lab.await_delivery(sent, connection.route)
    lab.judge_delivery(sent, connection, {"Authorization": lambda _: secret})


@pytest.mark.requirement("COM-24.c")
@pytest.mark.needs("validation")
def test_mask_that_stands_for_nothing_is_refused(lab: Lab, device: LabDevice) -> None:
    """A new connection whose secret is ***** is refused with 400: there is nothing that the mask could stand for."""
    before = lab.api.own()
    refused = lab.api.create(http_body("/mask", headers={"Authorization": MASK}))
    lab.expect_answer("a mask in a new connection answers 400", refused, 400)
    lab.expect_seen("no connection is made", lab.api.own(), {"is": before}, refused.text[:200])
