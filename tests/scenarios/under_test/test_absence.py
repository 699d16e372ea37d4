import socket

import pytest
from pytest_httpserver import HTTPServer

from uplab.scenarios.under_test import absence as module
from uplab.scenarios.under_test.absence import absence


def test_forwarder_that_is_there_is_not_absent(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/iot-flow/v1/connections/7").respond_with_json({"id": "7"})

    assert absence(httpserver.url_for("/iot-flow/v1"), []) is None
    assert absence(httpserver.url_for("/iot-flow/v1"), ["7"]) is None


def test_closed_port_is_a_forwarder_that_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAUSE_S", 0.0)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        told = absence(f"http://127.0.0.1:{closed.getsockname()[1]}/iot-flow/v1", ["7"])

    assert told is not None
    assert told.splitlines()[0] == "the forwarder has gone: connection refused"


def test_who_knows_none_of_its_connections_was_started_anew(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/iot-flow/v1/connections/8").respond_with_json({"id": "8"})
    httpserver.expect_request("/iot-flow/v1/connections/7").respond_with_data("", status=404)

    told = absence(httpserver.url_for("/iot-flow/v1"), ["7"])

    assert told is not None
    assert "started anew, or emptied: it does not know the connection 7" in told
    assert absence(httpserver.url_for("/iot-flow/v1"), ["7", "8"]) is None, "that it lost one is for a scenario to say"
