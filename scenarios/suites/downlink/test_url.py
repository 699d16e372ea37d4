"""The downlink URL: one for each connection, known before any uplink, the same everywhere, gone with the connection."""

import json
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest

from uplab.scenarios.lab.connection import LabConnection
from uplab.scenarios.lab.device import LabDevice
from uplab.scenarios.lab.lab import Lab
from uplab.scenarios.suites.downlink.conftest import BIN, PostDownlink
from uplab.scenarios.suites.http.bin import Bin

pytestmark = pytest.mark.needs("downlinks", "api")

DOWNLINK = {"FPort": 5, "payload_hex": "3e01"}


@pytest.mark.requirement("DL-01", "DL-03")
def test_url_is_known_before_any_uplink(lab: Lab, connection: LabConnection) -> None:
    """The API shows it at once: the public base, /iot-flow/downlinkMessages/ and a UUID."""
    url = connection.downlink_url
    base = lab.endpoints.downlink_base
    lab.expect(
        "it begins with the public base",
        url.startswith(f"{base}/iot-flow/downlinkMessages/"),
        f"base {base}, URL {url}",
    )
    try:
        UUID(url.rsplit("/", 1)[1])
        shaped = True
    except ValueError:
        shaped = False
    lab.expect("it ends in a UUID", shaped, url)


@pytest.mark.requirement("DL-01")
def test_each_connection_has_its_own(lab: Lab, connection: LabConnection, body: dict[str, Any]) -> None:
    """Two connections never share one."""
    other = lab.connect(body, BIN)
    lab.expect("two connections have two URLs", connection.downlink_url != other.downlink_url, connection.downlink_url)


@pytest.mark.requirement("DL-02")
def test_uplinks_carry_the_same_url(lab: Lab, connection: LabConnection, devices: list[LabDevice]) -> None:
    """downlinkUrl in each delivered uplink is the one that the API shows."""
    sent = [device.send() for device in devices]
    lab.await_delivery(sent, connection.route)
    lab.judge_delivery(sent, connection)
    found = {
        json.loads(r.body)["DevEUI_uplink"].get("downlinkUrl")
        for r in Bin(lab.browser, f"https://posthere.io{BIN.path}").requests()
    }
    lab.expect(
        "each uplink carries the URL that the API shows",
        found == {connection.downlink_url},
        f"API {connection.downlink_url}, uplinks {found}",
    )


@pytest.mark.requirement("DL-01")
def test_url_survives_put(
    lab: Lab, connection: LabConnection, body: dict[str, Any], devices: list[LabDevice], post_downlink: PostDownlink
) -> None:
    """A PUT changes the configuration, not the URL; it goes on working."""
    before = connection.downlink_url
    body["name"] = "Downlinks, renamed"
    connection.replace(body)
    lab.expect(
        "the URL is the same after PUT", connection.downlink_url == before, f"{before} became {connection.downlink_url}"
    )
    answer = post_downlink(before, {**DOWNLINK, "DevEUI": devices[0].dev_eui})
    lab.expect(
        "it takes downlinks after PUT",
        answer.status_code == lab.profile.choices.downlink_status,
        f"{answer.status_code} {answer.text[:200]}",
    )


@pytest.mark.requirement("DL-01", "DL-13")
def test_url_is_gone_with_the_connection(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], post_downlink: PostDownlink
) -> None:
    """After DELETE it answers 404 and nothing reaches the device."""
    url = connection.downlink_url
    connection.delete()
    answer = post_downlink(url, {**DOWNLINK, "DevEUI": devices[0].dev_eui})
    lab.expect_answer("a deleted connection's URL answers 404", answer, 404)
    lab.expect_no_downlink(devices)


@pytest.mark.requirement("DL-13")
def test_unknown_uuid_answers_404(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], post_downlink: PostDownlink
) -> None:
    """A UUID that belongs to no connection is told apart from a wrong body."""
    url = f"{lab.endpoints.downlink_base}/iot-flow/downlinkMessages/{lab.secrets.uuid('unknown')}"
    answer = post_downlink(url, {**DOWNLINK, "DevEUI": devices[0].dev_eui})
    lab.expect("an unknown UUID answers 404", answer.status_code == 404, f"{answer.status_code} {answer.text[:200]}")
    lab.expect_no_downlink(devices)


@pytest.mark.requirement("DL-03")
@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host"])
def test_url_does_not_follow_the_callers_host(lab: Lab, connection: LabConnection, header: str) -> None:
    """Whatever X-Forwarded-Host says, the URL begins with the public base; so it does by Host, where that is answered.

    A forwarder may refuse a Host that is none of its names: then nobody learns a URL by it.
    """
    before = connection.downlink_url
    answer = httpx.get(f"{lab.api.base}/connections/{connection.id}", headers={header: "evil.example"}, trust_env=False)
    if header == "Host" and 400 <= answer.status_code < 500:
        shown = connection.read()["downlinkUrl"]
        lab.expect("a Host that is refused changes nothing", shown == before, shown)
        return
    shown = answer.json()["downlinkUrl"]
    lab.expect("the URL stays at the public base", shown == before, f"with {header}: evil.example it became {shown}")
    lab.expect(
        "its host is the platform's", urlsplit(shown).hostname == urlsplit(lab.endpoints.downlink_base).hostname, shown
    )
