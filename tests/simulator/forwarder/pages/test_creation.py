"""Creating on the pages, over HTTP: the API's own reading decides, and its words stand at the field."""

import re
from typing import Any

import httpx
import pytest

from tests.simulator.forwarder.process import Forwarder

HTTP = {"name": "my-http-application", "destinationURL": "http://127.0.0.1:9/x", "description": "My HTTP Application"}


def post(forwarder: Forwarder, path: str, data: dict[str, Any], **headers: str) -> httpx.Response:
    return forwarder.client.post(f"{forwarder.ready['pages']}{path}", data=data, headers=headers)


def error(html: str, key: str) -> str:
    found = re.search(rf'id="create-{key}-error"[^>]*>(.*?)</p>', html)
    assert found, html
    return found[1]


def listed(forwarder: Forwarder) -> list[str]:
    return [shown["name"] for shown in forwarder.call("GET", "/connections").json()]


@pytest.mark.parametrize("path", ["", "connections", "devices", "create", "create/types", "create/http"])
def test_every_page_is_there(forwarder: Forwarder, path: str) -> None:
    answer = forwarder.client.get(f"{forwarder.ready['pages']}{path}")

    assert answer.status_code == 200
    assert answer.headers["x-frame-options"] == "DENY"


def test_unknown_type_is_not_found(forwarder: Forwarder) -> None:
    assert forwarder.client.get(f"{forwarder.ready['pages']}create/coap").status_code == 404
    assert forwarder.client.get(f"{forwarder.ready['pages']}connections/{'9' * 5000}").status_code == 404
    assert post(forwarder, "create/coap", HTTP).status_code == 404


def test_created_application_is_shown_with_a_notification(forwarder: Forwarder) -> None:
    headers = {"header-name": ["Authorization", "X-Thing"], "header-value": ["Bearer a", "{DevEUI}"]}

    answer = post(forwarder, "create/http", HTTP | headers)

    assert answer.status_code == 303
    number = re.fullmatch(r"/iot-flow/connections/(\d+)\?done=created", answer.headers["location"])
    assert number
    configuration = forwarder.show(number[1])["configuration"]
    assert configuration["headers"] == {"Authorization": "Bearer a", "X-Thing": "{DevEUI}"}
    page = forwarder.client.get(httpx.URL(forwarder.ready["pages"]).join(answer.headers["location"])).text
    assert "The application &#39;my-http-application&#39; has been successfully created." in page
    assert "Bearer a" not in page


def test_widgelix_address_is_filled_in(forwarder: Forwarder) -> None:
    answer = post(forwarder, "create/widgelix", {"name": "w", "key": "canary"})

    assert answer.status_code == 303
    shown = forwarder.call("GET", "/connections").json()[0]
    assert shown["configuration"]["destinationURL"] == "https://app.widgelix.com/v1/input-node/actility"
    assert shown["brand"] == "WIDGELIX"


@pytest.mark.parametrize(
    ("slug", "typed", "key", "message"),
    [
        ("http", HTTP | {"name": ""}, "name", "Application Name must not be empty"),
        ("http", {"name": "n"}, "destinationURL", "Destination URL must begin with http:// or https://"),
        (
            "http",
            HTTP | {"header-name": "Host", "header-value": "x"},
            "headers",
            "Header Host belongs to the transport",
        ),
        ("http", HTTP | {"header-name": "X-A", "header-value": "*****"}, "headers", "is the mask *****"),
        ("widgelix", {"name": "n"}, "key", "Header Authorization holds no access token"),
        (
            "thingsboard",
            {"name": "n", "hostName": "h", "username": "u", "password": "p"},
            "hostName",
            "Domain Name must",
        ),
        ("thingsboard", {"name": "n", "hostName": "h:1", "username": "u"}, "password", "Password must not be empty"),
    ],
)
def test_refusal_stands_at_its_field(
    forwarder: Forwarder, slug: str, typed: dict[str, str], key: str, message: str
) -> None:
    answer = post(forwarder, f"create/{slug}", typed)

    assert answer.status_code == 400
    assert message in error(answer.text, key)
    assert answer.text.count('aria-invalid="true"') in (1, 2)  # a row of headers has two inputs
    assert listed(forwarder) == []


def test_what_was_typed_stays_but_for_secrets(forwarder: Forwarder) -> None:
    typed = {
        "name": '"><script>',
        "hostName": "h",
        "username": "me",
        "password": "canary",
        "description": "</textarea>",
    }

    html = post(forwarder, "create/thingsboard", typed).text

    assert 'value="&#34;&gt;&lt;script&gt;"' in html
    assert 'value="me"' in html
    assert "&lt;/textarea&gt;" in html
    assert "canary" not in html


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "same-site"}])
def test_form_of_another_site_changes_nothing(forwarder: Forwarder, headers: dict[str, str]) -> None:
    answer = post(forwarder, "create/http", HTTP, **headers)

    assert answer.status_code == 403
    assert "sent by another site" in answer.text
    assert listed(forwarder) == []


def test_body_that_is_no_form_is_refused_above_the_fields(forwarder: Forwarder) -> None:
    answer = forwarder.client.post(f"{forwarder.ready['pages']}create/http", content=b"\xff")

    assert answer.status_code == 400
    assert "The body is no form" in answer.text


def test_limit_of_the_account_is_told_above_the_fields(tmp_path: Any) -> None:
    with Forwarder(tmp_path, "--connection-limit", "1") as forwarder:
        assert post(forwarder, "create/http", HTTP).status_code == 303

        answer = post(forwarder, "create/http", HTTP | {"name": "second"})

        assert answer.status_code == 403
        assert re.search(r"data-overall>Maximum reached", answer.text)
        assert 'value="second"' in answer.text
