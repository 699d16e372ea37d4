"""The devices on the pages, over HTTP: heard or named, and bound to applications."""

import re
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


def euis(html: str) -> list[str]:
    return re.findall(r'href="/iot-flow/devices/([0-9A-F]{16})"', html)


def turn(html: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', html)
    return found[1].replace("&amp;", "&") if found else ""


def heard(forwarder: Forwarder, count: int, beginning: str) -> list[str]:
    """So many devices that a flow names, whose DevEUIs begin so."""
    names = [f"{beginning}{number:0{16 - len(beginning)}X}" for number in range(count)]
    forwarder.bind(forwarder.create("http://127.0.0.1:9/x"), *names)
    return names


def test_two_hundred_and_one_devices_can_all_be_reached_by_links(forwarder: Forwarder) -> None:
    names = heard(forwarder, 201, "00AA")

    html, seen = page(forwarder, "devices?find=00aa"), []
    ranges = []
    while True:
        seen += euis(html)
        ranges += re.findall(r'<span class="range">(.*?)</span>', html)
        if not (following := turn(html, "next")):
            break
        html = page(forwarder, f"devices{following}")

    assert seen == names
    assert ranges[-1] == "201-201 of 201"
    assert euis(page(forwarder, f"devices{turn(html, 'prev')}")) == names[150:200]


def test_page_of_devices_keeps_the_search_and_takes_any_number(forwarder: Forwarder) -> None:
    names = heard(forwarder, 60, "00AB")
    heard(forwarder, 60, "00AC")

    assert euis(page(forwarder, "devices?find=00-ab&page=2")) == names[50:]
    assert euis(page(forwarder, "devices?find=00:ab&page=9999")) == names[50:]
    for number in ("0", "-3", "two", "", "1e9"):
        assert euis(page(forwarder, f"devices?find=00ab&page={number}")) == names[:50]
    assert 'value="00-ab"' in page(forwarder, "devices?find=00-ab&page=2")


def test_search_without_result_says_so_and_leads_back(forwarder: Forwarder) -> None:
    heard(forwarder, 1, "00AD")

    html = page(forwarder, "devices?find=FFFFFFFFFFFFFFFE&page=3")

    assert "No device has <code>FFFFFFFFFFFFFFFE</code> in its DevEUI." in html
    assert '<a href="/iot-flow/devices">Show all</a>' in html


def test_row_of_a_device_with_many_applications_stays_short(forwarder: Forwarder) -> None:
    for number in range(5):
        forwarder.bind(forwarder.create("http://127.0.0.1:9/x", description=str(number)), UNHEARD)

    assert "and 2 more" in page(forwarder, f"devices?find={UNHEARD}")
