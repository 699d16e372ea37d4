"""The parts of the bench that are pure: statistics, counting, the table, JSON, and the bytes of its own clients."""

import asyncio
import json
from collections import Counter

import httpx
import orjson
import pytest

from tests.bench.counting import Arrival, Posted, count
from tests.bench.destination import Posthere
from tests.bench.figures import Bar, Figure, Measured, Result, percentile
from tests.bench.http_load import HttpLoad, Load
from tests.bench.mqtt_load import connect_packet, publish_packet
from tests.bench.plan import Plan
from tests.bench.table import number, render
from tests.bench.uplinks import AS_KEY, Uplinks, of_document, of_telemetry
from uplab.fakes.mqtt import packets
from uplab.fakes.mqtt.codec import Decoder
from uplab.fakes.posthere.server import PosthereServer
from uplab.simulator.forwarder.documents.document import read_document
from uplab.simulator.forwarder.documents.token import check_token, parse_query


def posted(identity: str, at_ms: int = 0, *, accepted: bool = True) -> Posted:
    return Posted(identity, at_ms * 1_000_000, (at_ms + 2) * 1_000_000, accepted)


def arrived(identity: str, at_ms: int = 10) -> Arrival:
    return Arrival(identity, at_ms * 1_000_000)


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1), (0.5, 50), (0.99, 99), (0.991, 100), (1.0, 100)])
def test_percentile_is_a_value_that_occurred(share: float, expected: int) -> None:
    assert percentile(range(100, 0, -1), share) == expected


def test_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)


@pytest.mark.parametrize(
    ("bar", "runs", "verdict"),
    [
        (Bar(3.0), (1.0, 3.0, 9.0), "met"),
        (Bar(3.0), (1.0, 2.0, 9.0), "missed"),
        (Bar(3.0, least=False), (1.0, 3.0, 9.0), "met"),
        (Bar(3.0, least=False), (1.0, 4.0, 5.0), "missed"),
        (None, (1.0,), ""),
    ],
)
def test_median_is_held_against_the_bar(bar: Bar | None, runs: tuple[float, ...], verdict: str) -> None:
    assert Figure("f", "/s", runs, bar).verdict == verdict


def test_runs_of_a_figure_gather_in_order() -> None:
    measured = Measured()
    for name, value in (("b", 1.0), ("a", 2.0), ("b", 3.0)):
        measured.add(name, "/s", value)

    assert [(figure.name, figure.runs) for figure in measured.figures] == [("b", (1.0, 3.0)), ("a", (2.0,))]


def test_every_uplink_that_arrives_once_is_no_problem() -> None:
    found = count([posted("d1 1", 0), posted("d2 1", 1)], [arrived("d2 1", 5), arrived("d1 1", 9)])

    assert (found.accepted, found.delivered, found.problems) == (2, 2, [])
    assert found.elapsed_s == pytest.approx(0.009)
    assert sorted(found.late_ms) == [2.0, 7.0]
    assert found.answer_ms == (2.0, 2.0)


def test_lost_twice_invented_and_refused_are_named() -> None:
    sent = [posted("d1 1"), posted("d1 2"), posted("d1 3", accepted=False)]
    found = count(sent, [arrived("d1 2"), arrived("d1 2"), arrived("d9 9")])

    assert found.problems == ["1 lost: d1 1", "1 delivered twice: d1 2", "1 never sent: d9 9", "1 refused: d1 3"]
    assert found.delivered == 1


def test_devices_of_a_hanging_connection_are_not_missed() -> None:
    found = count([posted("d1 1"), posted("d2 1")], [arrived("d2 1")], excepted={"d1"})

    assert (found.accepted, found.problems) == (1, [])


def test_arrival_before_the_answer_is_not_late() -> None:
    assert count([posted("d1 1", 9)], [arrived("d1 1", 10)]).late_ms == (0.0,)


def test_nothing_posted_counts_as_nothing() -> None:
    found = count([], [])

    assert (found.accepted, found.delivered, found.problems, found.elapsed_s) == (0, 0, [], 0.0)


@pytest.mark.parametrize(
    ("value", "text"), [(1234567.8, "1,234,568"), (100.0, "100"), (12.34, "12.3"), (1.234, "1.23"), (0.0, "0.00")]
)
def test_number_shows_what_counts(value: float, text: str) -> None:
    assert number(value) == text


def test_table_shows_bar_verdict_spread_and_load() -> None:
    figures = (Figure("uplinks", "/s", (2900.0, 3100.0, 3200.0), Bar(3000.0)), Figure("p99", "ms", (1.5,)))
    result = Result("http-1", "forwarder", 0.5, figures, ["as it was"], ["1 lost: d1 1"], 0.25, 12.0)

    assert render([result]).splitlines() == [
        "http-1: forwarder",
        "  load 0.50 at its start, others used 0.25 cores meanwhile; 12 s",
        "  figure   median  unit       bar       least to most   runs",
        "  uplinks   3,100  /s    >= 3,000  met  2,900 to 3,200     3",
        "  p99        1.50  ms                   1.50 to 1.50       1",
        "  note: as it was",
        "  PROBLEM: 1 lost: d1 1",
    ]


def test_costs_are_told_in_rounds_of_the_calibration_loop_beside_those_of_a_baseline() -> None:
    figures = (
        Figure("documents", "/CPU-s", (40_000.0,)),
        Figure("CPU", "us/uplink", (500.0,)),
        Figure("p99", "ms", (1.5,)),
    )
    result = Result(
        "air", "a", 0.5, figures, calibration=(190_000.0, 210_000.0), baseline={"documents": 3.0, "CPU": 99.0}
    )

    assert result.rounds == {"documents": 5.0, "CPU": 100.0}
    told = render([result])
    assert "in rounds of the calibration loop (190,000 a CPU-second before, 210,000 after)" in told
    assert "documents: 5.00, 3.00 in the baseline: SLOWER, 1.67 times as much" in told
    assert "CPU: 100, 99.0 in the baseline\n" in told
    assert result.as_data()["rounds"] == result.rounds


def test_json_holds_every_run_and_the_verdict() -> None:
    result = Result("air", "device to document", 1.0, (Figure("documents", "/s", (1.0, 3.0), Bar(5.0)),))
    data = json.loads(json.dumps(result.as_data()))

    assert data["figures"] == [
        {
            "name": "documents",
            "unit": "/s",
            "median": 2.0,
            "least": 1.0,
            "most": 3.0,
            "runs": [1.0, 3.0],
            "bar": {"value": 5.0, "is": "least"},
            "verdict": "missed",
        }
    ]
    assert (data["load_1min_at_start"], data["problems"]) == (1.0, [])


def test_time_over_still_leaves_one_run() -> None:
    assert list(Plan(runs=5).turns(-1.0, -1.0)) == [0]
    assert list(Plan(runs=5).turns(60.0, 60.0)) == [0, 1, 2, 3, 4]


def test_uplinks_are_unique_and_signed_as_the_tunnel_asks() -> None:
    signed = Uplinks(9).signed(27)

    assert len({one.identity for one in signed}) == 27
    assert set(Counter(one.identity.partition(" ")[0] for one in signed).values()) == {3}
    for one in signed:
        document = read_document(one.body)
        assert check_token(parse_query(one.query), document.root, document.content, AS_KEY)


def test_identity_survives_the_way_to_thingsboard() -> None:
    body = Uplinks(1).signed(1)[0].body
    device, time_ms = of_document(body).split()
    telemetry = orjson.dumps({device: [{"ts": int(time_ms), "values": {"temperature": 21.5}}]})

    assert list(of_telemetry(telemetry)) == [of_document(body)]


def test_destination_of_the_http_load_takes_what_it_sends() -> None:
    async def loaded() -> Load:
        server = PosthereServer()
        load = HttpLoad()
        try:
            return await load.post(await server.listen(), 50, 30)
        finally:
            await server.stop()

    assert asyncio.run(loaded()).problems("posthere") == []


def test_destination_of_the_forwarder_takes_what_comes_under_its_name() -> None:
    body = next(iter(Uplinks(1).signed(1))).body

    async def taken() -> list[Arrival]:
        destination = Posthere()
        try:
            port = (await destination.start())["bench.test:80"]
            async with httpx.AsyncClient() as client:
                await client.post(f"http://127.0.0.1:{port}/bench-0", content=body, headers={"Host": "bench.test"})
            return await destination.arrivals()
        finally:
            await destination.stop()

    assert [arrival.identity for arrival in asyncio.run(taken())] == [of_document(body)]


def test_mqtt_packets_are_read_by_the_fake() -> None:
    message = b"{" + b" " * 200 + b"}"
    raw = connect_packet("bench", "tenant@thingsboard.org", "tenant") + publish_packet(258, message)
    connect, publish = Decoder().feed(raw)

    assert isinstance(connect, packets.Connect)
    assert (connect.client_id, connect.username, connect.password) == ("bench", "tenant@thingsboard.org", b"tenant")
    assert isinstance(publish, packets.Publish)
    assert (publish.topic, publish.qos, publish.packet_id) == ("v1/gateway/telemetry", 1, 258)
    assert publish.payload == message
