from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.fakes.messages import Answer, Request, head_of, json_answer, text_answer

TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)


def test_header_is_found_in_any_letter_case_and_the_first_wins() -> None:
    request = Request(1, "POST", "/", (("X-Thing", "a"), ("x-thing", "b")))

    assert request.header("x-THING") == "a"
    assert request.header("X-Site", "none") == "none"


@pytest.mark.parametrize(
    ("url", "path", "query"),
    [
        ("/a/b?x=1", "/a/b", "x=1"),
        ("/a%20b", "/a b", ""),
        ("/a%2Fb", "/a/b", ""),
        ("/", "/", ""),
        ("/a?", "/a", ""),
        ("/a?x=1?y", "/a", "x=1?y"),
        ("http://posthere.io/4b19?x=1", "/4b19", "x=1"),
        ("https://posthere.io", "/", ""),
        ("//host/a", "//host/a", ""),
        ("/a?u=http://b/c", "/a", "u=http://b/c"),
        ("*", "*", ""),
    ],
)
def test_target_is_divided_as_it_was_sent(url: str, path: str, query: str) -> None:
    request = Request(1, "POST", url)

    assert (request.path, request.query_string) == (path, query)


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=5))
def test_query_is_decoded_in_order_with_empty_values(pairs: list[tuple[str, str]]) -> None:
    assert Request(1, "GET", f"/bin?{urlencode(pairs)}").query == tuple(pairs)


def test_origin_names_scheme_and_host_as_the_client_did() -> None:
    headers = (("host", "posthere.io:8443"),)

    assert Request(1, "GET", "/", headers).origin == "http://posthere.io:8443"
    assert Request(1, "GET", "/", headers, tls=True).origin == "https://posthere.io:8443"
    assert Request(1, "GET", "/").origin == "http://localhost"


def test_body_longer_than_what_was_kept_counts_as_cut() -> None:
    assert Request(1, "POST", "/", body=b"ab", size=3).cut
    assert not Request(1, "POST", "/", body=b"ab", size=2).cut


def test_answers_declare_what_they_hold() -> None:
    assert text_answer(201, "é\n", ("X-A", "1")) == Answer(
        201, "é\n".encode(), (("Content-Type", "text/plain; charset=utf-8"), ("X-A", "1"))
    )
    assert json_answer(200, {"a": [1]}) == Answer(200, b'{"a":[1]}', (("Content-Type", "application/json"),))


def test_head_keeps_order_and_case_and_knows_phrases() -> None:
    assert head_of(404, (("b", "1"), ("A", "2"))) == "HTTP/1.1 404 Not Found\r\nb: 1\r\nA: 2\r\n"
    assert head_of(599, ()) == "HTTP/1.1 599 \r\n"


@pytest.mark.parametrize("value", ["a\r\nX-B: 2", "a\nb", "a\rb"])
def test_line_break_in_a_header_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="a header holds a line break"):
        head_of(200, (("X-A", value),))
