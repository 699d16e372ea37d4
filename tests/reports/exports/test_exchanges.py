"""Requests find their answers."""

from tests.reports.exports.traffic import TRAFFIC
from uplab.reports.exports.exchanges import exchanges


def test_each_request_has_its_answer_and_says_what_is_made_up() -> None:
    found = list(exchanges(TRAFFIC))

    told = [(one.to, one.method, one.url, one.status, round(one.took_ms), one.ids) for one in found]
    assert told == [
        ("api", "POST", "http://forwarder.api/connections", 201, 5, ()),
        ("forwarder", "POST", "http://127.0.0.1:8080/ingress?LrnFPort=5", 200, 2, ("u1",)),
        ("posthere", "POST", "http://bin.test/b?c=d", 503, 6, ("u1",)),
        ("forwarder", "POST", "http://iot.test/x", 202, 0, ("d1",)),
        ("posthere", "POST", "http://bin.test/b", None, 0, ("u2",)),
    ]
    assert all(one.made_up for one in found)
    assert found[2].asked[2] == ("X-Thing", "a\u0101")


def test_answers_of_equal_requests_come_in_their_order() -> None:
    asked, answered = TRAFFIC[:2]

    found = list(exchanges([asked, asked, answered]))

    assert [one.status for one in found] == [201, None]


def test_an_answer_without_its_request_is_left_out() -> None:
    assert list(exchanges([TRAFFIC[1], TRAFFIC[3], TRAFFIC[5]])) == []
