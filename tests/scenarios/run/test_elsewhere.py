"""A forwarder that runs elsewhere and cannot be tested: one line says why, and nothing is called failed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.scenarios.suite_runs import Ended, environment, run_suite, write_suite

SUITE = """
    def test_one(lab, device):
        device.send()
        lab.expect("it is accepted", True, "it is")

    def test_two(lab, device):
        device.send()
        lab.expect("it is accepted", True, "it is")
"""
KEY = "a key of somebody's own"


def run(folder: Path, server: HTTPServer, base_port: int, *arguments: str) -> Ended:
    where = ["--forwarder-api", server.url_for("/iot-flow/v1"), "--forwarder-ingress", server.url_for("/ingress")]
    suite = write_suite(folder, test_it=SUITE)
    return run_suite(suite, *where, "--base-port", str(base_port), *arguments, UPLAB_AS_KEY=KEY)


def test_ingress_that_does_not_take_the_token_stops_the_run(
    tmp_path: Path, httpserver: HTTPServer, free_ports: int
) -> None:
    httpserver.expect_request("/iot-flow/v1/connections").respond_with_json([])
    httpserver.expect_request("/ingress").respond_with_json({"code": "com-1", "message": "wrong token"}, status=401)

    ended = run(tmp_path, httpserver, free_ports)

    told = [line for line in ended.said if "UPLAB_AS_KEY" in line]
    assert ended.code == 3, ended.out
    assert len(told) == 1
    assert "ingress does not take this lab's token (401): compare UPLAB_AS_KEY" in told[0]
    assert KEY not in ended.out
    asked = [request.args for request, _ in httpserver.log if request.path == "/ingress"]
    assert len([query for query in asked if "LrnFPort" in query]) == 1, "no second scenario is begun"


@pytest.mark.parametrize("host", ["bad host", "bad\nhost"])
def test_host_that_is_none_is_told_before_anything_is_asked(
    tmp_path: Path, httpserver: HTTPServer, free_ports: int, host: str
) -> None:
    ended = run(tmp_path, httpserver, free_ports, "--advertise-host", host)

    assert "Traceback" not in ended.out + ended.err
    assert "--advertise-host takes the name or IPv4 address" in ended.out + ended.err
    assert (ended.code, httpserver.log) == (4, [])


def test_api_at_a_wrong_path_stops_the_run(tmp_path: Path, httpserver: HTTPServer, free_ports: int) -> None:
    httpserver.expect_request("/iot-flow/v1/connections").respond_with_data("<html>", content_type="text/html")

    ended = run(tmp_path, httpserver, free_ports)

    assert ended.code == 3, ended.out
    assert "the forwarder has no such API there: GET /connections was answered 200 with text/html" in ended.out


def test_refused_join_alone_is_no_wrong_key(tmp_path: Path, httpserver: HTTPServer, free_ports: int) -> None:
    """How the token of a document without FPort is made has two readings."""

    def answer(request: Request) -> Response:
        return Response(status=200 if "LrnFPort" in request.args else 401)

    httpserver.expect_request("/iot-flow/v1/connections").respond_with_json([])
    httpserver.expect_request("/ingress").respond_with_handler(answer)

    ended = run(tmp_path, httpserver, free_ports)

    assert ended.code == 0, ended.out


GOING = """
    import contextlib, os, socket
    from urllib.parse import urlsplit

    def test_one(lab):
        lab.connect({"connectorId": "x", "configuration": {}}, None, state=None)
        os.kill(int(os.environ["OTHER_PID"]), 9)
        api = urlsplit(lab.endpoints.api)
        with contextlib.suppress(ConnectionError):  # it is gone when its port is
            while True:
                socket.create_connection((api.hostname, api.port)).close()
        lab.api.request("GET", "/connections")

    def test_two(lab):
        lab.expect("nobody can tell", True, "x")
"""


def test_forwarder_that_goes_away_stops_the_run(tmp_path: Path, free_ports: int) -> None:
    command = [sys.executable, str(Path(__file__).parents[1] / "other_forwarder.py")]
    with subprocess.Popen(
        command, env=environment(UPLAB_LISTEN="127.0.0.1:0"), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        suite = write_suite(tmp_path, test_it=GOING)
        where = ["--forwarder-api", ready["api"], "--forwarder-ingress", ready["ingress"]]

        ended = run_suite(suite, *where, "--base-port", str(free_ports), UPLAB_AS_KEY=KEY, OTHER_PID=str(process.pid))

    assert ended.code == 1, ended.out
    assert "the forwarder has gone: connection refused; the run stopped there" in ended.out
    assert ended.outcomes == {"one": "failed"}
