from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from tests.scenarios.suite_runs import uplab
from uplab.scenarios.under_test.made.journal import Journal


def left_by_a_run(folder: Path, api: str) -> Journal:
    journal = Journal(folder / ".uplab", api)
    journal.begin()
    for kind, id_ in (("connections", "1"), ("connections", "2"), ("flows", "3"), ("connections", "4")):
        journal.made(kind, id_, f"uplab {id_}")
    journal.close()
    return journal


def test_only_what_was_made_is_taken_away_flows_first(tmp_path: Path, httpserver: HTTPServer) -> None:
    api = httpserver.url_for("/iot-flow/v1")
    journal = left_by_a_run(tmp_path, api)
    httpserver.expect_request("/iot-flow/v1/flows/3", method="DELETE").respond_with_data("", status=204)
    httpserver.expect_request("/iot-flow/v1/connections/1", method="DELETE").respond_with_data("", status=404)
    httpserver.expect_request("/iot-flow/v1/connections/2", method="DELETE").respond_with_data("", status=204)
    httpserver.expect_request("/iot-flow/v1/connections/4", method="DELETE").respond_with_data("", status=500)

    ended = uplab(tmp_path, "clean", "--forwarder-api", api)

    assert ended.code == 1, ended.out + ended.err
    assert ended.out.splitlines() == [
        "flow 3 (uplab 3) is taken away",
        "connection 4 (uplab 4) is left: DELETE was answered 500",
        "connection 2 (uplab 2) is taken away",
        "connection 1 (uplab 1) was gone already",
    ]
    assert journal.left() == {("connections", "4"): "uplab 4"}
    assert len(httpserver.log) == 4


def test_what_a_run_has_marked_is_taken_away_without_its_notes(tmp_path: Path, httpserver: HTTPServer) -> None:
    api, listed = httpserver.url_for("/iot-flow/v1"), "/iot-flow/v1/connections"
    names = ["Test uplab-3f9a", "Test uplab-3f9b", "Test", "uplab-3f9a", "Other uplab-3f9a"]
    found = [{"id": str(number), "name": name} for number, name in enumerate(names)]
    more = {"Link": f'<{listed}?page=2>; rel="next"'}
    httpserver.expect_request(listed, query_string="page=2").respond_with_json(found[2:])
    httpserver.expect_request(listed, query_string="").respond_with_json(found[:2], headers=more)
    for number in range(len(names)):
        httpserver.expect_request(f"{listed}/{number}", method="DELETE").respond_with_data("", status=204)

    ended = uplab(tmp_path, "clean", "--forwarder-api", api, "--namespace", "3f9a")

    assert ended.code == 0, ended.out + ended.err
    assert ended.out.splitlines() == [
        "connection 4 (Other uplab-3f9a) is taken away",
        "connection 0 (Test uplab-3f9a) is taken away",
    ]
    assert [request.path for request, _ in httpserver.log if request.method == "DELETE"] == [
        f"{listed}/4",
        f"{listed}/0",
    ]


@pytest.mark.parametrize("namespace", ["XYZ", "", "3f9a5"])
def test_namespace_that_is_none_is_wrong_usage(tmp_path: Path, namespace: str) -> None:
    ended = uplab(tmp_path, "clean", "--forwarder-api", "http://127.0.0.1:1", "--namespace", namespace)

    assert ended.code == 4
    assert "--namespace takes four hexadecimal digits" in ended.out + ended.err


def test_nothing_left_is_said(tmp_path: Path) -> None:
    ended = uplab(tmp_path, "clean", "--forwarder-api", "http://127.0.0.1:1/iot-flow/v1")

    assert (ended.code, ended.out.strip()) == (0, "nothing is left there, by the notes in .uplab")


def test_run_that_is_in_progress_is_not_cleaned_up_after(tmp_path: Path) -> None:
    api = "http://127.0.0.1:1/iot-flow/v1"
    running = Journal(tmp_path / ".uplab", api)
    running.begin()

    ended = uplab(tmp_path, "clean", "--forwarder-api", api)

    running.close()
    assert ended.code == 3
    assert "another run is in progress" in ended.out + ended.err
