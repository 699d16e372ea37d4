import json

import pytest
from starlette.requests import Request

from uplab.simulator.forwarder.web.exchange import paged, reply, request_body, responses


def request(path: str, query: bytes = b"") -> Request:
    return Request(
        {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": query, "server": ("h", 1)}
    )


def test_whole_list_is_one_page() -> None:
    answer = paged(request("/x"), [1, 2, 3], None, None)

    assert json.loads(bytes(answer.body)) == [1, 2, 3]
    assert (answer.headers["X-Total"], answer.headers["X-Total-Pages"]) == ("3", "1")


@pytest.mark.parametrize(
    ("page", "items", "following", "before"), [(1, [1, 2], "2", None), (2, [3, 4], "3", "1"), (3, [5], None, "2")]
)
def test_pages_know_their_neighbours(page: int, items: list[int], following: str | None, before: str | None) -> None:
    answer = paged(request("/x"), [1, 2, 3, 4, 5], page, 2)

    assert json.loads(bytes(answer.body)) == items
    assert answer.headers.get("X-Next-Page") == following
    assert answer.headers.get("X-Prev-Page") == before


def test_twenty_are_a_page_unless_told() -> None:
    assert len(json.loads(bytes(paged(request("/x"), list(range(50)), 1, None).body))) == 20


def test_empty_list_has_one_page() -> None:
    assert paged(request("/x"), [], None, None).headers["X-Total-Pages"] == "1"


def test_reply_is_json() -> None:
    assert reply({"a": 1}, 201).headers["content-type"] == "application/json"


def test_refusals_and_bodies_are_documented() -> None:
    assert responses(400)[400]["content"]["application/json"]["schema"]["required"] == ["code", "message"]
    schema = request_body({"type": "object"}, {"type": "array"})["requestBody"]["content"]["application/json"]["schema"]
    assert schema == {"oneOf": [{"type": "object"}, {"type": "array"}]}


def test_links_keep_the_other_parameters_and_lead_to_the_same_address() -> None:
    answer = paged(request("/x", b"connectionId=3&page=2&perPage=2"), list(range(6)), 2, 2)

    links = answer.headers["Link"].split(", ")
    assert '<?connectionId=3&page=3&perPage=2>; rel="next"' in links
    assert '<?connectionId=3&page=1&perPage=2>; rel="prev"' in links


def test_page_beyond_the_last_leads_back_to_it() -> None:
    answer = paged(request("/x"), list(range(5)), 9, 2)

    assert json.loads(bytes(answer.body)) == []
    assert (answer.headers["X-Prev-Page"], answer.headers.get("X-Next-Page")) == ("3", None)
