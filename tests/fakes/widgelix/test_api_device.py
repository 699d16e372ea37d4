"""The REST API's downlink side and its reports, without a socket."""

from typing import Any

import orjson
import pytest

from tests.fakes.widgelix.client import Client
from tests.fakes.widgelix.make import EUI, uplink
from uplab.fakes.widgelix.actions import MakeReport
from uplab.fakes.widgelix.routing import Posting

DOWNLINK_URL = "https://community.thingpark.com/iot-flow/downlinkMessages/11111111-2222-4333-8444-555555555555"


def test_connectivity_shows_uplink_and_downlink_side() -> None:
    client = Client()
    device = client.device()
    key = client.key(device)

    members = {"networkServer": "ACTILITY", "downlinkUrl": DOWNLINK_URL, "downlinkPort": 5}
    status, body = client.api("PUT", f"/api/devices/{device}/connectivity", members)

    assert status == 200
    assert body == members | {
        "uplinkUrl": "https://app.widgelix.com/v1/input-node/actility",
        "accessToken": key,
    }


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"networkServer": "HELIUM"}, "networkServer"),
        ({"downlinkUrl": "ftp://example/x"}, "downlinkUrl"),
        ({"downlinkUrl": "http://"}, "downlinkUrl"),
        ({"downlinkUrl": "http://exa mple/"}, "downlinkUrl"),
        ({"downlinkUrl": "http://[::1/"}, "downlinkUrl"),
        ({"downlinkUrl": "http://example:99999/"}, "downlinkUrl"),
        ({"downlinkUrl": 5}, "downlinkUrl"),
        ({"downlinkPort": 0}, "downlinkPort"),
        ({"downlinkPort": 225}, "downlinkPort"),
        ({"downlinkPort": 5.5}, "downlinkPort"),
        ({"downlinkPort": True}, "downlinkPort"),
        ({"downlinkPort": "five"}, "downlinkPort"),
    ],
)
def test_impossible_connectivity_is_refused_by_name(members: Any, field: str) -> None:
    client = Client()
    device = client.device()

    status, body = client.api("PUT", f"/api/devices/{device}/connectivity", members)

    assert (status, body["field"]) == (400, field)
    assert client.api("GET", f"/api/devices/{device}")[1]["connectivity"] is None


def test_downlink_becomes_the_documented_document() -> None:
    client = Client()
    device = client.device()
    client.api("PUT", f"/api/devices/{device}/connectivity", {"downlinkUrl": DOWNLINK_URL, "downlinkPort": "5"})

    reply = client.call("POST", f"/api/devices/{device}/downlinks", {"payload_hex": "00FF"})

    assert isinstance(reply, Posting)
    assert reply.answer.status == 202
    assert reply.post.url == DOWNLINK_URL
    assert orjson.loads(reply.post.body) == {
        "DevEUI_downlink": {
            "Time": "2026-01-02T00:00:00.000+00:00",
            "DevEUI": EUI,
            "FPort": 5,
            "payload_hex": "00FF",
        }
    }
    listed = client.api("GET", f"/api/devices/{device}/downlinks")[1]["downlinks"]
    assert [(downlink["payload_hex"], downlink["status"]) for downlink in listed] == [("00FF", "pending")]


def test_downlink_without_a_port_leaves_it_to_the_connection() -> None:
    client = Client()
    device = client.device()
    client.api("PUT", f"/api/devices/{device}/connectivity", {"downlinkUrl": DOWNLINK_URL})

    reply = client.call("POST", f"/api/devices/{device}/downlinks", {"payload_hex": "00"})

    assert isinstance(reply, Posting)
    assert "FPort" not in orjson.loads(reply.post.body)["DevEUI_downlink"]


@pytest.mark.parametrize("payload_hex", [None, "", "0", "0g", 12, "00" * 243, "0\u0660"])
def test_impossible_downlink_is_refused_by_name(payload_hex: Any) -> None:
    client = Client()
    device = client.device()
    client.api("PUT", f"/api/devices/{device}/connectivity", {"downlinkUrl": DOWNLINK_URL})

    status, body = client.api("POST", f"/api/devices/{device}/downlinks", {"payload_hex": payload_hex})

    assert (status, body["field"]) == (400, "payload_hex")


def test_downlink_without_a_url_is_a_conflict() -> None:
    client = Client()

    status, body = client.api("POST", f"/api/devices/{client.device()}/downlinks", {"payload_hex": "00"})

    assert (status, body["error"]) == (409, "the device's connectivity has no downlink URL")


def test_report_is_a_command_with_what_it_shall_hold() -> None:
    client = Client()
    device = client.device()
    key = client.key(device)
    client.deliver(key, uplink())
    client.deliver(key, uplink(Time="2025-12-01T00:00:00Z"))

    job = client.call("GET", f"/api/devices/{device}/report?fields=temperature&fields=motion&range=week")

    assert isinstance(job, MakeReport)
    assert job.fields == ("temperature", "motion")
    assert [message.f_cnt_up for message in job.messages] == [18]
    assert dict(job.about)["Device Id"] == EUI
    assert dict(job.about)["Time zone"] == "UTC"
    assert job.file_name == f"report-{EUI}-20260102T000000Z.xlsx"


@pytest.mark.parametrize("query", ["", "fields=", "fields=snow", "fields=temperature,snow"])
def test_report_without_a_known_field_is_refused(query: str) -> None:
    client = Client()

    status, body = client.api("GET", f"/api/devices/{client.device()}/report?{query}")

    assert (status, body["field"]) == (400, "fields")
