import orjson
import pytest

from scenarios.identity import Ledger, epoch_ms, find_report
from tests.scenarios.history_lines import DEV, document


def sent(ledger: Ledger, f_cnt: int = 1) -> str:
    time = document(DEV, f_cnt)["DevEUI_uplink"]["Time"]
    return ledger.identify("device.sent", {"dev_eui": DEV, "f_cnt": f_cnt, "time": time, "phy_hex": f"40{f_cnt}"})[0]


def arrived(ledger: Ledger, body: object, exchange: int = 1) -> list[str]:
    return ledger.identify("destination.arrived", {"exchange": exchange, "raw": orjson.dumps(body)})


def publish(topic: str, payload: bytes) -> bytes:
    body = len(topic).to_bytes(2, "big") + topic.encode() + b"\x00\x07" + payload
    length = bytes([len(body) % 128 | 0x80, len(body) // 128]) if len(body) > 127 else bytes([len(body)])
    return b"\x32" + length + body


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

    published = {"exchange": 3, "qos": 1, "raw": publish("v1/gateway/telemetry", orjson.dumps(points))}
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


def test_memory_is_bounded() -> None:
    ledger = Ledger(remember=30)
    for f_cnt in range(1, 60):
        sent(ledger, f_cnt)

    assert arrived(ledger, document(DEV, 59)) == ["u59"]
    assert arrived(ledger, document(DEV, 1)) == []


def test_report_is_found_under_each_root() -> None:
    assert find_report({"DevEUI_downlink_Sent": {"DevEUI": DEV}}) == ("DevEUI_downlink_Sent", {"DevEUI": DEV})
    assert find_report({"unknown": {}}) is None
