"""The devices on the pages, over HTTP: heard or named, and bound to applications."""

from typing import Any

import httpx

from tests.simulator.forwarder.destination import Destination
from tests.simulator.forwarder.making import DEV_EUI, OTHER_EUI
from tests.simulator.forwarder.process import Forwarder

UNHEARD = "0018B20000000B20"


def post(forwarder: Forwarder, dev_eui: str, data: dict[str, Any], **headers: str) -> httpx.Response:
    return forwarder.client.post(f"{forwarder.ready['pages']}devices/{dev_eui}", data=data, headers=headers)


def page(forwarder: Forwarder, path: str = "devices") -> str:
    return forwarder.client.get(httpx.URL(forwarder.ready["pages"]).join(path)).raise_for_status().text


def test_list_holds_devices_that_were_heard_and_those_that_a_flow_names(forwarder: Forwarder) -> None:
    forwarder.uplink(1)
    forwarder.bind(forwarder.create("http://127.0.0.1:9/x"), UNHEARD)

    html = page(forwarder)

    assert f'href="/iot-flow/devices/{DEV_EUI}"' in html
    assert f'href="/iot-flow/devices/{UNHEARD}"' in html
    assert "elsys ers" in html


def test_device_is_found_by_a_part_of_its_name(forwarder: Forwarder) -> None:
    forwarder.uplink(1)
    forwarder.uplink(1, OTHER_EUI)

    html = page(forwarder, "devices?find=04-a7")

    assert OTHER_EUI in html
    assert f'href="/iot-flow/devices/{DEV_EUI}"' not in html


def test_added_application_gets_the_uplinks_from_then_on(forwarder: Forwarder, destination: Destination) -> None:
    number = forwarder.create(destination.url)
    forwarder.uplink(1)

    answer = post(forwarder, DEV_EUI, {"application": number})
    forwarder.uplink(2)

    assert "successfully added to the device" in page(forwarder, answer.headers["location"])
    assert [arrival.uplink["FCntUp"] for arrival in destination.wait_for(1)] == [2]


def test_removed_application_gets_nothing_more(forwarder: Forwarder, destination: Destination) -> None:
    number = forwarder.create(destination.url)
    forwarder.bind(number, DEV_EUI, OTHER_EUI)
    forwarder.uplink(1)

    answer = post(forwarder, DEV_EUI, {"remove": number})
    forwarder.uplink(2)
    forwarder.uplink(3, OTHER_EUI)

    assert "has been removed from the device" in page(forwarder, answer.headers["location"])
    assert [arrival.uplink["FCntUp"] for arrival in destination.wait_for(2)] == [1, 3]


def test_application_that_tags_bind_cannot_be_removed(forwarder: Forwarder) -> None:
    number = forwarder.create("http://127.0.0.1:9/x")
    matchers = [{"type": "thing", "tags": ["lab"]}]
    forwarder.call("POST", "/flows", json={"name": "f", "matchers": matchers, "connectors": [{"connectionId": number}]})
    forwarder.uplink(1)

    html = page(forwarder, f"devices/{DEV_EUI}")

    assert "bound by tags" in html
    assert f'id="remove-{number}"' not in html


def test_wrong_choice_is_told_at_the_field(forwarder: Forwarder) -> None:
    number = forwarder.create("http://127.0.0.1:9/x")
    forwarder.create("http://127.0.0.1:9/y")
    forwarder.bind(number)

    for choice, message in (
        ("", "An application must be chosen"),
        (number, "is an application of this device already"),
        ("999", "There is no connection 999"),
    ):
        answer = post(forwarder, DEV_EUI, {"application": choice})
        assert answer.status_code in (400, 404)
        assert message in answer.text


def test_unknown_device_is_not_found(forwarder: Forwarder) -> None:
    assert forwarder.client.get(f"{forwarder.ready['pages']}devices/FFFFFFFFFFFFFFFF").status_code == 404
    assert post(forwarder, "FFFFFFFFFFFFFFFF", {"application": "1"}).status_code == 404


def test_form_of_another_site_binds_nothing(forwarder: Forwarder) -> None:
    number = forwarder.create("http://127.0.0.1:9/x")
    forwarder.uplink(1)

    assert post(forwarder, DEV_EUI, {"application": number}, Origin="null").status_code == 403
    assert forwarder.call("GET", "/flows").json() == []
