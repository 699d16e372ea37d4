import os
import resource
import time
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from tests.scenarios.history_lines import DEV, OTHER, document, point
from uplab.scenarios.history.identity import Ledger, epoch_ms, find_report


def sent(ledger: Ledger, f_cnt: int = 1) -> str:
    time = document(DEV, f_cnt)["DevEUI_uplink"]["Time"]
    return ledger.identify("device.sent", {"dev_eui": DEV, "f_cnt": f_cnt, "time": time, "phy_hex": f"40{f_cnt}"})[0]


def arrived(ledger: Ledger, body: object, exchange: int = 1) -> list[str]:
    return ledger.identify("destination.arrived", {"exchange": exchange, "raw": orjson.dumps(body)})


def test_uplink_is_recognised_at_every_hop() -> None:
    ledger = Ledger()
    id_ = sent(ledger)

    assert ledger.identify("gateway.heard", {"phy_hex": "401"}) == [id_]
    assert ledger.identify("network.document", {"document": document(DEV, 1)}) == [id_]
    assert ledger.identify("tunnel.sent", {"attempt": 7, "raw": orjson.dumps(document(DEV, 1))}) == [id_]
    assert ledger.identify("tunnel.answered", {"attempt": 7}) == [id_]
    assert arrived(ledger, document(DEV, 1)) == [id_]
    assert ledger.identify("destination.answered", {"exchange": 1}) == [id_]


def test_recognised_without_its_root_and_with_numbers_as_strings() -> None:
    ledger = Ledger()
    id_ = sent(ledger)
    report = document(DEV, 1)["DevEUI_uplink"]

    assert arrived(ledger, report) == [id_]
    assert arrived(ledger, {"DevEUI_uplink": {**report, "FCntUp": "1", "DevEUI": DEV.lower()}}) == [id_]


def test_telemetry_is_recognised_by_device_and_milliseconds() -> None:
    ledger = Ledger()
    first, second = sent(ledger, 1), sent(ledger, 2)
    ts = epoch_ms("2026-01-01T00:00:01.000+00:00")
    points = {DEV: [{"ts": ts, "values": {}}, {"ts": ts + 1000, "values": {}}]}

    published = {"exchange": 3, "qos": 1, "raw": orjson.dumps(points)}
    assert ledger.identify("destination.published", published) == [first, second]
    assert ledger.identify("destination.acknowledged", {"exchange": 3}) == [first, second]


@pytest.mark.parametrize(
    "body", [document(DEV, 9), {"a": 1}, [], "x", {"DevEUI_uplink": {"Time": "yesterday", "DevEUI": DEV}}]
)
def test_what_nobody_sent_has_no_id(body: object) -> None:
    ledger = Ledger()
    sent(ledger)

    assert arrived(ledger, body) == []


def test_bytes_that_are_no_json_have_no_id() -> None:
    assert Ledger().identify("destination.arrived", {"exchange": 1, "raw": b"{"}) == []


def test_downlink_is_recognised_by_correlation_and_by_content() -> None:
    ledger = Ledger()
    posted = {"dev_eui": DEV, "f_port": 5, "payload_hex": "AB", "correlation_id": "00000000000000aa"}
    id_ = ledger.identify("downlink.posted", posted)

    assert ledger.identify("network.downlink", {**posted, "payload_hex": "ab"}) == id_
    assert ledger.identify("device.received", {"dev_eui": DEV, "f_port": 5, "payload_hex": "ab"}) == id_
    assert ledger.identify("device.received", {"dev_eui": DEV, "f_port": 5, "payload_hex": "ac"}) != id_


def test_two_downlinks_with_one_content_are_two() -> None:
    ledger = Ledger()
    posted = {"dev_eui": DEV, "f_port": 5, "payload_hex": "ab"}

    first = ledger.identify("downlink.posted", {**posted, "correlation_id": "00000000000000aa"})
    second = ledger.identify("downlink.posted", {**posted, "correlation_id": "00000000000000ab"})

    assert first != second


def accepted(ledger: Ledger, f_cnt: int, outcome: str = "accepted") -> str:
    id_ = sent(ledger, f_cnt)
    ledger.identify("tunnel.sent", {"attempt": f_cnt, "raw": orjson.dumps(document(DEV, f_cnt))})
    ledger.identify("tunnel.answered", {"attempt": f_cnt, "outcome": outcome})
    return id_


def delivered(ledger: Ledger, f_cnt: int, exchange: int, status: int = 200) -> list[str]:
    ids = arrived(ledger, document(DEV, f_cnt), exchange)
    ledger.identify("destination.answered", {"exchange": exchange, "status": status, "written": True})
    return ids


def test_what_is_under_way_is_never_forgotten() -> None:
    ledger = Ledger(remember=3)
    ids = [accepted(ledger, f_cnt) for f_cnt in range(1, 60)]

    assert [arrived(ledger, document(DEV, f_cnt), f_cnt) for f_cnt in range(1, 60)] == [[id_] for id_ in ids]
    assert ledger.forgotten == 0


def test_seventy_thousand_under_way_are_all_known() -> None:
    ledger = Ledger()
    document_of = '{"DevEUI_uplink":{"Time":"2026-01-01T00:00:00.000+00:00","DevEUI":"%s","FCntUp":%d}}'
    for number in range(70_000):
        facts = {"dev_eui": DEV, "f_cnt": number, "time": "2026-01-01T00:00:00.000+00:00", "phy_hex": f"{number:x}"}
        ledger.identify("device.sent", {**facts, "dev_eui": f"{number:016X}"})
        raw = (document_of % (f"{number:016X}", number)).encode()
        ledger.identify("tunnel.sent", {"attempt": number, "raw": raw})
        ledger.identify("tunnel.answered", {"attempt": number, "outcome": "accepted"})

    first = (document_of % (f"{0:016X}", 0)).encode()
    assert ledger.identify("destination.arrived", {"exchange": 1, "raw": first}) == ["u1"]


def test_what_is_over_is_forgotten_oldest_first_and_counted() -> None:
    ledger = Ledger(remember=3)
    for f_cnt in range(1, 11):
        accepted(ledger, f_cnt)
        delivered(ledger, f_cnt, f_cnt)

    known = [f_cnt for f_cnt in range(1, 11) if arrived(ledger, document(DEV, f_cnt), f_cnt)]
    assert known == [8, 9, 10]
    assert ledger.forgotten == 7


def test_nothing_of_the_scenario_that_runs_is_forgotten() -> None:
    ledger = Ledger(remember=3)
    ledger.begin()
    for f_cnt in range(1, 11):
        accepted(ledger, f_cnt)
        delivered(ledger, f_cnt, f_cnt)

    assert all(arrived(ledger, document(DEV, f_cnt), f_cnt) for f_cnt in range(1, 11))
    ledger.end()
    assert ledger.forgotten == 7


def test_what_outlives_its_scenario_is_known_until_it_is_over() -> None:
    ledger = Ledger(remember=3)
    ledger.begin()
    late = accepted(ledger, 1)
    ledger.begin()
    for f_cnt in range(2, 12):
        accepted(ledger, f_cnt, outcome="refused")
    ledger.begin()

    assert delivered(ledger, 1, 1) == [late]
    assert ledger.forgotten == 8


@pytest.mark.parametrize("status", [503, 0])
def test_what_a_destination_did_not_take_is_still_under_way(status: int) -> None:
    ledger = Ledger(remember=3)
    first = accepted(ledger, 1)
    delivered(ledger, 1, 1, status)
    for f_cnt in range(2, 12):
        accepted(ledger, f_cnt)
        delivered(ledger, f_cnt, f_cnt)

    assert arrived(ledger, document(DEV, 1), 99) == [first]


def test_document_of_an_earlier_scenario_is_remembered_by_the_one_that_speaks_of_it_again() -> None:
    ledger = Ledger(remember=3)
    made = {"document": document(OTHER, 1)}
    ledger.begin()
    (id_,) = ledger.identify("network.document", made)
    ledger.begin()
    assert ledger.identify("network.document", made) == [id_]
    for f_cnt in range(1, 12):
        accepted(ledger, f_cnt, outcome="refused")

    assert arrived(ledger, document(OTHER, 1)) == [id_]


def test_arrival_is_in_doubt_only_where_it_may_be_what_was_forgotten() -> None:
    ledger = Ledger(remember=1)
    raw = orjson.dumps(document(DEV, 1))
    before = ledger.doubt("destination.arrived", {"raw": raw})
    for f_cnt in range(1, 4):
        sent(ledger, f_cnt)

    assert before == 0
    assert ledger.doubt("destination.arrived", {"raw": raw}) == 2
    assert ledger.doubt("destination.published", {"raw": orjson.dumps({DEV: [{"ts": 1, "values": {}}]})}) == 2
    assert ledger.doubt("destination.arrived", {"raw": b'{"a": 1}'}) == 0
    assert ledger.doubt("destination.answered", {"exchange": 1}) == 0


@pytest.mark.parametrize("kind", ["answered", "acknowledged"])
def test_answer_and_fault_are_known_by_their_exchange_in_any_order(kind: str) -> None:
    ledger = Ledger()
    id_ = accepted(ledger, 1)
    arrived(ledger, document(DEV, 1), 7)
    answer = {"exchange": 7, "status": 200, "written": True, "kind": "PUBACK"}

    assert ledger.identify("fault.delivered", {"exchange": 7, "fault": "f"}) == [id_]
    assert ledger.identify(f"destination.{kind}", answer) == [id_]
    assert ledger.identify(f"destination.{kind}", answer) == [id_]
    assert ledger.identify("fault.delivered", {"exchange": 7, "fault": "f"}) == [id_]


def test_post_of_the_tunnel_belongs_to_no_exchange() -> None:
    ledger = Ledger()
    accepted(ledger, 1)

    assert ledger.identify("destination.answered", {"exchange": None}) == []


@pytest.mark.parametrize(
    "document_",
    [
        {"DevEUI_uplink": {**document(DEV, 1)["DevEUI_uplink"], "FCntUp": [1]}},
        {"DevEUI_uplink": {**document(DEV, 1)["DevEUI_uplink"], "FCntUp": "²"}},
        {"DevEUI_uplink": {**document(DEV, 1)["DevEUI_uplink"], "FCntUp": "9" * 5_000}},
        {"DevEUI_uplink": {**document(DEV, 1)["DevEUI_uplink"], "Time": "0001-01-01T00:00:00"}},
        {DEV: [{"ts": [1], "values": {}}]},
    ],
    ids=["list", "no digit", "long", "time", "ts"],
)
def test_wrong_values_in_a_key_are_no_id_and_no_crash(document_: object) -> None:
    ledger = Ledger()
    sent(ledger)

    assert arrived(ledger, document_) == []


def test_downlink_with_wrong_values_is_one_that_nobody_sent() -> None:
    wrong = {"dev_eui": DEV, "f_port": [1], "payload_hex": {"a": 1}, "correlation_id": {"a": 1}}

    assert len(Ledger().identify("downlink.posted", wrong)) == 1


def test_uplink_in_several_points_of_one_time_is_told_once_unless_a_name_comes_again() -> None:
    ledger = Ledger()
    id_ = sent(ledger)
    parts = [point(1, temperature=21.5), point(1, humidity=40)]

    assert arrived(ledger, {DEV: parts}) == [id_]
    assert arrived(ledger, {DEV: [*parts, point(1, humidity=40)]}) == [id_, id_]


@pytest.mark.skipif("UPLAB_LEDGER" not in os.environ, reason="a measurement: UPLAB_LEDGER=1000000")
def test_cost_of_an_uplink_does_not_grow() -> None:
    """Prints what one uplink costs, from device.sent to its acceptance, and from its arrival to its answer."""
    total = int(os.environ["UPLAB_LEDGER"])
    ledger, part, tail = Ledger(), max(1, total // 10), '","FPort":5,"payload_hex":"0100e20229"}}'
    ledger.begin()
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    bodies = [(n, (begun + timedelta(seconds=n)).isoformat(timespec="milliseconds")) for n in range(total)]

    def raw(number: int, moment: str) -> bytes:
        return f'{{"DevEUI_uplink":{{"DevEUI":"{DEV}","FCntUp":{number},"Time":"{moment}{tail}'.encode()

    def accept(number: int, moment: str) -> None:
        facts = {"dev_eui": DEV, "f_cnt": number, "time": moment, "phy_hex": f"40{number:08x}"}
        ledger.identify("device.sent", facts)
        ledger.identify("tunnel.sent", {"attempt": number, "raw": raw(number, moment)})
        ledger.identify("tunnel.answered", {"attempt": number, "outcome": "accepted"})

    def deliver(number: int, moment: str) -> None:
        assert ledger.identify("destination.arrived", {"exchange": number, "raw": raw(number, moment)})
        ledger.identify("destination.answered", {"exchange": number, "status": 200, "written": True})

    for name, work in (("accepted", accept), ("delivered", deliver)):
        for begin in range(0, total, part):
            started_s = time.process_time()
            for number, moment in bodies[begin : begin + part]:
                work(number, moment)
            spent_us = (time.process_time() - started_s) / len(bodies[begin : begin + part]) * 1e6
            print(f"{name} {begin:>9,} to {begin + part:>9,}: {spent_us:6.1f} µs each")
        print(f"resident: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")
    ledger.end()
    assert ledger.forgotten == max(0, total - 100_000)


def test_report_is_found_under_each_root() -> None:
    assert find_report({"DevEUI_downlink_Sent": {"DevEUI": DEV}}) == ("DevEUI_downlink_Sent", {"DevEUI": DEV})
    assert find_report({"unknown": {}}) is None
