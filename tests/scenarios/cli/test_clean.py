from pathlib import Path

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
