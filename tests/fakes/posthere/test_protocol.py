import base64
import re
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from uplab.fakes.messages import Answer, Request
from uplab.fakes.posthere.protocol import LiveView, Posthere, bin_of, bin_path
from uplab.fakes.posthere.state import BODY_LIMIT, BinStore

NOON_S = 1_621_410_650.328  # 2021-05-19T07:50:50.328Z
BIN = "/4b19-48f6-94cc"


class Conversation:
    """Asks one posthere.io and knows how to read its answers."""

    def __init__(self) -> None:
        self.now_s = NOON_S
        self.service = Posthere(BinStore(), now_s=lambda: self.now_s, propose=lambda: "f6f7-499f-b805")

    def ask(self, method: str, url: str = BIN, body: bytes = b"", **headers: str) -> Answer:
        answer = self.service.answer(request(method, url, body, **headers))
        assert isinstance(answer, Answer)
        return answer

    def items(self, url: str = BIN) -> list[dict[str, Any]]:
        answer = self.ask("GET", url, Accept="application/json")
        assert header(answer, "Content-Type") == "application/json"
        found: list[dict[str, Any]] = orjson.loads(answer.body)
        return found

    def page(self, url: str = BIN) -> str:
        answer = self.ask("GET", url, Accept="text/html,application/json")
        assert header(answer, "Content-Type") == "text/html; charset=utf-8"
        return answer.body.decode()


def request(method: str, url: str = BIN, body: bytes = b"", **headers: str) -> Request:
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Request(1, method, url, (("Host", "posthere.io"), *pairs), body, len(body))


def header(answer: Answer, name: str) -> str | None:
    return next((value for key, value in answer.headers if key == name), None)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_captured_request_is_answered_with_the_results_url(method: str) -> None:
    answer = Conversation().ask(method, BIN + "?LrnFPort=17", b"{}")

    assert answer.status == 200
    assert header(answer, "Content-Type") == "text/plain"
    assert answer.body.decode().count("\n") == 1
    assert "http://posthere.io/4b19-48f6-94cc\n" in answer.body.decode()


def test_item_shows_everything_but_host_and_status() -> None:
    talk = Conversation()
    headers = {"Content_Type": "application/json", "X_Thing": "20635F0000008E4", "Authorization": "Bearer ee32e34ed!="}
    talk.ask("POST", BIN + "?status=201&a=1&b=&a=%2B", b'{"DevEUI_uplink":{}}', **headers)

    assert talk.items() == [
        {
            "timestamp": "2021-05-19T07:50:50.328Z",
            "number": 1,
            "method": "POST",
            "status": 201,
            "headers": {
                "Content-Type": "application/json",
                "X-Thing": "20635F0000008E4",
                "Authorization": "Bearer ee32e34ed!=",
            },
            "rawHeaders": [
                ["Content-Type", "application/json"],
                ["X-Thing", "20635F0000008E4"],
                ["Authorization", "Bearer ee32e34ed!="],
            ],
            "query": {"a": ["1", "+"], "b": ""},
            "contentType": "application/json",
            "size": 20,
            "body": '{"DevEUI_uplink":{}}',
            "flags": {"unparsable": False, "tooLarge": False},
            "missed": None,
            "packed": None,
        }
    ]


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("201", 201),
        ("503", 503),
        ("204", 204),
        ("599", 599),
        ("299", 200),
        ("100", 200),
        ("abc", 200),
        ("", 200),
        ("-1", 200),
        ("99999999999999999999", 200),
        ("٣", 200),
    ],
)
def test_status_comes_from_a_fixed_list_else_it_is_200(asked: str, answered: int) -> None:
    talk = Conversation()

    assert talk.ask("POST", f"{BIN}?x=1&status={asked}").status == answered
    assert (talk.items()[0]["status"], talk.items()[0]["query"]) == (answered, {"x": "1"})


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("/a", "a"),
        ("/a/b/c", "a/b/c"),
        ("/a/", "a/"),
        ("/a?x=1", "a"),
        ("/a%20b", "a b"),
        ("//a", "/a"),
        ("http://posthere.io/a", "a"),
        ("/favicon.ico", "favicon.ico"),
    ],
)
def test_path_without_its_query_names_the_bin(url: str, name: str) -> None:
    assert bin_of(request("POST", url)) == name


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=30))
@example("/other.example/a")
def test_path_of_a_bin_leads_back_to_it(name: str) -> None:
    path = bin_path(name)

    assert bin_of(request("GET", path)) == name
    assert re.fullmatch(r"/[^/\s?#\"<>][^\s?#\"<>]*", path)


def test_looking_creates_no_bin() -> None:
    talk = Conversation()
    for url in ("/favicon.ico", BIN, "/"):
        for accept in ("application/json", "text/html"):
            assert talk.ask("GET", url, Accept=accept).status == 200
        assert talk.ask("HEAD", url).status == 200
    talk.ask("DELETE", "/gone")

    assert orjson.loads(talk.ask("GET", "/", Accept="application/json").body) == []


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND"])
def test_other_methods_are_refused_and_not_captured(method: str) -> None:
    talk = Conversation()
    answer = talk.ask(method)

    assert (answer.status, header(answer, "Allow")) == (405, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
    assert talk.items() == []


def test_root_is_no_bin_and_says_so() -> None:
    answer = Conversation().ask("POST", "/", b"lost?")

    assert answer.status == 405
    assert b"the root is no bin" in answer.body


@pytest.mark.parametrize("accept", ["application/json, */*", "application/json;q=1", "Application/JSON", "*/*", ""])
def test_only_the_exact_accept_header_gets_json(accept: str) -> None:
    assert header(Conversation().ask("GET", BIN, Accept=accept), "Content-Type") == "text/html; charset=utf-8"


def test_delete_empties_this_bin_and_no_other() -> None:
    talk = Conversation()
    talk.ask("POST", BIN)
    talk.ask("POST", "/other")

    answer = talk.ask("DELETE")

    assert (answer.status, answer.body) == (204, b"")
    assert (len(talk.items()), len(talk.items("/other"))) == (0, 1)


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE", "OPTIONS"])
def test_every_origin_may_ask(method: str) -> None:
    talk = Conversation()

    assert (
        header(talk.ask(method, Origin="https://app.example"), "Access-Control-Allow-Origin") == "https://app.example"
    )
    assert header(talk.ask(method), "Access-Control-Allow-Origin") == "*"


def test_preflight_allows_what_was_asked_for() -> None:
    answer = Conversation().ask("OPTIONS", Access_Control_Request_Headers="X-Thing, Authorization")

    assert answer.status == 200
    assert header(answer, "Access-Control-Allow-Headers") == "X-Thing, Authorization"
    assert "PATCH" in (header(answer, "Access-Control-Allow-Methods") or "")


def test_losses_are_counted_in_headers_and_on_the_page() -> None:
    talk = Conversation()
    talk.ask("POST")
    talk.now_s += 24 * 3600 + 1
    for _ in range(103):
        talk.ask("POST")
    answer = talk.ask("GET", Accept="application/json")

    assert len(orjson.loads(answer.body)) == 100
    assert (header(answer, "X-Posthere-Dropped"), header(answer, "X-Posthere-Expired")) == ("3", "1")
    assert "3 older requests were dropped and 1 request has expired: a bin keeps the last 100" in talk.page()


def test_bytes_that_are_not_utf8_are_there_in_base64_and_raw() -> None:
    talk = Conversation()
    body = b"x\xff\x00<b>"
    talk.ask("POST", body=body, Content_Type="application/octet-stream")
    (item,) = talk.items()

    assert base64.b64decode(item["bodyBase64"]) == body
    assert item["body"] == "x�\x00<b>"
    assert talk.ask("GET", f"{BIN}?raw={item['number']}").body == body
    assert "These bytes are not UTF-8" in talk.page()


def test_raw_body_is_never_run_by_a_browser() -> None:
    talk = Conversation()
    talk.ask("POST", body=b"<script>alert(1)</script>", Content_Type="text/html")
    answer = talk.ask("GET", f"{BIN}?raw=1")

    assert header(answer, "Content-Type") == "text/plain; charset=utf-8"
    assert header(answer, "X-Content-Type-Options") == "nosniff"


@pytest.mark.parametrize("number", ["2", "x", "", "-1"])
def test_raw_body_that_is_not_kept_is_not_found(number: str) -> None:
    talk = Conversation()
    talk.ask("POST")

    assert talk.ask("GET", f"{BIN}?raw={number}").status == 404


def test_body_that_is_too_large_is_dropped_and_flagged() -> None:
    talk = Conversation()
    kept = b"x" * BODY_LIMIT
    talk.service.answer(Request(1, "POST", BIN, (), kept, BODY_LIMIT + 1))
    talk.service.answer(Request(2, "POST", BIN, (), kept, BODY_LIMIT))
    fits, cut = talk.items()

    assert (cut["flags"]["tooLarge"], cut["body"], cut["size"]) == (True, None, BODY_LIMIT + 1)
    assert (fits["flags"]["tooLarge"], len(fits["body"])) == (False, BODY_LIMIT)
    assert "it was larger than 1,000,000 bytes" in talk.page()


def test_body_that_is_not_what_it_declares_is_flagged() -> None:
    talk = Conversation()
    talk.ask("POST", body=b"{broken", Content_Type="application/json")

    assert talk.items()[0]["flags"] == {"unparsable": True, "tooLarge": False}
    assert "The body is not what this content type declares" in talk.page()


def test_script_in_body_header_query_and_name_is_shown_as_text() -> None:
    talk = Conversation()
    attack = "<script>alert(1)</script>"
    url = "/%3Cscript%3Ealert(1)%3C/script%3E"
    talk.ask("POST", f"{url}?{attack}={attack}", attack.encode(), X_Thing=attack, Content_Type=f"text/plain;{attack}")
    page, front = talk.page(url), talk.page("/")

    assert attack not in page + front
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 5
    assert len(re.findall(r"<script nonce=", page)) == len(re.findall(r"<script", page)) == 1


def test_page_asks_no_other_host_for_anything() -> None:
    talk = Conversation()
    talk.ask("POST", body=b"{}")
    for url in (BIN, "/"):
        answer = talk.ask("GET", url)
        assert re.findall(r'(?:src|href)="(?!/|#|data:)', answer.body.decode()) == []
        policy = header(answer, "Content-Security-Policy") or ""
        assert policy.startswith("default-src 'none'; style-src 'nonce-")


def test_page_shows_newest_first_with_the_whole_pretty_body() -> None:
    talk = Conversation()
    long = orjson.dumps({"values": list(range(20_000))})
    talk.ask("POST", body=long, Content_Type="application/json")
    talk.now_s += 120
    talk.ask("PUT", body=b"second")
    page = talk.page()

    assert page.index("second") < page.index("values")
    assert "    19999\n  ]" in page
    assert "2 minutes ago" in page
    assert "a few seconds ago" in page


def test_landing_page_proposes_a_fresh_bin_and_lists_those_that_exist() -> None:
    talk = Conversation()
    talk.ask("POST", "/a%20b/c")
    page = talk.page("/")

    assert 'value="f6f7-499f-b805"' in page
    assert "http://posthere.io/f6f7-499f-b805" in page
    assert '<a href="/a%20b/c">a b/c</a>' in page
    assert orjson.loads(talk.ask("GET", "/", Accept="application/json").body) == [
        {"name": "a b/c", "count": 1, "dropped": 0, "expired": 0, "lastTimestamp": "2021-05-19T07:50:50.328Z"}
    ]


def test_every_bin_can_be_reached_from_the_landing_page() -> None:
    talk = Conversation()
    for number in range(229):
        talk.ask("POST", f"/bin-{number:03}")
    talk.ask("POST", "/other")

    pages = [talk.page(f"/?find=bin-&page={number}") for number in (1, 2, 3)]

    seen = [name for page in pages for name in re.findall(r'<a href="/(bin-\d+)">', page)]
    assert seen == [f"bin-{number:03}" for number in reversed(range(229))]
    assert "201-229 of 229" in pages[2]
    assert 'rel="prev" href="/?find=bin-&amp;page=2"' in pages[2]
    assert "bin-000" in talk.page("/?page=99")
    assert "/other" in talk.page("/?page=none")
    assert "0 of 230 have <code>nobody</code>" in talk.page("/?find=nobody")
    assert len(orjson.loads(talk.ask("GET", "/", Accept="application/json").body)) == 230


def test_only_the_landing_page_may_send_a_form() -> None:
    talk = Conversation()

    for url, allowed in ((BIN, "'none'"), ("/", "'self'")):
        policy = header(talk.ask("GET", url), "Content-Security-Policy") or ""
        assert policy.endswith(f"form-action {allowed}")


def test_event_source_gets_a_live_view_of_the_bin() -> None:
    talk = Conversation()
    live = "text/event-stream"

    first = talk.service.answer(request("GET", BIN + "?after=7", Accept=live))
    again = talk.service.answer(request("GET", BIN + "?after=7", Accept=live, Last_Event_ID="9"))

    assert first == LiveView("4b19-48f6-94cc", 7, (("Access-Control-Allow-Origin", "*"),))
    assert again == LiveView("4b19-48f6-94cc", 9, (("Access-Control-Allow-Origin", "*"),))


def test_head_request_of_an_event_source_gets_no_endless_answer() -> None:
    assert Conversation().ask("HEAD", Accept="text/event-stream").status == 200


def test_news_are_those_requests_that_a_page_has_not_seen() -> None:
    talk = Conversation()
    for body in (b"one", b"two", b"three<b>"):
        talk.ask("POST", body=body)

    news = talk.service.news("4b19-48f6-94cc", after=1)

    assert [number for number, _ in news] == [2, 3]
    assert "three&lt;b&gt;" in news[1][1]["html"]
    assert (news[1][1]["kept"], news[1][1]["note"]) == (3, "")
