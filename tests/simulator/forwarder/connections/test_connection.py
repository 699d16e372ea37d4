from typing import Any

import pytest

from tests.simulator.forwarder.making import HTTP_EXAMPLE, THINGSBOARD_EXAMPLE, WIDGELIX_EXAMPLE, changed
from uplab.simulator.forwarder.connections.connection import (
    Generation,
    HttpBody,
    Platform,
    ThingsBoardBody,
    parse_connection,
)
from uplab.simulator.forwarder.invalid import InvalidError

PLATFORM = Platform()
EXAMPLES = [HTTP_EXAMPLE, WIDGELIX_EXAMPLE, THINGSBOARD_EXAMPLE]


def refusal(body: object, platform: Platform = PLATFORM) -> InvalidError:
    with pytest.raises(InvalidError) as caught:
        parse_connection(body, platform)
    return caught.value


@pytest.mark.parametrize(
    "example", [HTTP_EXAMPLE, WIDGELIX_EXAMPLE, THINGSBOARD_EXAMPLE], ids=lambda body: body["name"]
)
def test_document_s_own_example_is_accepted(example: dict[str, Any]) -> None:
    connection = parse_connection(example, PLATFORM)

    assert connection.given == example
    assert connection.body.active


def test_omitted_parameters_have_their_documented_defaults() -> None:
    body = parse_connection(HTTP_EXAMPLE, PLATFORM).body

    assert isinstance(body, HttpBody)
    assert body.configuration.blame_period == 30
    assert body.configuration.reconnect_strategy == "NORMAL"
    assert body.configuration.create_devices
    assert body.configuration.downlink_enabled
    assert not body.configuration.send_metadata
    assert body.configuration.uplink_time_validity is None


@pytest.mark.parametrize("body", [None, [], "x", 1, True])
def test_body_that_is_no_object_is_refused(body: object) -> None:
    assert str(refusal(body)) == "the body must be a JSON object"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x"}, "connectorId"),
        ({"connectorId": "actility-http-iot"}, "name"),
        ({"connectorId": "actility-http-iot", "name": "x"}, "configuration"),
        ({"connectorId": "actility-http-iot", "name": "x", "configuration": {}}, "configuration.destinationURL"),
        ({"connectorId": "actility-thingsboard-iot", "name": "x", "configuration": {}}, "configuration.hostName"),
        (changed(THINGSBOARD_EXAMPLE, username=None), "configuration.username"),
        (changed(THINGSBOARD_EXAMPLE, password=None), "configuration.password"),
    ],
)
def test_missing_field_is_named(body: object, field: str) -> None:
    error = refusal(body)

    assert error.field == field
    assert str(error) == f"{field} is mandatory"


@pytest.mark.parametrize("connector", ["actility-mqtt-iot", "", 7, None, "ACTILITY-HTTP-IOT"])
def test_unknown_connector_is_refused(connector: object) -> None:
    error = refusal({**HTTP_EXAMPLE, "connectorId": connector})

    assert error.field == "connectorId"
    assert "actility-http-iot" in str(error)


@pytest.mark.parametrize("name", ["", " ", 7, None, "x" * 256])
def test_wrong_name_is_refused(name: object) -> None:
    assert refusal({**HTTP_EXAMPLE, "name": name}).field == "name"


@pytest.mark.parametrize("active", ["true", 1, None])
def test_active_is_a_boolean(active: object) -> None:
    assert refusal({**HTTP_EXAMPLE, "active": active}).field == "active"


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
    parse_connection(changed(HTTP_EXAMPLE, destinationURL=url), PLATFORM)


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
    body = parse_connection(changed(HTTP_EXAMPLE, blamePeriod=0), PLATFORM).body
    assert isinstance(body, HttpBody)
    assert body.configuration.blame_period == 0


@pytest.mark.parametrize(
    ("key", "near"),
    [
        ("Headers", "headers"),
        ("destinationUrl", "destinationURL"),
        ("blameperiod", "blamePeriod"),
        ("DOWNLINKPORT", "downlinkPort"),
        ("send_metadata", "sendMetadata"),
    ],
)
def test_misspelt_key_is_refused_with_the_right_spelling(key: str, near: str) -> None:
    body = changed(HTTP_EXAMPLE, **{near: None, key: {} if near == "headers" else "x"})

    assert str(refusal(body)) == f"configuration.{key} is unknown; did you mean {near}?"


@pytest.mark.parametrize("key", ["Name", "ConnectorID", "Configuration"])
def test_misspelt_key_at_the_top_is_refused_too(key: str) -> None:
    assert "did you mean" in str(refusal({**HTTP_EXAMPLE, key: HTTP_EXAMPLE["name"]}))


def test_misspelt_connector_id_is_explained() -> None:
    body = {name: value for name, value in HTTP_EXAMPLE.items() if name != "connectorId"}
    assert str(refusal({**body, "connectorid": "x"})) == "connectorid is unknown; did you mean connectorId?"


@pytest.mark.parametrize("key", ["upOperations", "proxy", "debug", "Proxy"])
@pytest.mark.parametrize("inside", [True, False], ids=["configuration", "top"])
def test_option_that_is_not_implemented_is_refused(key: str, inside: bool) -> None:
    body = changed(HTTP_EXAMPLE, **{key: {}}) if inside else {**HTTP_EXAMPLE, key: {}}
    assert "is not implemented" in str(refusal(body))


def test_unknown_key_is_refused() -> None:
    assert str(refusal(changed(HTTP_EXAMPLE, frobnicate=1))) == "configuration.frobnicate is unknown"
    assert refusal(changed(HTTP_EXAMPLE, hostName="a:1")).field == "configuration.hostName"


@pytest.mark.parametrize("id_", ["id", "state", "downlinkUrl"])
def test_post_cannot_choose_what_the_platform_gives(id_: str) -> None:
    assert refusal({**HTTP_EXAMPLE, id_: "8"}).field == id_


@pytest.mark.parametrize(
    "host",
    [
        "https://thingsboard.cloud:443",
        "thingsboard.cloud",
        "thingsboard.cloud:",
        "a:0",
        "a:65536",
        ":1",
        "a:x",
        "a:1/x",
        "::1:80",
        "a b:1",
        1,
    ],
)
def test_host_name_is_host_and_port(host: object) -> None:
    body = {**THINGSBOARD_EXAMPLE, "configuration": {**THINGSBOARD_EXAMPLE["configuration"], "hostName": host}}
    assert refusal(body).field == "configuration.hostName"


@pytest.mark.parametrize("host", ["thingsboard.cloud:443", "cloud.thingsboard.io:1883", "10.0.0.1:8883", "[::1]:1883"])
def test_host_names_of_the_documents_are_accepted(host: str) -> None:
    body = parse_connection(changed(THINGSBOARD_EXAMPLE, hostName=host), PLATFORM).body
    assert isinstance(body, ThingsBoardBody)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("uplinkTimeValidity", "5"),
        ("uplinkTimeValidity", "0m"),
        ("uplinkTimeValidity", "-1m"),
        ("uplinkTimeValidity", "1w"),
        ("uplinkTimeValidity", 60),
        ("downlinkPort", 0),
        ("downlinkPort", 225),
        ("downlinkPort", "x"),
        ("downlinkPort", True),
        ("downlinkPort", 1.0),
        ("reconnectStrategy", "normal"),
        ("reconnectStrategy", "FAST"),
        ("downlinkAsKey", ""),
        ("sendMetadata", "true"),
        ("tiak", "xyz"),
        ("description", 7),
    ],
)
def test_wrong_common_parameter_is_named(key: str, value: object) -> None:
    error = refusal(changed(HTTP_EXAMPLE, **{key: value}))

    assert error.field == f"configuration.{key}"
    assert str(error).startswith(f"configuration.{key} ")
    assert "^" not in str(error)  # a pattern is nothing for a user to read


@pytest.mark.parametrize(("key", "value"), [("downlinkPort", 5), ("downlinkPort", "1"), ("uplinkTimeValidity", "72h")])
def test_documented_forms_of_a_parameter_are_accepted(key: str, value: object) -> None:
    parse_connection(changed(HTTP_EXAMPLE, **{key: value}), PLATFORM)


# -- Widgelix


@pytest.mark.parametrize(
    "url",
    [
        "https://app.widgelix.com/v1/input-node/actility/",
        "http://app.widgelix.com/v1/input-node/actility",
        "https://evil.io/",
    ],
)
def test_widgelix_has_one_destination(url: str) -> None:
    error = refusal(changed(WIDGELIX_EXAMPLE, destinationURL=url))

    assert error.field == "configuration.destinationURL"
    assert "https://app.widgelix.com/v1/input-node/actility" in str(error)


def test_platform_may_have_another_widgelix() -> None:
    platform = Platform(widgelix_url="https://widgelix.test/in")

    parse_connection(changed(WIDGELIX_EXAMPLE, destinationURL="https://widgelix.test/in"), platform)
    assert refusal(WIDGELIX_EXAMPLE, platform).field == "configuration.destinationURL"


@pytest.mark.parametrize("headers", [{}, {"X": "y"}, {"Authorization": ""}, {"Authorization": "Bearer"}])
def test_widgelix_needs_an_access_token(headers: dict[str, str]) -> None:
    assert refusal(changed(WIDGELIX_EXAMPLE, headers=headers)).field == "configuration.headers.Authorization"


@pytest.mark.parametrize("brand", ["widgelix", "DATACAKE", "", 1])
def test_other_brand_is_refused(brand: object) -> None:
    assert refusal({**WIDGELIX_EXAMPLE, "brand": brand}).field == "brand"


# -- what is shown, and what comes back


@pytest.mark.parametrize(
    ("example", "key"), [(THINGSBOARD_EXAMPLE, "password"), (HTTP_EXAMPLE, "downlinkAsKey"), (HTTP_EXAMPLE, "tiak")]
)
def test_secret_is_shown_as_five_asterisks(example: dict[str, Any], key: str) -> None:
    connection = parse_connection(changed(example, **{key: "0123456789abcdef0123456789abcdef"}), PLATFORM)

    assert connection.shown(PLATFORM)["configuration"][key] == "*****"


def test_headers_are_shown_in_clear_unless_the_platform_masks_them() -> None:
    connection = parse_connection(HTTP_EXAMPLE, PLATFORM)

    assert connection.shown(PLATFORM)["configuration"]["headers"] == HTTP_EXAMPLE["configuration"]["headers"]
    masked = connection.shown(Platform(mask_headers=True))["configuration"]["headers"]
    assert masked == {"Authorization": "*****", "X-Thing": "*****", "X-Site": "*****"}


def test_asterisks_keep_the_stored_secret() -> None:
    stored = parse_connection(THINGSBOARD_EXAMPLE, PLATFORM)
    again = parse_connection(stored.shown(PLATFORM), PLATFORM, stored)

    assert again.given["configuration"]["password"] == "HelloWorld"


@pytest.mark.parametrize("mask", ["*****", "Bearer *****"])
def test_asterisks_keep_a_stored_header(mask: str) -> None:
    stored = parse_connection(HTTP_EXAMPLE, PLATFORM)
    again = parse_connection(changed(HTTP_EXAMPLE, headers={"Authorization": mask}), PLATFORM, stored)

    assert again.given["configuration"]["headers"] == {"Authorization": "Bearer ee32e34ed!="}


@pytest.mark.parametrize(
    "body",
    [changed(THINGSBOARD_EXAMPLE, password="*****"), changed(HTTP_EXAMPLE, headers={"X": "*****"})],
    ids=["password", "header"],
)
def test_asterisks_that_stand_for_nothing_are_refused(body: dict[str, Any]) -> None:
    assert "is the mask" in str(refusal(body))


def test_put_takes_the_shown_resource_back() -> None:
    stored = parse_connection(HTTP_EXAMPLE, PLATFORM)
    shown = {"id": "8", **stored.shown(PLATFORM), "state": "OPENED", "startupTime": None, "downlinkUrl": "http://x"}

    assert parse_connection(shown, PLATFORM, stored).given == {**HTTP_EXAMPLE, "active": True}


def test_put_merges_nothing_in() -> None:
    stored = parse_connection(changed(HTTP_EXAMPLE, blamePeriod=5, description="old"), PLATFORM)
    again = parse_connection(HTTP_EXAMPLE, PLATFORM, stored)

    assert isinstance(again.body, HttpBody)
    assert again.body.configuration.blame_period == 30
    assert again.body.configuration.description is None


def test_put_cannot_change_the_connector() -> None:
    stored = parse_connection(HTTP_EXAMPLE, PLATFORM)
    with pytest.raises(InvalidError, match="cannot change"):
        parse_connection(THINGSBOARD_EXAMPLE, PLATFORM, stored)


# -- generations


@pytest.mark.parametrize("generation", [Generation.STRICT_RESEND, Generation.STRICT_CLOSE])
def test_each_generation_has_its_own_key(generation: Generation) -> None:
    platform = Platform(generation=generation)

    parse_connection(changed(HTTP_EXAMPLE, strictMode=True), platform)
    assert refusal(changed(HTTP_EXAMPLE, blamePeriod=30), platform).field == "configuration.blamePeriod"
    assert refusal(changed(HTTP_EXAMPLE, strictMode=True)).field == "configuration.strictMode"


def test_asterisks_keep_a_stored_header_whatever_the_case_of_its_name() -> None:
    stored = parse_connection(HTTP_EXAMPLE, PLATFORM)
    again = parse_connection(changed(HTTP_EXAMPLE, headers={"AUTHORIZATION": "*****"}), PLATFORM, stored)

    assert again.given["configuration"]["headers"] == {"AUTHORIZATION": "Bearer ee32e34ed!="}


def test_host_beyond_ascii_is_told_its_other_form() -> None:
    assert "xn--" in str(refusal(changed(HTTP_EXAMPLE, destinationURL="http://posthère.io/")))
