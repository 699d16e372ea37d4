import pytest

from uplab.scenarios.lab.ways.marked import marked

RESOLVE = {"posthere.io:443": "192.0.2.7:18080", "witness.uplab.test:80": "192.0.2.7:18081", "other.test:443": "x:1"}


def url_of(url: object, namespace: str = "3f9a") -> object:
    return marked({"name": "n", "configuration": {"destinationURL": url}}, namespace, RESOLVE)["configuration"][
        "destinationURL"
    ]


def test_connection_bears_the_mark_in_its_name_and_its_path() -> None:
    body = {"name": "Test", "brand": "X", "configuration": {"destinationURL": "https://posthere.io/a?b=1", "k": 2}}

    assert marked(body, "3f9a", RESOLVE) == {
        "name": "Test uplab-3f9a",
        "brand": "X",
        "configuration": {"destinationURL": "https://posthere.io/uplab-3f9a/a?b=1", "k": 2},
    }
    assert body["name"] == "Test", "the scenario's own stays as it is"
    assert marked(marked(body, "3f9a", RESOLVE), "3f9a", RESOLVE) == marked(body, "3f9a", RESOLVE)
    assert marked(body, "", RESOLVE) is body


@pytest.mark.parametrize(
    ("given", "becomes"),
    [
        ("http://192.0.2.7:18080/a", "http://192.0.2.7:18080/uplab-3f9a/a"),
        ("http://witness.uplab.test/witness-1", "http://witness.uplab.test/uplab-3f9a/witness-1"),
        ("https://app.widgelix.com/v1/input-node/actility", "https://app.widgelix.com/v1/input-node/actility"),
        ("https://other.test/a", "https://other.test/a"),
        ("posthere.io/4b19", "posthere.io/4b19"),
        ("https://posthere.io:99999/a", "https://posthere.io:99999/a"),
        ("https://posthere.io/a\r\nX-Evil: 1", "https://posthere.io/a\r\nX-Evil: 1"),
        (5, 5),
    ],
)
def test_bins_alone_are_marked_and_what_must_be_refused_stays_as_it_is(given: object, becomes: object) -> None:
    assert url_of(given) == becomes


@pytest.mark.parametrize("body", [None, [], "text", {"name": 5}, {"configuration": "x"}])
def test_what_is_no_body_stays(body: object) -> None:
    assert marked(body, "3f9a", RESOLVE) == body
