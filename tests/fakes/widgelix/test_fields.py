"""Device types: values by codec or by JSON path, and what cannot be a device type."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.widgelix.make import uplink
from uplab.fakes.widgelix.documents import Uplink, parse
from uplab.fakes.widgelix.errors import InvalidError
from uplab.fakes.widgelix.fields import REPOSITORY, Field, TypeDraft, check, read

ERS = REPOSITORY["ELSYS-ERS"]


def taken(fields: tuple[Field, ...], **changes: Any) -> tuple[tuple[Any, ...], str | None]:
    document = parse(uplink(**changes))
    assert isinstance(document, Uplink)
    return read("elsys", fields, document)


def path(source: str, payload: Any) -> Any:
    (value,), _ = taken((Field("x", source),), payload=payload)
    return value


def test_repository_type_is_valid_and_reads_the_bytes() -> None:
    check(ERS)

    values, error = taken(ERS.fields)

    assert dict(zip([field.name for field in ERS.fields], values, strict=True)) == {
        "temperature": 22.6,
        "humidity": 41,
        "light": 39,
        "motion": 6,
        "battery": None,
    }
    assert error is None


def test_bytes_of_another_device_leave_an_error_and_no_value() -> None:
    values, error = taken(ERS.fields, payload_hex="9f14")

    assert values == (None,) * 5
    assert error == "elsys: byte 0: type 0x9f is unknown"


def test_codec_ignores_what_the_forwarder_decoded() -> None:
    values, _ = taken(ERS.fields[:1], payload={"temperature": 99})

    assert values == (22.6,)


@pytest.mark.parametrize(
    ("source", "payload", "value"),
    [
        ("$.temperature", {"temperature": 21.5}, 21.5),
        ("$.temperature", {"temperature": "21.5"}, "21.5"),
        ("$.a.b[1]", {"a": {"b": [1, 2]}}, 2),
        ("$['a b']", {"a b": True}, True),
        ("$..t", {"x": [{"t": 5}]}, 5),
        ("$.gone", {"temperature": 21.5}, None),
        ("$.a", {"a": None}, None),
        ("$.a", {"a": {"b": 1}}, '{"b":1}'),
        ("$.a", None, None),
        ("$.a", "text", None),
        ("$.a", {"a": "y" * 1001}, "y" * 1000 + "…"),
    ],
)
def test_json_path_finds_the_first_value(source: str, payload: Any, value: Any) -> None:
    assert path(source, payload) == value


def test_payload_nested_too_deep_has_no_value() -> None:
    payload: dict[str, Any] = {}
    for _ in range(120):
        payload = {"a": payload}

    assert path("$..zz", payload) is None


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"name": " "}, "name", "is empty"),
        ({"codec": "abeeway"}, "codec", "expected one of elsys, not 'abeeway'"),
        ({"fields": ()}, "fields", "expected 1 to 50 fields, not 0"),
        ({"fields": (Field("a,b", "$.a"),)}, "fields[0].name", "expected 1 to 64 letters"),
        ({"fields": (Field("", "$.a"),)}, "fields[0].name", "expected 1 to 64 letters"),
        ({"fields": (Field("a", "$.a"), Field("a", "$.b"))}, "fields[1].name", "'a' is there twice"),
        ({"fields": (Field("a", "$.["),)}, "fields[0].source", "is no JSON path"),
        ({"fields": (Field("snow", "codec"),)}, "fields[0].source", "the codec gives temperature, humidity"),
    ],
)
def test_impossible_type_is_refused_at_its_member(changes: dict[str, Any], field: str, message: str) -> None:
    draft: TypeDraft = replace(ERS, **changes)

    with pytest.raises(InvalidError) as caught:
        check(draft)

    assert caught.value.field == field
    assert message in str(caught.value)


@given(st.text(max_size=30))
def test_any_source_text_is_a_path_or_refused(source: str) -> None:
    draft = replace(ERS, fields=(Field("x", source),))
    try:
        check(draft)
    except InvalidError:
        return
    path(source, {"a": [1, {"b": "c"}], "b": None})
