"""http.md, "Creating a Connection With API": create, replace and delete, and what is refused."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from uplab.fakes.faults import Always, Fault, Status
from uplab.scenarios import Bin, Faults, Lab, LabConnection, LabDevice, NoneArrives, Route, WithoutHeaders
from uplab.scenarios.lab.addresses import WITNESS_HOST
from uplab.scenarios.suites.common.deletion import judge_waiting_at_delete
from uplab.scenarios.suites.common.destination import attempt, http_body, wait_until_open
from uplab.scenarios.suites.common.replacing import expect_defaults, expect_gone, expect_mandatory, optional
from uplab.scenarios.suites.common.reports import uplink

pytestmark = pytest.mark.needs("http")


@pytest.mark.needs("api", "names")
@pytest.mark.requirement("HTTP-01")
def test_example_body_creates_the_connection(lab: Lab, body: dict[str, Any], posthere_bin: Bin) -> None:
    """The document's body, verbatim, is accepted; the answer is the resource with an id and what was configured."""
    created = attempt(lab, body)
    lab.expect_answer("the document's body answers 201", created, 201)
    shown = lab.api.get(lab.connect(body, Route("posthere", urlsplit(posthere_bin.url).path)).id)
    lab.expect_shown("the resource has an id", shown, {"/id": {"there": True}})
    body = lab.addressed(body)
    given = {f"/{name}": {"is": body[name]} for name in ("name", "connectorId")}
    lab.expect_shown("name and connectorId are as given", shown, given)
    url = body["configuration"]["destinationURL"]
    lab.expect_shown("destinationURL is as given", shown, {"/configuration/destinationURL": {"is": url}})


@pytest.mark.needs("api")
@pytest.mark.requirement("HTTP-22")
def test_name_and_description_are_set_and_changed(lab: Lab, body: dict[str, Any], posthere_bin: Bin) -> None:
    """POST sets name and description, PUT changes both, and GET shows them each time as they were given."""
    body["configuration"]["description"] = "Größe des Lagers, Halle 3"
    connection = lab.connect(body, Route("posthere", urlsplit(posthere_bin.url).path))
    for name, description in ((body["name"], "Größe des Lagers, Halle 3"), ("Renamed", "Hall 4"), ("Again", "")):
        connection.replace(
            {**body, "name": name, "configuration": {**body["configuration"], "description": description}}
        )
        given = {"/name": {"is": lab.named(name)}, "/configuration/description": {"is": description}}
        lab.expect_shown("name and description are shown as given", lab.api.get(connection.id), given)


@pytest.mark.needs("replacing")
@pytest.mark.requirement("HTTP-02.a", "HTTP-02.b")
def test_put_replaces_the_whole_configuration(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], body: dict[str, Any]
) -> None:
    """After PUT the next uplink obeys the new URL and headers only; a header that is not given again is gone."""
    body["configuration"] = {"destinationURL": "https://posthere.io/6317-4654-94db", "headers": {"X-Site": "BuildingB"}}
    connection.replace(body)
    connection.route = Route("posthere", "/6317-4654-94db")
    connection.wait_for_state("OPENED")

    sent = [device.send() for device in devices]
    lab.await_delivery(sent, connection.route)
    sent += lab.barrier(*devices)
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection, {"X-Site": lambda _: "BuildingB"})
    ids, gone = [one.id for one in sent], ("X-Thing", "Authorization")
    lab.judge_alone(
        WithoutHeaders("headers that PUT left out are gone", ids, connection.route, gone), proves="HTTP-02.b"
    )


@pytest.mark.needs("api")
@pytest.mark.requirement("HTTP-02.c")
@pytest.mark.needs("validation")
def test_put_without_a_mandatory_key_changes_nothing(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], body: dict[str, Any]
) -> None:
    """PUT without destinationURL answers 400, and the old configuration goes on."""
    del body["configuration"]["destinationURL"]
    refused = lab.api.replace(connection.id, body)
    lab.expect_answer(
        "PUT without destinationURL answers 400",
        refused,
        400,
    )

    sent = [device.send() for device in devices]
    lab.await_delivery(sent, connection.route)
    lab.judge_delivery(sent, connection)


@pytest.mark.needs("replacing")
@pytest.mark.requirement("HTTP-02.d")
@pytest.mark.needs("validation")
def test_put_without_name_or_connector_changes_nothing(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], body: dict[str, Any]
) -> None:
    """PUT without name or connectorId answers 400, and the old configuration goes on."""
    expect_mandatory(lab, connection, body, "name", "connectorId", proves="HTTP-02.d")
    sent = [device.send() for device in devices]
    lab.await_delivery(sent, connection.route)
    lab.judge_delivery(sent, connection)


@pytest.mark.needs("options")
@pytest.mark.needs("replacing")
@pytest.mark.requirement("HTTP-02.e")
def test_put_without_an_option_takes_its_default(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], body: dict[str, Any]
) -> None:
    """PUT of the bare body after one with every option: whole documents, old ones too, at once, as if it were new."""
    blame = {"blamePeriod": 7} if lab.profile.choices.failure_generation == "blame" else {}
    connection.replace(optional(body, **blame))
    connection.replace(body)
    wait_until_open(lab, connection)

    sent = [lab.post(uplink(devices[0], age_s=300.0)), devices[0].send()]
    lab.await_delivery(sent, connection.route)

    expect_defaults(lab, connection, body, more={"blamePeriod": 30}, proves="HTTP-02.e")
    lab.judge_delivery(sent, connection)


@pytest.mark.needs("deleting", "names")
@pytest.mark.requirement("HTTP-03.c")
def test_what_waits_is_dropped_with_delete(lab: Lab, faults: Faults, device: LabDevice, soon: dict[str, Any]) -> None:
    """Refused once and waiting for the next attempt: DELETE drops it."""
    faults.plan(Fault("refused", Always(), Status(503), only="/doomed"), at=lab.witness)
    body = http_body("/doomed", at=f"http://{WITNESS_HOST}", **soon)
    connection = lab.connect(body, Route("witness", "/doomed"), device)
    judge_waiting_at_delete(lab, faults, connection, device, soon, proves="HTTP-03.c")


@pytest.mark.needs("deleting")
@pytest.mark.requirement("HTTP-03.b", "HTTP-03.a")
def test_nothing_is_delivered_after_delete(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], posthere_bin: Bin
) -> None:
    """DELETE answers 204, GET then 404, and later uplinks of its devices arrive nowhere but at the control."""
    before = [device.send() for device in devices]
    lab.await_delivery(before, connection.route)
    connection.delete()

    after = [one.id for one in lab.barrier(*devices)]
    lab.judge_delivery(before, connection)
    lab.judge_alone(NoneArrives("nothing arrives that came after DELETE", after, connection.route))
    lab.expect_seen(
        "the bin shows only what came before DELETE",
        len(posthere_bin.requests()),
        {"is": len(before)},
        f"{len(posthere_bin.requests())} shown, {len(before)} sent before",
    )
    if lab.profile.features.api:
        expect_gone(lab, connection, proves="HTTP-03.a")


def _changed(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The body with one key replaced, or removed when the value is None."""
    *parents, last = path.split("/")
    place = body
    for parent in parents:
        place = place[parent]
    if value is None:
        place.pop(last)
    else:
        place[last] = value
    return body


@pytest.mark.needs("api")
@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        pytest.param(
            "connectorId",
            "actility-nothing-iot",
            "connectorId",
            id="unknown-connectorId",
            marks=pytest.mark.requirement("HTTP-04"),
        ),
        pytest.param(
            "connectorId", None, "connectorId", id="no-connectorId", marks=pytest.mark.requirement("COM-02.a")
        ),
        pytest.param("name", None, "name", id="no-name", marks=pytest.mark.requirement("COM-02.a")),
        pytest.param("name", "", "name", id="empty-name", marks=pytest.mark.requirement("COM-02.a")),
        pytest.param(
            "configuration/destinationURL",
            "posthere.io/4b19",
            "destinationURL",
            id="no-scheme",
            marks=pytest.mark.requirement("HTTP-07"),
        ),
        pytest.param(
            "configuration/destinationURL",
            "ftp://posthere.io/4b19",
            "destinationURL",
            id="ftp",
            marks=pytest.mark.requirement("HTTP-07"),
        ),
        pytest.param(
            "configuration/destinationURL",
            None,
            "destinationURL",
            id="no-destinationURL",
            marks=pytest.mark.requirement("HTTP-07"),
        ),
        pytest.param(
            "configuration/blamePeriod",
            "30",
            "blamePeriod",
            id="blamePeriod-text",
            marks=pytest.mark.requirement("HTTP-08.d"),
        ),
        pytest.param(
            "configuration/blamePeriod",
            1.5,
            "blamePeriod",
            id="blamePeriod-fraction",
            marks=pytest.mark.requirement("HTTP-08.d"),
        ),
        pytest.param(
            "configuration/blamePeriod",
            -1,
            "blamePeriod",
            id="blamePeriod-negative",
            marks=pytest.mark.requirement("HTTP-08.d"),
        ),
        pytest.param(
            "configuration/headers", ["X"], "headers", id="headers-list", marks=pytest.mark.requirement("COM-20.a")
        ),
        pytest.param(
            "configuration", None, "configuration", id="no-configuration", marks=pytest.mark.requirement("COM-20.a")
        ),
    ],
)
@pytest.mark.needs("validation")
def test_wrong_body_is_refused_by_field(lab: Lab, body: dict[str, Any], path: str, value: Any, field: str) -> None:
    """A wrong body answers 400 with a code and a message that names the field, and no connection is made."""
    before, own = lab.api.request("GET", "/connections"), lab.api.own()

    refused = lab.api.create(_changed(body, path, value))

    lab.expect_answer(
        f"a body that is wrong in {field} answers 400",
        refused,
        400,
    )
    told = {"/message": {"has": field}, "/code": {"there": True}}
    lab.expect_shown(f"the message names {field} and there is a code", refused, told)
    if lab.api.shared:  # where others come and go, the list as a whole may change
        lab.expect("no connection is made", lab.api.own() == own, refused.text[:200])
    else:
        lab.expect_unchanged("no connection is made", before, lab.api.request("GET", "/connections"), each="id")


@pytest.mark.needs("api")
@pytest.mark.requirement("COM-20.b")
@pytest.mark.needs("validation")
def test_body_that_is_no_json_is_refused(lab: Lab) -> None:
    """Bytes that are no JSON answer 400 with a code, never 5xx."""
    refused = lab.api.request("POST", "/connections", content=b"{connectorId:")
    lab.expect_answer("a body that is no JSON answers 400", refused, 400)
    told = {"/code": {"there": True}, "/message": {"there": True}}
    lab.expect_shown("there is a code and a message", refused, told)


@pytest.mark.needs("api")
@pytest.mark.needs("alone")
@pytest.mark.requirement("COM-26")
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_put_and_delete_without_an_id_change_nothing(
    lab: Lab, connection: LabConnection, body: dict[str, Any], method: str
) -> None:
    """PUT and DELETE of /connections, as the document writes them, are refused and change nothing."""
    before = lab.api.get(connection.id)
    refused = lab.api.request(method, "/connections", body if method == "PUT" else None)
    lab.expect_answer(f"{method} /connections is refused", refused)
    lab.expect_shown("there is a message", refused, {"/message": {"there": True}})
    lab.expect_unchanged("the connection is as it was", before, lab.api.get(connection.id))
