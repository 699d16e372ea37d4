from typing import Any

import pytest

from uplab.scenarios.lab.ways.direct import addressed, outward, transports

RESOLVE = {
    "posthere.io:443": "10.0.0.1:4001",
    "posthere.io:80": "10.0.0.1:4002",
    "thingsboard.cloud:1883": "10.0.0.1:4003",
    "thingsboard.cloud:8883": "10.0.0.1:4004",
    "thingsboard.cloud:443": "10.0.0.1:4005",
    "expired.uplab.test:443": "10.0.0.1:4006",
}


@pytest.mark.parametrize(
    ("url", "tls", "found"),
    [
        ("https://posthere.io/a?b=c#d", True, "https://10.0.0.1:4001/a?b=c#d"),
        ("https://posthere.io/a", False, "http://10.0.0.1:4002/a"),
        ("http://POSTHERE.io/a", True, "http://10.0.0.1:4002/a"),
        ("https://me:secret@posthere.io/a", True, "https://me:secret@10.0.0.1:4001/a"),
        ("https://expired.uplab.test/a", False, "https://10.0.0.1:4006/a"),
        ("http://127.0.0.1:8080/a", True, "http://127.0.0.1:8080/a"),
        ("https://nobody.example/a", True, "https://nobody.example/a"),
        ("http://[broken", True, "http://[broken"),
        ("https://posthere.io:notaport/", True, "https://posthere.io:notaport/"),
        ("", True, ""),
    ],
)
def test_url_leads_to_the_labs_own_address(url: str, tls: bool, found: str) -> None:
    assert outward(url, RESOLVE, tls=tls) == found


@pytest.mark.parametrize(
    ("host", "names", "tls", "found"),
    [
        ("thingsboard.cloud:1883", "direct", True, "10.0.0.1:4003"),
        ("thingsboard.cloud:8883", "direct", False, "10.0.0.1:4003"),
        ("thingsboard.cloud:443", "direct", True, "10.0.0.1:4005"),
        ("thingsboard.cloud:8883", "proxy", True, "10.0.0.1:4004"),
        ("thingsboard.cloud:443", "proxy", True, "thingsboard.cloud:443"),
        ("thingsboard.cloud:1883", "resolve", True, "thingsboard.cloud:1883"),
        ("thingsboard.cloud", "direct", True, "thingsboard.cloud"),
        ("nobody.example:1883", "direct", True, "nobody.example:1883"),
    ],
)
def test_host_of_mqtt_is_direct_with_a_proxy_too(host: str, names: Any, tls: bool, found: str) -> None:
    body = {"name": "x", "configuration": {"hostName": host, "username": "me"}}

    shown = addressed(body, RESOLVE, names=names, tls=tls)

    assert shown == {"name": "x", "configuration": {"hostName": found, "username": "me"}}
    assert body["configuration"] == {"hostName": host, "username": "me"}, "what was given stays as it was"


@pytest.mark.parametrize("body", [None, 5, [], "x", {}, {"configuration": 5}, {"configuration": {"destinationURL": 5}}])
def test_what_is_no_connection_stays_as_it_is(body: Any) -> None:
    assert addressed(body, RESOLVE, names="direct", tls=True) == body


def test_only_direct_names_change_a_url() -> None:
    body = {"configuration": {"destinationURL": "https://posthere.io/a"}}

    assert addressed(body, RESOLVE, names="proxy", tls=True) == body
    assert addressed(body, RESOLVE, names="direct", tls=True) != body


def test_each_address_says_what_it_speaks() -> None:
    assert transports(RESOLVE) == {
        "10.0.0.1:4001": "https",
        "10.0.0.1:4002": "http",
        "10.0.0.1:4003": "mqtt",
        "10.0.0.1:4004": "mqtts",
        "10.0.0.1:4005": "https",
        "10.0.0.1:4006": "https",
    }
