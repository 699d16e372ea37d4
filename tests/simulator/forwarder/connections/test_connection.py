from typing import Any

import pytest

from tests.simulator.forwarder.making import HTTP_EXAMPLE, THINGSBOARD_EXAMPLE, WIDGELIX_EXAMPLE, changed
from uplab.simulator.forwarder.connections.connection import parse_connection
from uplab.simulator.forwarder.destinations.http.settings import HttpBody
from uplab.simulator.forwarder.destinations.table import CONNECTORS
from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.platform import Platform

PLATFORM = Platform()


def refusal(body: object, platform: Platform = PLATFORM) -> InvalidError:
    with pytest.raises(InvalidError) as caught:
        parse_connection(body, CONNECTORS, platform)
    return caught.value


@pytest.mark.parametrize(
    "example", [HTTP_EXAMPLE, WIDGELIX_EXAMPLE, THINGSBOARD_EXAMPLE], ids=lambda body: body["name"]
)
def test_document_s_own_example_is_accepted(example: dict[str, Any]) -> None:
    connection = parse_connection(example, CONNECTORS, PLATFORM)

    assert connection.given == example
    assert connection.body.active


def test_omitted_parameters_have_their_documented_defaults() -> None:
    body = parse_connection(HTTP_EXAMPLE, CONNECTORS, PLATFORM).body

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


@pytest.mark.parametrize("connector", ["actility-kafka-iot", "", 7, None, "ACTILITY-HTTP-IOT"])
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
    ("example", "key"), [(THINGSBOARD_EXAMPLE, "password"), (HTTP_EXAMPLE, "downlinkAsKey"), (HTTP_EXAMPLE, "tiak")]
)
def test_secret_is_shown_as_five_asterisks(example: dict[str, Any], key: str) -> None:
    connection = parse_connection(changed(example, **{key: "0123456789abcdef0123456789abcdef"}), CONNECTORS, PLATFORM)

    assert connection.shown(PLATFORM)["configuration"][key] == "*****"


def test_headers_are_shown_in_clear_unless_the_platform_masks_them() -> None:
    connection = parse_connection(HTTP_EXAMPLE, CONNECTORS, PLATFORM)

    assert connection.shown(PLATFORM)["configuration"]["headers"] == HTTP_EXAMPLE["configuration"]["headers"]
    masked = connection.shown(Platform(mask_headers=True))["configuration"]["headers"]
    assert masked == {"Authorization": "*****", "X-Thing": "*****", "X-Site": "*****"}


def test_asterisks_keep_the_stored_secret() -> None:
    stored = parse_connection(THINGSBOARD_EXAMPLE, CONNECTORS, PLATFORM)
    again = parse_connection(stored.shown(PLATFORM), CONNECTORS, PLATFORM, stored)

    assert again.given["configuration"]["password"] == "HelloWorld"


@pytest.mark.parametrize("mask", ["*****", "Bearer *****"])
def test_asterisks_keep_a_stored_header(mask: str) -> None:
    stored = parse_connection(HTTP_EXAMPLE, CONNECTORS, PLATFORM)
    again = parse_connection(changed(HTTP_EXAMPLE, headers={"Authorization": mask}), CONNECTORS, PLATFORM, stored)

    assert again.given["configuration"]["headers"] == {"Authorization": "Bearer ee32e34ed!="}


@pytest.mark.parametrize(
    "body",
    [changed(THINGSBOARD_EXAMPLE, password="*****"), changed(HTTP_EXAMPLE, headers={"X": "*****"})],
    ids=["password", "header"],
)
def test_asterisks_that_stand_for_nothing_are_refused(body: dict[str, Any]) -> None:
    assert "is the mask" in str(refusal(body))


def test_put_takes_the_shown_resource_back() -> None:
    stored = parse_connection(HTTP_EXAMPLE, CONNECTORS, PLATFORM)
    shown = {"id": "8", **stored.shown(PLATFORM), "state": "OPENED", "startupTime": None, "downlinkUrl": "http://x"}

    assert parse_connection(shown, CONNECTORS, PLATFORM, stored).given == {**HTTP_EXAMPLE, "active": True}


@pytest.mark.parametrize("brand", [None, "absent"])
def test_put_cannot_take_the_brand_away(brand: str | None) -> None:
    stored = parse_connection(WIDGELIX_EXAMPLE, CONNECTORS, PLATFORM)
    without = {key: value for key, value in WIDGELIX_EXAMPLE.items() if key != "brand"}
    body = without if brand else {**without, "brand": None}

    with pytest.raises(InvalidError, match="brand is mandatory in a PUT") as caught:
        parse_connection(body, CONNECTORS, PLATFORM, stored)
    assert caught.value.field == "brand"


def test_put_merges_nothing_in() -> None:
    stored = parse_connection(changed(HTTP_EXAMPLE, blamePeriod=5, description="old"), CONNECTORS, PLATFORM)
    again = parse_connection(HTTP_EXAMPLE, CONNECTORS, PLATFORM, stored)

    assert isinstance(again.body, HttpBody)
    assert again.body.configuration.blame_period == 30
    assert again.body.configuration.description is None


def test_put_cannot_change_the_connector() -> None:
    stored = parse_connection(HTTP_EXAMPLE, CONNECTORS, PLATFORM)
    with pytest.raises(InvalidError, match="cannot change"):
        parse_connection(THINGSBOARD_EXAMPLE, CONNECTORS, PLATFORM, stored)


def test_asterisks_keep_a_stored_header_whatever_the_case_of_its_name() -> None:
    stored = parse_connection(HTTP_EXAMPLE, CONNECTORS, PLATFORM)
    again = parse_connection(changed(HTTP_EXAMPLE, headers={"AUTHORIZATION": "*****"}), CONNECTORS, PLATFORM, stored)

    assert again.given["configuration"]["headers"] == {"AUTHORIZATION": "Bearer ee32e34ed!="}
