import pytest

from tests.simulator.forwarder.making import DEV_EUI, HTTP_EXAMPLE, document
from uplab.simulator.forwarder.patterns.headers import HeaderError, compile_headers
from uplab.simulator.forwarder.patterns.pattern import UnresolvedError

DOCUMENT = document()
CONTENT = DOCUMENT["DevEUI_uplink"]


def test_document_s_own_headers_resolve_for_each_uplink() -> None:
    headers = compile_headers(HTTP_EXAMPLE["configuration"]["headers"])

    assert headers.resolve(CONTENT, DOCUMENT) == {
        "Authorization": "Bearer ee32e34ed!=",
        "X-Thing": DEV_EUI,
        "X-Site": "BuildingA",
    }


@pytest.mark.parametrize("name", ["", "X Y", "X:Y", "Xé", "X\r\nY", "(x)", "X\0"])
def test_invalid_name_is_refused(name: str) -> None:
    with pytest.raises(HeaderError, match="header name") as caught:
        compile_headers({name: "x"})
    assert str(caught.value).startswith(f"header {name!r}: ")


@pytest.mark.parametrize("name", ["Content-Length", "transfer-encoding", "HOST", "Connection", "Expect"])
def test_name_that_belongs_to_the_transport_is_refused(name: str) -> None:
    with pytest.raises(HeaderError, match="belongs to the transport"):
        compile_headers({name: "x"})


@pytest.mark.parametrize("value", ["a\r\nX: b", "a\nb", "a\rb", "a\0b", "a\x7fb"])
def test_line_break_in_a_value_is_refused(value: str) -> None:
    with pytest.raises(HeaderError, match=r"no line break"):
        compile_headers({"X": value})


@pytest.mark.parametrize("value", [" a", "a ", "\ta"])
def test_blank_that_http_would_eat_is_refused(value: str) -> None:
    with pytest.raises(HeaderError, match="blanks at the ends"):
        compile_headers({"X": value})


def test_same_name_in_two_cases_is_refused() -> None:
    with pytest.raises(HeaderError, match="given twice"):
        compile_headers({"authorization": "a", "Authorization": "b"})


def test_malformed_pattern_names_its_header() -> None:
    with pytest.raises(HeaderError, match=r"^header X-Thing: an opening brace"):
        compile_headers({"X-Thing": "{DevEUI"})


def test_unresolved_pattern_names_its_header() -> None:
    with pytest.raises(UnresolvedError, match=r"^header X-Thing: "):
        compile_headers({"X-Thing": "{Nope}"}).resolve(CONTENT, DOCUMENT)


def test_value_from_a_document_cannot_smuggle_a_header() -> None:
    content = document(CustomerData={"name": "x\r\nX-Admin: yes"})["DevEUI_uplink"]

    with pytest.raises(UnresolvedError, match="control characters"):
        compile_headers({"X-Name": "{CustomerData.name}"}).resolve(content, {})


def test_header_of_a_very_long_name_is_refused_without_repeating_it() -> None:
    with pytest.raises(HeaderError, match="256 characters") as caught:
        compile_headers({"X" * 257: "x"})

    assert len(caught.value.name) < 100
    compile_headers({"X" * 256: "x"})
