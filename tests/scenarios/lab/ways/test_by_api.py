from collections.abc import Iterator
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from uplab.scenarios.checks.verdict import CheckFailed
from uplab.scenarios.lab.ways.by_api import ByApi, flow_of
from uplab.scenarios.under_test.api import ForwarderApi
from uplab.scenarios.under_test.made.belongings import Belongings

BODY = {"connectorId": "actility-http-iot", "name": "one", "configuration": {"destinationURL": "https://posthere.io/1"}}


@pytest.fixture
def way(httpserver: HTTPServer) -> Iterator[ByApi]:
    belongings = Belongings()

    def addressed(body: Any) -> Any:
        return {**body, "at": "home"} if isinstance(body, dict) else body

    api = ForwarderApi(httpserver.url_for(""), emit=lambda _, __: None, belongings=belongings, addressed=addressed)
    yield ByApi(lambda: api, belongings)
    api.close()


def test_connection_is_posted_with_the_labs_addresses_and_taken_away(way: ByApi, httpserver: HTTPServer) -> None:
    expected = httpserver.expect_request("/connections", method="POST", json={**BODY, "at": "home"})
    expected.respond_with_json({**BODY, "id": "7"}, status=201)
    httpserver.expect_request("/flows", method="POST").respond_with_json({"id": "8"}, status=201)
    for path in ("/connections/7", "/flows/8"):
        httpserver.expect_request(path, method="DELETE").respond_with_data(status=204)

    connection = way.create(BODY)
    assert way.bind(connection, ["20635F0108000496"]) == "8"
    assert way.take_away() == []

    httpserver.check()
    assert [request.path for request, _ in httpserver.log][2:] == ["/flows/8", "/connections/7"]


def test_answer_that_the_contract_does_not_name_fails_the_scenario(way: ByApi, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/connections", method="POST").respond_with_data("no", status=400)
    httpserver.expect_request("/connections/7").respond_with_data("gone", status=404)

    with pytest.raises(CheckFailed, match="POST /connections answered 400: no"):
        way.create(BODY)
    with pytest.raises(CheckFailed, match="GET /connections/7 answered 404"):
        way.read("7")


def test_flow_names_each_device_in_lower_case() -> None:
    flow = flow_of({"id": 7, "connectorId": "x"}, ["AB", "CD"])

    assert [matcher["key"] for matcher in flow["matchers"]] == ["lora:ab", "lora:cd"]
    assert flow["connectors"] == [{"id": "x", "connectionId": "7"}]
