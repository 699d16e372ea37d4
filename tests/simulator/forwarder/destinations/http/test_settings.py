"""The parameters of the HTTP connector, by what is refused and what is accepted."""

import pytest

from tests.simulator.forwarder.making import HTTP_EXAMPLE, WIDGELIX_EXAMPLE, changed
from uplab.simulator.forwarder.connections.connection import parse_connection
from uplab.simulator.forwarder.destinations.failures import Manner
from uplab.simulator.forwarder.destinations.http.settings import HttpBody, failures
from uplab.simulator.forwarder.destinations.table import CONNECTORS
from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.platform import Generation, Platform

PLATFORM = Platform()


def refusal(body: object, platform: Platform = PLATFORM) -> InvalidError:
    with pytest.raises(InvalidError) as caught:
        parse_connection(body, CONNECTORS, platform)
    return caught.value


@pytest.mark.parametrize(
    "url",
    [
        "ftp://posthere.io/x",
        "posthere.io/x",
        "",
        "http://",
        "https:///x",
        "http://user:secret@posthere.io/",
        "http://user@posthere.io/",
        "http://posthere.io:0/",
        "http://posthere.io:65536/",
        "http://posthere.io:x/",
        "http://posthere.io:-1/",
        "http://post here.io/",
        "http://posthere.io/a b",
        "http://posthere.io/\r\nX: y",
        "http://posthere.io/{DevEUI}",
        "http://posthère.io/",
        "http://posthere.io/#x",
        "http://posthere.io/%zz",
        "http://posthere.io/%4",
        "http://posthere.io/[x]",
        "http://posthere.io:٣/",
        "http://[:::]/",
        "http://a:80:80/",
        "ws://posthere.io/",
        "file:///etc/passwd",
        "http://[::1/",
        "http://-x.io/",
        "http://a..b/",
        "javascript:alert(1)",
        "http://" + "x" * 2050,
        17,
        None,
    ],
)
def test_wrong_destination_is_refused(url: object) -> None:
    body = {**HTTP_EXAMPLE, "configuration": {**HTTP_EXAMPLE["configuration"], "destinationURL": url}}
    assert refusal(body).field == "configuration.destinationURL"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080",
        "HTTPS://Posthere.io/a?b=c&d",
        "http://[::1]:80/",
        "http://localhost/",
        "http://[::ffff:127.0.0.1]/",
        "http://xn--posthre-6ya.io/",
        "http://a_b.lan./x%20y",
    ],
)
def test_right_destination_is_accepted(url: str) -> None:
    parse_connection(changed(HTTP_EXAMPLE, destinationURL=url), CONNECTORS, PLATFORM)


def test_host_beyond_ascii_is_told_its_other_form() -> None:
    assert "xn--" in str(refusal(changed(HTTP_EXAMPLE, destinationURL="http://posthère.io/")))


@pytest.mark.parametrize("headers", [[], "x", {"X": 1}, {"X": None}, {"X": {}}, None])
def test_headers_are_an_object_of_strings(headers: object) -> None:
    body = {**HTTP_EXAMPLE, "configuration": {**HTTP_EXAMPLE["configuration"], "headers": headers}}
    assert refusal(body).field.startswith("configuration.headers")


@pytest.mark.parametrize("headers", [{"X": "a\r\nb"}, {"X Y": "a"}, {"X": "{"}, {"Host": "a"}])
def test_header_that_cannot_be_sent_is_named(headers: dict[str, str]) -> None:
    assert refusal(changed(HTTP_EXAMPLE, headers=headers)).field == f"configuration.headers.{next(iter(headers))}"


@pytest.mark.parametrize("period", ["30", 1.5, 30.0, -1, True, None])
def test_blame_period_is_a_whole_number_of_seconds(period: object) -> None:
    body = {**HTTP_EXAMPLE, "configuration": {**HTTP_EXAMPLE["configuration"], "blamePeriod": period}}
    error = refusal(body)

    assert error.field == "configuration.blamePeriod"
    assert "blamePeriod must be" in str(error)


def test_blame_period_of_zero_is_accepted() -> None:
    body = parse_connection(changed(HTTP_EXAMPLE, blamePeriod=0), CONNECTORS, PLATFORM).body
    assert isinstance(body, HttpBody)
    assert body.configuration.blame_period == 0


@pytest.mark.parametrize("brand", ["widgelix", "DATACAKE", "", 1])
def test_other_brand_is_refused(brand: object) -> None:
    assert refusal({**WIDGELIX_EXAMPLE, "brand": brand}).field == "brand"


@pytest.mark.parametrize("generation", [Generation.STRICT_RESEND, Generation.STRICT_CLOSE])
def test_each_generation_has_its_own_key(generation: Generation) -> None:
    platform = Platform(generation=generation)

    parse_connection(changed(HTTP_EXAMPLE, strictMode=True), CONNECTORS, platform)
    assert refusal(changed(HTTP_EXAMPLE, blamePeriod=30), platform).field == "configuration.blamePeriod"
    assert refusal(changed(HTTP_EXAMPLE, strictMode=True)).field == "configuration.strictMode"


@pytest.mark.parametrize(
    ("generation", "strict", "manner"),
    [
        (Generation.BLAME, None, Manner.BLAME),
        (Generation.STRICT_RESEND, None, Manner.LENIENT),
        (Generation.STRICT_RESEND, False, Manner.LENIENT),
        (Generation.STRICT_RESEND, True, Manner.STRICT_RESEND),
        (Generation.STRICT_CLOSE, False, Manner.LENIENT),
        (Generation.STRICT_CLOSE, True, Manner.STRICT_CLOSE),
    ],
)
def test_generation_and_strict_mode_pick_the_manner(
    generation: Generation, strict: bool | None, manner: Manner
) -> None:
    platform = Platform(generation=generation)
    body = parse_connection(changed(HTTP_EXAMPLE, strictMode=strict), CONNECTORS, platform).body

    assert failures(body, platform) == (manner, 30.0)
