"""Paths to handlers."""

from uplab.fakes.messages import Answer
from uplab.fakes.widgelix.routing import Call, Reply, Route, find


def handler(_: Call) -> Reply:
    return Answer()


ROUTES = (
    Route("GET", "/a", handler),
    Route("POST", "/a", handler),
    Route("GET", "/a/*", handler),
    Route("GET", "/a/*/b/*", handler),
)


def test_open_parts_of_a_path_are_returned() -> None:
    assert find(ROUTES, "GET", "/a/1/b/x y") == (handler, ("1", "x y"))


def test_known_path_with_another_method_lists_the_methods() -> None:
    assert find(ROUTES, "PUT", "/a") == ["GET", "POST"]


def test_unknown_path_lists_nothing() -> None:
    for path in ("/", "/b", "/a/", "/a//b/1", "/a/1/2", "/a/1/b", ""):
        assert find(ROUTES, "GET", path) == []
