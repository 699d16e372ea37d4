"""The page of an application, over HTTP: each field is edited alone, and a secret that is not typed stays."""

import re
from typing import Any

import httpx
import pytest

from tests.simulator.forwarder.destination import Destination
from tests.simulator.forwarder.making import HTTP_EXAMPLE, THINGSBOARD_EXAMPLE, changed
from tests.simulator.forwarder.process import Forwarder


def post(forwarder: Forwarder, number: str, data: dict[str, Any], **headers: str) -> httpx.Response:
    return forwarder.client.post(f"{forwarder.ready['pages']}connections/{number}", data=data, headers=headers)


def page(forwarder: Forwarder, path: str) -> str:
    answer = forwarder.client.get(httpx.URL(forwarder.ready["pages"]).join(path))
    assert answer.status_code == 200
    return answer.text


def test_edited_field_is_told_and_the_others_stay(forwarder: Forwarder) -> None:
    number = forwarder.create("http://127.0.0.1:9/x", description="old")

    answer = post(forwarder, number, {"field": "description", "description": "new"})

    assert answer.status_code == 303
    assert "successfully updated: Description." in page(forwarder, answer.headers["location"])
    configuration = forwarder.show(number)["configuration"]
    assert configuration["description"] == "new"
    assert configuration["headers"]["Authorization"] == "Bearer ee32e34ed!="


def test_masked_header_keeps_its_value_when_another_changes(forwarder: Forwarder, destination: Destination) -> None:
    number = forwarder.create(destination.url)
    headers = {"header-name": ["Authorization", "X-Site"], "header-value": ["*****", "BuildingB"]}

    assert post(forwarder, number, {"field": "headers"} | headers).status_code == 303

    assert forwarder.show(number)["configuration"]["headers"] == {
        "Authorization": "Bearer ee32e34ed!=",
        "X-Site": "BuildingB",
    }


def test_edit_of_another_field_keeps_the_password(forwarder: Forwarder) -> None:
    body = changed(THINGSBOARD_EXAMPLE, hostName="127.0.0.1:9")
    number = forwarder.create(body=body)

    assert post(forwarder, number, {"field": "name", "name": "renamed"}).status_code == 303
    refused = post(forwarder, number, {"field": "password", "password": ""})

    assert forwarder.show(number)["name"] == "renamed"
    assert forwarder.show(number)["configuration"]["password"] == "*****"
    assert "Password must not be empty" in refused.text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"field": "name", "name": " "}, "Application Name must not be empty"),
        (
            {"field": "destinationURL", "destinationURL": "nowhere"},
            "Destination URL must begin with http:// or https://",
        ),
        ({"field": "headers", "header-name": "X-New-Key", "header-value": "*****"}, "no value is stored"),
        ({"field": "blamePeriod", "blamePeriod": "1"}, "This field cannot be changed here"),
        ({}, "This field cannot be changed here"),
    ],
)
def test_refused_edit_changes_nothing(forwarder: Forwarder, data: dict[str, str], message: str) -> None:
    number = forwarder.create("http://127.0.0.1:9/x")
    before = forwarder.show(number)["configuration"]

    answer = post(forwarder, number, data)

    assert answer.status_code == 400
    assert message in answer.text
    assert forwarder.show(number)["configuration"] == before


def test_refused_edit_stays_open_with_what_was_typed(forwarder: Forwarder) -> None:
    number = forwarder.create("http://127.0.0.1:9/x")

    html = post(forwarder, number, {"field": "destinationURL", "destinationURL": "nowhere"}).text

    assert 'value="nowhere"' in html
    assert 'id="edit-destinationURL-stored" hidden' in html
    assert 'id="edit-name-stored">' in html


def test_deleted_application_is_told_on_the_list(forwarder: Forwarder) -> None:
    number = forwarder.create("http://127.0.0.1:9/x")

    answer = post(forwarder, number, {"do": "delete"})

    assert "The application has been deleted." in page(forwarder, answer.headers["location"])
    assert forwarder.call("GET", "/connections").json() == []
    assert post(forwarder, number, {"do": "delete"}).status_code == 404


def test_form_of_another_site_deletes_nothing(forwarder: Forwarder) -> None:
    number = forwarder.create("http://127.0.0.1:9/x")

    assert post(forwarder, number, {"do": "delete"}, Origin="http://evil.example").status_code == 403
    assert forwarder.show(number)["id"] == number


def test_address_cannot_make_a_notification_say_anything_else(forwarder: Forwarder) -> None:
    number = forwarder.create("http://127.0.0.1:9/x")

    html = page(forwarder, f"/iot-flow/connections/{number}?done=updated&field=Call+us")

    assert '<div class="notice">' not in html
    assert "Call us" not in html


def names(html: str) -> list[str]:
    return re.findall(r'<td class="name"><a [^>]*>(.*?)</a>', html)


def test_long_list_of_applications_has_pages_and_a_search(forwarder: Forwarder) -> None:
    made = [f"app-{number:03}" for number in range(103)]
    ids = [forwarder.create(body=changed(HTTP_EXAMPLE | {"name": name, "active": False})) for name in made]

    for path in ("/iot-flow/", "/iot-flow/connections"):
        pages = [page(forwarder, f"{path}?page={number}") for number in (1, 2, 3)]
        assert [name for html in pages for name in names(html)] == made
        assert '<span class="range">101-103 of 103</span>' in pages[2]
        assert names(page(forwarder, f"{path}?page=99")) == made[100:]
        assert names(page(forwarder, f"{path}?find=APP-10")) == made[100:]
        assert names(page(forwarder, f"{path}?find={ids[7]}"))[:1] == [made[7]]
        assert "No application has <code>nobody</code>" in page(forwarder, f"{path}?find=nobody")
    assert "?find=app&amp;page=2" in page(forwarder, "/iot-flow/?find=app")


def test_every_event_that_is_kept_can_be_read(forwarder: Forwarder) -> None:
    number = forwarder.create(body=changed(HTTP_EXAMPLE | {"active": False}))  # nothing happens by itself
    for turn in range(60):
        post(forwarder, number, {"field": "description", "description": str(turn)})
    kept = forwarder.call("GET", f"/connections/{number}/events?perPage=100").json()
    assert len(kept) > 60

    path = f"/iot-flow/connections/{number}"
    first, second = page(forwarder, f"{path}?period=1d"), page(forwarder, f"{path}?period=1d&events=2")

    assert [html.count("<li class=") for html in (first, second)] == [50, len(kept) - 50]
    assert f'<span class="range">51-{len(kept)} of {len(kept)}</span>' in second
    assert 'href="?period=1d&amp;events=2#events"' in first
    assert "Connection created" in second
