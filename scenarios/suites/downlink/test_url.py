"""The downlink URL: one for each connection, known before any uplink, the same everywhere, gone with the connection."""

import json
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from uplab.scenarios import Bin, Lab, LabConnection, LabDevice
from uplab.scenarios.suites.downlink.conftest import BIN, PostDownlink

pytestmark = pytest.mark.needs("downlinks")

DOWNLINK = {"FPort": 5, "payload_hex": "3e01"}


@pytest.mark.needs("api")
@pytest.mark.requirement("DL-01.a", "DL-03.a")
def test_url_is_known_before_any_uplink(lab: Lab, connection: LabConnection) -> None:
    """The API shows it at once: the public base, /iot-flow/downlinkMessages/ and a UUID."""
    url = connection.downlink_url
    base = lab.endpoints.downlink_base
    lab.expect(
        "it begins with the public base",
        url.startswith(f"{base}/iot-flow/downlinkMessages/"),
        f"base {base}, URL {url}",
        proves="DL-03.a",
    )
    try:
        UUID(url.rsplit("/", 1)[1])
        shaped = True
    except ValueError:
        shaped = False
    lab.expect("it ends in a UUID", shaped, url)


@pytest.mark.requirement("DL-01.b")
def test_each_connection_has_its_own(lab: Lab, connection: LabConnection, body: dict[str, Any]) -> None:
    """Two connections never share one."""
    other = lab.connect(body, BIN)
    lab.expect_seen("two connections have two URLs", connection.downlink_url, {"not": other.downlink_url})


@pytest.mark.requirement("DL-02.a")
def test_uplinks_carry_the_same_url(lab: Lab, connection: LabConnection, devices: list[LabDevice]) -> None:
    """downlinkUrl in each delivered uplink is the one that the API shows."""
    sent = [device.send() for device in devices]
    lab.await_delivery(sent, connection.route)
    lab.judge_delivery(sent, connection)
    found = {
        json.loads(r.body)["DevEUI_uplink"].get("downlinkUrl")
        for r in Bin(lab.browser, f"https://posthere.io{BIN.path}").requests()
    }
    lab.expect_seen(
        "each uplink carries the URL that the API shows",
        found,
        {"is": {connection.downlink_url}},
        f"API {connection.downlink_url}, uplinks {found}",
    )


@pytest.mark.needs("replacing")
@pytest.mark.requirement("DL-01.c")
def test_url_survives_put(
    lab: Lab, connection: LabConnection, body: dict[str, Any], devices: list[LabDevice], post_downlink: PostDownlink
) -> None:
    """A PUT changes the configuration, not the URL; it goes on working."""
    before = connection.downlink_url
    body["name"] = "Downlinks, renamed"
    connection.replace(body)
    lab.expect_seen(
        "the URL is the same after PUT",
        connection.downlink_url,
        {"is": before},
        f"{before} became {connection.downlink_url}",
    )
    answer = post_downlink(before, {**DOWNLINK, "DevEUI": devices[0].dev_eui})
    lab.expect_seen(
        "it takes downlinks after PUT",
        answer.status_code,
        {"is": lab.profile.choices.downlink_status},
        f"{answer.status_code} {answer.text[:200]}",
    )


@pytest.mark.needs("deleting")
@pytest.mark.requirement("DL-01.e", "DL-13.b")
def test_url_is_gone_with_the_connection(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], post_downlink: PostDownlink
) -> None:
    """After DELETE it answers 404 and nothing reaches the device."""
    url = connection.downlink_url
    connection.delete()
    answer = post_downlink(url, {**DOWNLINK, "DevEUI": devices[0].dev_eui})
    lab.expect_answer("a deleted connection's URL answers 404", answer, 404)
    lab.expect_no_downlink(devices, proves="DL-13.b")


@pytest.mark.needs("api")
@pytest.mark.requirement("DL-13.a")
def test_unknown_uuid_answers_404(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], post_downlink: PostDownlink
) -> None:
    """A UUID that belongs to no connection is told apart from a wrong body."""
    url = f"{lab.endpoints.downlink_base}/iot-flow/downlinkMessages/{lab.secrets.uuid('unknown')}"
    answer = post_downlink(url, {**DOWNLINK, "DevEUI": devices[0].dev_eui})
    lab.expect_seen(
        "an unknown UUID answers 404", answer.status_code, {"is": 404}, f"{answer.status_code} {answer.text[:200]}"
    )
    lab.expect_no_downlink(devices)


@pytest.mark.needs("api")
@pytest.mark.requirement("DL-03.a", "DL-03.b", "DL-03.c")
@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host"])
def test_url_does_not_follow_the_callers_host(
    lab: Lab, connection: LabConnection, body: dict[str, Any], header: str
) -> None:
    """Whatever X-Forwarded-Host says, the URL begins with the public base; so it does by Host, where that is answered.

    A forwarder may refuse a Host that is none of its names: then nobody learns a URL by it.
    """
    before = connection.downlink_url
    with lab.stranger(headers={header: "evil.example"}) as stranger:
        answer = stranger.get(f"{lab.api.base}/connections/{connection.id}", headers=lab.api.authorization)
    if header == "Host" and 400 <= answer.status_code < 500:
        shown = connection.read()["downlinkUrl"]
        lab.expect_seen("a Host that is refused changes nothing", shown, {"is": before})
        base = f"{lab.endpoints.downlink_base}/"
        for part in ("DL-03.b", "DL-03.c"):  # neither page nor answer to POST is given to such a caller
            lab.expect("what is shown begins with the public base", shown.startswith(base), shown, proves=part)
        return
    shown = answer.json()["downlinkUrl"]
    lab.expect_seen(
        "the URL stays at the public base", shown, {"is": before}, f"with {header}: evil.example it became {shown}"
    )
    with lab.stranger(headers={header: "evil.example"}) as stranger:
        made = stranger.post(f"{lab.api.base}/connections", json=body, headers=lab.api.authorization).json()
        lab.belongings.adopt("connections", made)
        url = str(made.get("downlinkUrl"))
        right = url.startswith(f"{lab.endpoints.downlink_base}/")
        lab.expect("so does that in the answer to POST", right, f"with {header} it is {url}", proves="DL-03.c")
        if lab.endpoints.pages and lab.profile.features.pages and not lab.profile.features.pages_login:
            pages = lab.endpoints.pages.rstrip("/")
            page = stranger.get(f"{pages}/connections/{connection.id}", follow_redirects=True).text
            right = before in page and "evil.example" not in page
            lab.expect("the page shows it at the public base", right, page[:200], hop="page", proves="DL-03.b")
    lab.expect_seen(
        "its host is the platform's",
        urlsplit(shown).hostname,
        {"is": urlsplit(lab.endpoints.downlink_base).hostname},
        shown,
    )
