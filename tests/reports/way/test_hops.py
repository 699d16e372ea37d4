from typing import Any

import pytest

from uplab.reports.way.hops import describe, heard, place


@pytest.mark.parametrize(
    ("hop", "facts", "words"),
    [
        (
            "device.sent",
            {"f_cnt": 3, "f_port": 5, "payload_hex": "0102", "m_type": 2},
            "device sent frame FCnt 3 on port 5, payload 0102",
        ),
        ("device.sent", {"f_cnt": 0, "f_port": 5, "m_type": 4}, "device sent confirmed frame FCnt 0 on port 5"),
        (
            "device.sent",
            {"dev_eui": "0018B2", "f_cnt": None, "f_port": None, "m_type": 0},
            "device 0018B2 sent a join request",
        ),
        (
            "gateway.heard",
            {"lrr_id": "08060F01", "rssi_dbm": -71, "snr_db": 9.25},
            "gateway 08060F01 (-71 dBm, SNR 9.2 dB) heard it",
        ),
        ("network.joined", {"dev_eui": "0018B2", "dev_addr": "04BE2F1A"}, "network joined device 0018B2 as 04BE2F1A"),
        ("network.refused", {"reason": "mic"}, "network refused the frame: the integrity code (MIC) is wrong"),
        ("network.refused", {"reason": "solar flare"}, "network refused the frame: solar flare"),
        ("network.document", {"root": "DevEUI_uplink", "f_cnt": 3}, "network made the document DevEUI_uplink, FCnt 3"),
        ("tunnel.sent", {"attempt": 12}, "tunnel posted it to the forwarder"),
        ("tunnel.answered", {"outcome": "accepted", "status": 202}, "forwarder accepted it with 202"),
        (
            "tunnel.answered",
            {"outcome": "refused", "status": 401, "reason": "wrong token"},
            "forwarder refused it with 401: wrong token",
        ),
        (
            "tunnel.answered",
            {"outcome": "unclear", "status": None, "reason": None},
            "forwarder's answer is unclear: the connection was lost",
        ),
        (
            "network.downlink",
            {"f_port": 6, "payload_hex": "9e", "outcome": "queued"},
            "network queued the downlink for port 6, payload 9e",
        ),
        (
            "network.downlink",
            {"f_port": 6, "outcome": "rejected", "cause": "full"},
            "network rejected the downlink for port 6: full",
        ),
        ("gateway.sent", {"lrr_id": "08060F01", "window": "RX2"}, "gateway 08060F01 sent the downlink in RX2"),
        (
            "device.received",
            {"f_port": 6, "payload_hex": "9e", "window": "RX1"},
            "device received the downlink on port 6 in RX1, payload 9e",
        ),
        (
            "destination.arrived",
            {"fake": "posthere", "method": "POST", "host": "posthere.io", "url": "/bin"},
            "posthere received POST posthere.io/bin",
        ),
        (
            "destination.arrived",
            {"fake": "posthere", "method": "POST", "url": "/b", "complete": False},
            "posthere received POST /b, cut off before its end",
        ),
        (
            "destination.answered",
            {"fake": "posthere", "status": 200, "written": False},
            "posthere answered 200, but the answer was not written to its end",
        ),
        (
            "destination.published",
            {"fake": "thingsboard", "topic": "v1/t", "qos": 1},
            "thingsboard received a publish to v1/t, QoS 1",
        ),
        (
            "destination.published",
            {"fake": "thingsboard", "topic": "v1/t", "level": 5, "qos": 1, "duplicate": True},
            "thingsboard received a publish to v1/t, QoS 1, MQTT 5, marked as a duplicate",
        ),
        (
            "destination.acknowledged",
            {"fake": "thingsboard", "kind": "PUBACK"},
            "thingsboard acknowledged it with PUBACK",
        ),
        (
            "destination.acknowledged",
            {"fake": "thingsboard", "kind": "PUBACK", "code": 0},
            "thingsboard acknowledged it with PUBACK",
        ),
        (
            "destination.acknowledged",
            {"fake": "thingsboard", "kind": "PUBACK", "code": 0x99},
            "thingsboard refused it with PUBACK, reason code 153",
        ),
        (
            "destination.connected",
            {"fake": "thingsboard", "username": "me", "code": 5},
            "thingsboard took a connection of me, answered code 5",
        ),
        (
            "fault.planned",
            {"fake": "posthere", "faults": [{"id": "f1"}, {"id": "f2"}]},
            "posthere will misbehave: f1, f2",
        ),
        ("fault.planned", {"fake": "posthere", "faults": []}, "posthere is well again"),
        ("fault.delivered", {"fault": "f1", "action": "reset"}, "planned fault f1 was delivered: reset"),
        (
            "api.answered",
            {"method": "PUT", "path": "/connections/8", "status": 400},
            "forwarder's API answered 400 to PUT /connections/8",
        ),
        ("made.up", {"what": "thing", "none": None}, "made up: what thing"),
    ],
)
def test_hop_reads_as_a_sentence(hop: str, facts: dict[str, Any], words: str) -> None:
    assert describe(hop, facts) == words


@pytest.mark.parametrize(
    "hop", ["device.sent", "gateway.heard", "tunnel.answered", "destination.arrived", "fault.delivered", "x", ""]
)
@pytest.mark.parametrize("value", [None, [], {"a": 1}, "\n\x1b" * 5_000, True])
def test_odd_facts_make_one_short_line(hop: str, value: object) -> None:
    names = (
        "dev_eui",
        "f_cnt",
        "f_port",
        "m_type",
        "rssi_dbm",
        "status",
        "outcome",
        "fake",
        "url",
        "reason",
        "complete",
    )

    for facts in ({}, dict.fromkeys(names, value)):
        words = describe(hop, facts)

        assert len(words) < 700
        assert words.isprintable()


def test_strongest_gateway_comes_first() -> None:
    receptions = [
        {"lrr_id": f"0{n}", "rssi_dbm": rssi, "snr_db": 1} for n, rssi in enumerate([-110, -70, -90, -91, -92, -93])
    ]

    words = heard(receptions)

    assert words.startswith("6 gateways heard it: 01 (-70 dBm")
    assert words.endswith("and 2 more")


def test_destination_is_called_by_its_name() -> None:
    assert place("destination.answered", {"fake": "widgelix"}) == "widgelix"
    assert place("destination.answered", {}) == "destination"
    assert place("network.document", {}) == "network"


def test_labs_own_destination_is_called_the_control() -> None:
    facts = {"fake": "witness", "method": "POST", "host": "witness.example", "url": "/w", "status": 200}

    assert place("destination.arrived", facts) == "control"
    assert describe("destination.arrived", facts).startswith("the lab's own control destination received POST ")
    assert describe("destination.answered", facts) == "the lab's own control destination answered 200"
