"""From what was typed to the body that the API reads, and from its refusal back to the field."""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.simulator.forwarder.making import HTTP_EXAMPLE, MQTT_EXAMPLE, THINGSBOARD_EXAMPLE, WIDGELIX_EXAMPLE
from uplab.simulator.forwarder.connections.connection import parse_connection
from uplab.simulator.forwarder.destinations.table import CONNECTORS
from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.pages.form import (
    Kinds,
    Typed,
    create_body,
    edited_body,
    field_of,
    read_form,
    sentence_at,
)
from uplab.simulator.forwarder.platform import Platform

KINDS = Kinds(CONNECTORS)
PLATFORM = Platform()
EXAMPLES = {
    "http": HTTP_EXAMPLE,
    "widgelix": WIDGELIX_EXAMPLE,
    "thingsboard": THINGSBOARD_EXAMPLE,
    "mqtt": MQTT_EXAMPLE,
}


def typed_of(example: dict[str, Any]) -> Typed:
    configuration = example["configuration"]
    texts = {key: value for key, value in configuration.items() if isinstance(value, str)}
    headers = configuration.get("headers", {})
    return Typed(texts | {"name": example["name"], "key": headers.get("Authorization", "")}, tuple(headers.items()))


@pytest.mark.parametrize("slug", KINDS.by_slug)
def test_form_can_say_the_documents_example(slug: str) -> None:
    assert create_body(KINDS.by_slug[slug], typed_of(EXAMPLES[slug]), PLATFORM) == EXAMPLES[slug]


@pytest.mark.parametrize("slug", KINDS.by_slug)
def test_kind_is_known_by_connector_and_brand(slug: str) -> None:
    assert KINDS.of(EXAMPLES[slug]) is KINDS.by_slug[slug]
    assert KINDS.of({"connectorId": "actility-kafka-iot"}) is None


@pytest.mark.parametrize("slug", KINDS.by_slug)
def test_every_mandatory_field_is_refused_at_itself_when_empty(slug: str) -> None:
    kind = KINDS.by_slug[slug]
    for field in kind.fields:
        typed = typed_of(EXAMPLES[slug])
        body = create_body(kind, Typed({**typed.texts, field.key: ""}, typed.headers), PLATFORM)
        if not field.mandatory and field.key != "username":  # which a password asks for
            parse_connection(body, CONNECTORS, PLATFORM)
            continue
        with pytest.raises(InvalidError) as caught:
            parse_connection(body, CONNECTORS, PLATFORM)
        assert field_of(kind, caught.value.field) is field


def test_form_is_read_as_browsers_write_it() -> None:
    pairs = [("name", "a b"), ("header-name", "X-A"), ("header-value", "ü=&"), ("description", "1\r\n2")]

    typed = read_form(urlencode(pairs).encode())

    assert (typed.text("name"), typed.text("description"), typed.text("other")) == ("a b", "1\n2", "")
    assert typed.headers == (("X-A", "ü=&"),)


@pytest.mark.parametrize("raw", [b"\xff", b"&".join([b"a=1"] * 2000), b"header-name=x"])
def test_what_is_no_form_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidError):
        read_form(raw)


def test_empty_rows_of_headers_are_left_out_and_half_ones_are_not() -> None:
    body = create_body(KINDS.by_slug["http"], Typed({}, (("", ""), ("X-A", ""), ("", "1"))), PLATFORM)

    assert body["configuration"]["headers"] == {"X-A": "", "": "1"}


def test_header_given_twice_is_refused_by_name() -> None:
    with pytest.raises(InvalidError, match="header X-A is given twice") as caught:
        create_body(KINDS.by_slug["http"], Typed({}, (("X-A", "1"), ("X-A", "2"))), PLATFORM)
    assert caught.value.field == "configuration.headers.X-A"


def field(slug: str, key: str) -> Any:
    found = KINDS.by_slug[slug].field(key)
    assert found is not None
    return found


def test_edit_changes_one_field_and_keeps_all_others() -> None:
    resource = {**HTTP_EXAMPLE, "id": "8", "state": "OPENED"}

    edited = edited_body(resource, field("http", "destinationURL"), Typed({"destinationURL": "http://x"}))

    assert edited == resource | {"configuration": HTTP_EXAMPLE["configuration"] | {"destinationURL": "http://x"}}
    assert HTTP_EXAMPLE["configuration"]["destinationURL"] == "https://posthere.io/4b19-48f6-94cc"


def test_emptied_description_is_taken_away() -> None:
    edited = edited_body(WIDGELIX_EXAMPLE, field("widgelix", "description"), Typed({"description": ""}))

    assert "description" not in edited["configuration"]


def test_new_widgelix_key_keeps_the_other_headers() -> None:
    configuration = WIDGELIX_EXAMPLE["configuration"] | {"headers": {"authorization": "old", "X-Site": "A"}}

    edited = edited_body(
        WIDGELIX_EXAMPLE | {"configuration": configuration}, field("widgelix", "key"), Typed({"key": "n"})
    )

    assert edited["configuration"]["headers"] == {"authorization": "n", "X-Site": "A"}


def test_refusal_is_told_with_the_label_of_its_field() -> None:
    kind = KINDS.by_slug["http"]

    url = field_of(kind, "configuration.destinationURL")
    header = field_of(kind, "configuration.headers.X-A")

    assert url is not None
    assert sentence_at(url, url.path, f"{url.path} must not be empty") == "Destination URL must not be empty"
    assert header is kind.field("headers")
    assert field_of(kind, "configuration.downlinkPort") is None
