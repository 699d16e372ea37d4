"""Traces in OTLP's JSON form."""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from pytest_httpserver import HTTPServer

from tests.reports.sample import make_run
from uplab.reports.exports.otlp import export, requests
from uplab.reports.run import ReportError, Run, read_run


def _spans(run: Run) -> list[dict[str, Any]]:
    return [
        span
        for request in requests(run)
        for resource in request["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]


def _attributes(span: dict[str, Any]) -> dict[str, Any]:
    return {one["key"]: next(iter(one["value"].values())) for one in span["attributes"]}


def test_each_document_has_a_trace_with_its_exchanges(run: Run) -> None:
    spans = _spans(run)
    roots = [span for span in spans if "parentSpanId" not in span]

    assert len({span["traceId"] for span in spans}) == len(roots)
    assert len({span["spanId"] for span in spans}) == len(spans)
    for span in spans:
        assert re.fullmatch("[0-9a-f]{32}", span["traceId"])
        assert re.fullmatch("[0-9a-f]{16}", span["spanId"])
        assert int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"])
        assert int(span["startTimeUnixNano"]) > 1_700_000_000 * 10**9
    within = {span["spanId"]: span for span in roots}
    children = [span for span in spans if "parentSpanId" in span]
    assert all(within[span["parentSpanId"]]["traceId"] == span["traceId"] for span in children)
    assert {span["name"] for span in children} == {"tunnel.sent", "destination.arrived", "destination.published"}


def test_what_was_blamed_is_an_error_with_its_verdict(run: Run) -> None:
    lost = next(one for one in run.of("failed") if any(v.check == "none lost" for v in one.complaints))
    [root] = [
        span
        for span in _spans(run)
        if _attributes(span).get("uplab.scenario") == lost.id and _attributes(span)["uplab.document"] == "u2"
    ]

    assert root["status"]["code"] == 2
    told = _attributes(root)
    assert (told["uplab.outcome"], told["uplab.check"], told["uplab.diverged_at"]) == (
        "failed",
        "none lost",
        "forwarder",
    )
    assert [event["name"] for event in root["events"]][:2] == ["device.sent", "gateway.heard"]


def test_file_has_a_request_a_line_and_is_the_same_again(tmp_path: Path) -> None:
    run = read_run(make_run(tmp_path, scenarios=5))

    place = Path(export(run, ""))
    before = place.read_bytes()

    assert place == tmp_path / "otlp.jsonl"
    assert all("resourceSpans" in orjson.loads(line) for line in before.splitlines())
    export(run, "")
    assert place.read_bytes() == before


def test_endpoint_gets_the_same(tmp_path: Path, httpserver: HTTPServer) -> None:
    run = read_run(make_run(tmp_path, scenarios=3))
    httpserver.expect_request("/v1/traces", method="POST").respond_with_json({})

    assert export(run, httpserver.url_for("/")) == httpserver.url_for("/v1/traces")

    assert [orjson.loads(request.data) for request, _ in httpserver.log] == list(requests(run))


def test_endpoint_that_takes_nothing_is_one_line(tmp_path: Path, httpserver: HTTPServer) -> None:
    run = read_run(make_run(tmp_path, scenarios=3))
    httpserver.expect_request("/v1/traces").respond_with_data("no", status=503)

    with pytest.raises(ReportError, match=r"^--export otlp: .*/v1/traces answered 503 and took no traces$"):
        export(run, httpserver.url_for("/"))
    with pytest.raises(ReportError, match=r"^--export otlp: http://127\.0\.0\.1:1/v1/traces took no traces: [^\n]+$"):
        export(run, "http://127.0.0.1:1")


def test_history_that_is_broken_costs_its_own_traces_only(tmp_path: Path) -> None:
    run = read_run(make_run(tmp_path, scenarios=3))
    whole = len(list(requests(run)))
    (tmp_path / str(run.scenarios[0].history)).write_bytes(b"{")

    assert len(list(requests(run))) == whole - 1


def test_place_that_cannot_be_written_is_one_line(run: Run, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="No such file or directory"):
        export(run, str(tmp_path / "nowhere" / "x.jsonl"))


def test_ids_are_those_that_the_ingress_was_given(run: Run) -> None:
    trace, span = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    for path in sorted((run.folder / "history").glob("*.jsonl")):
        lines = [orjson.loads(line) for line in path.read_bytes().splitlines()]
        for line in lines:
            if line["hop"] == "tunnel.sent":
                line["facts"]["traceparent"] = f"00-{trace}-{span}-01"
        path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))

    spans = _spans(run)
    posts = [one for one in spans if one["name"] == "tunnel.sent"]

    assert posts
    assert {(one["traceId"], one["spanId"]) for one in posts} == {(trace, span)}
    assert trace in {one["traceId"] for one in spans if "parentSpanId" not in one}
