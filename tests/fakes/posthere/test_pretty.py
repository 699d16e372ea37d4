import json
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.fakes.posthere.pretty import kind_of, parses, pretty

JSON = "application/json"
XML = "application/xml"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        ("application/json", "json"),
        ("Application/JSON; charset=utf-8", "json"),
        ("application/senml+json", "json"),
        ("text/xml", "xml"),
        ("application/atom+xml;q=1", "xml"),
        ("application/x-www-form-urlencoded", "form"),
        ("text/plain", "other"),
        ("", "other"),
    ],
)
def test_content_type_tells_the_kind(content_type: str, kind: str) -> None:
    assert kind_of(content_type) == kind


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        (b'{"a":1}', "json", True),
        (b'{"a":1', "json", False),
        (b"{a:1}", "json", False),
        (b"NaN", "json", False),
        (b'{"a":"\xff"}', "json", False),
        (b"", "json", True),
        (b"<a><b/></a>", "xml", True),
        (b"<a><b></a>", "xml", False),
        (b"<?xml version='1.0' encoding='nonsense'?><a/>", "xml", False),
        (b"a=1&b=", "form", True),
        (b"no pairs", "form", False),
        (b"\x00\xff", "other", True),
    ],
)
def test_body_is_what_it_is_declared_to_be_or_not(body: bytes, kind: str, expected: bool) -> None:
    assert parses(body, kind) == expected  # type: ignore[arg-type]


def test_json_is_indented_and_not_one_token_changed() -> None:
    body = b'{"R":-46.0,"big":12345678901234567890123,"e":1E3,"u":"\\u00e9","a":[],"o":{},"l":[1,{"x":null}],"a":2}'

    assert pretty(body, JSON) == (
        '{\n  "R": -46.0,\n  "big": 12345678901234567890123,\n  "e": 1E3,\n  "u": "\\u00e9",\n'
        '  "a": [],\n  "o": {},\n  "l": [\n    1,\n    {\n      "x": null\n    }\n  ],\n  "a": 2\n}'
    )


@given(VALUES)
def test_indented_json_still_means_the_same(value: object) -> None:
    body = json.dumps(value).encode()
    shown = pretty(body, JSON)

    if shown is not None:  # a lone surrogate is no JSON to everybody
        assert json.loads(shown) == value


@given(VALUES)
def test_indented_json_looks_as_the_standard_library_writes_it(value: object) -> None:
    shown = pretty(json.dumps(value).encode(), JSON)

    assert shown is None or shown == json.dumps(value, indent=2)


def test_xml_is_indented_and_text_stays_where_it_was() -> None:
    body = b'<?xml version="1.0"?><!-- c --><a x="1>2"><b>text <i>mixed</i> </b><c/><d>\n <e> 5</e></d><f></f></a>'

    assert pretty(body, XML) == (
        '<?xml version="1.0"?>\n<!-- c -->\n<a x="1>2">\n  <b>text <i>mixed</i> </b>\n  <c/>\n'
        "  <d>\n    <e> 5</e>\n  </d>\n  <f></f>\n</a>"
    )


TAGS = st.sampled_from(["a", "b", "c:d", "e-f"])
INSIDES = st.sampled_from([" t ", "&lt;", "<![CDATA[<a>]]>"])
ELEMENTS = st.recursive(
    st.builds(lambda tag: f"<{tag}/>", TAGS)
    | st.builds(
        lambda tag, text: f"<{tag} x='>'>{text}</{tag}>", TAGS, st.sampled_from([" t ", "&lt;", "<![CDATA[<a>]]>"])
    ),
    lambda inner: st.builds(lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>", TAGS, st.lists(inner, max_size=4)),
    max_leaves=10,
)


@given(ELEMENTS)
def test_indented_xml_differs_by_space_between_tags_only(element: str) -> None:
    body = element.replace("c:d", "d")
    shown = pretty(body.encode(), XML)

    assert shown is not None
    assert re.sub(r">\n\s*<", "><", shown) == body
    assert ET.canonicalize(shown, strip_text=True) == ET.canonicalize(body, strip_text=True)


def test_form_is_shown_as_one_pair_on_each_line() -> None:
    assert pretty(b"a=1+2&b=%C3%A9&c=", "application/x-www-form-urlencoded") == "a = 1 2\nb = é\nc = "


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{broken", JSON),
        (b"plain", "text/plain"),
        (b"", JSON),
        (b"[" * 200 + b"]" * 200, JSON),
        (b"<a>" * 200 + b"</a>" * 200, XML),
        (b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', XML),
        ("<a>é</a>".encode("latin-1"), XML),
    ],
    ids=["broken", "plain", "empty", "deep json", "deep xml", "document type", "not utf-8"],
)
def test_what_cannot_be_shown_better_stays_as_it_came(body: bytes, content_type: str) -> None:
    assert pretty(body, content_type) is None


def test_undeclared_json_and_xml_are_recognised() -> None:
    assert pretty(b'{"a":1}', "") == '{\n  "a": 1\n}'
    assert pretty(b"<a><b/></a>", "") == "<a>\n  <b/>\n</a>"
    assert pretty(b"<not xml", "") is None
