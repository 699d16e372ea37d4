from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.simulator.clock import parse_iso
from uplab.simulator.network.downlink_queue import Queued, Rejected
from uplab.simulator.network.lrc import Answer, Lrc, downlink_token

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "tunnel-tokens.json").read_text())["downlink"]
KEY = "46ab678cd45df4a4e4b375Eacd096acc"
AS_ID = "app1.sample.com"
TIME = "2016-01-11T14:28:00.333+02:00"
NOW = parse_iso(TIME)
PLAIN = {"DevEUI": "000000000F1D8693", "FPort": "1", "Payload": "00", "AS_ID": AS_ID, "Time": TIME}


class Recorder:
    """Takes every downlink and remembers it."""

    def __init__(self, answer: Queued | Rejected = Queued(1)) -> None:  # noqa: B008 (a frozen value)
        self.calls: list[dict[str, Any]] = []
        self.flushed: list[str] = []
        self.answer = answer

    def enqueue(self, dev_eui: str, f_port: int, payload: bytes, **rest: Any) -> Queued | Rejected:
        self.calls.append({"dev_eui": dev_eui, "f_port": f_port, "payload": payload, **rest})
        return self.answer

    def flush(self, dev_eui: str) -> Queued | Rejected:
        self.flushed.append(dev_eui)
        return Queued(0)


def signed(fields: dict[str, str], *, key: str = KEY) -> str:
    token = downlink_token("&".join(f"{name}={value}" for name, value in fields.items()), key)
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in {**fields, "Token": token}.items())


def ask(fields: dict[str, str], *, now: float = NOW) -> tuple[Answer, list[dict[str, Any]]]:
    queues = Recorder()
    return Lrc(queues, {AS_ID: KEY}).answer(signed(fields), now=now), queues.calls


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["name"]))
def test_public_tokens_are_accepted(vector: dict[str, str]) -> None:
    assert downlink_token(vector["query"], vector["key"]) == vector["token"]

    raw = vector["query"].replace(":", "%3A").replace("+", "%2B") + f"&Token={vector['token']}"
    answer = Lrc(Recorder(), {AS_ID: vector["key"]}, max_deviation_s=None).answer(raw, now=NOW)

    assert answer == Answer(200, "Request queued by LRC")


def test_a_plain_downlink_is_queued() -> None:
    answer, calls = ask(PLAIN)

    assert answer.status == 200
    assert calls == [
        {
            "dev_eui": "000000000F1D8693",
            "f_port": 1,
            "payload": b"\x00",
            "confirmed": False,
            "flush": False,
            "valid_until_s": None,
            "correlation_id": None,
            "now": NOW,
        }
    ]


def test_all_options_reach_the_queue() -> None:
    options = {
        "Confirmed": "1",
        "FlushDownlinkQueue": "1",
        "ValidityTime": "2016-01-11T14:30:00.333+02:00",
        "CorrelationID": "4434704901C7450B",
    }
    answer, [call] = ask(PLAIN | options)

    assert answer.status == 200
    assert (call["confirmed"], call["flush"], call["correlation_id"]) == (True, True, "4434704901C7450B")
    assert call["valid_until_s"] == pytest.approx(NOW + 120)


def test_validity_in_seconds_counts_from_now() -> None:
    _, [call] = ask(PLAIN | {"ValidityTime": "90"})

    assert call["valid_until_s"] == NOW + 90


def test_flushing_needs_no_payload() -> None:
    queues = Recorder()
    fields = {"DevEUI": "000000000f1d8693", "AS_ID": AS_ID, "Time": TIME, "FlushDownlinkQueue": "1"}

    assert Lrc(queues, {AS_ID: KEY}).answer(signed(fields), now=NOW).status == 200
    assert queues.flushed == ["000000000F1D8693"]


@pytest.mark.parametrize(
    ("changes", "status", "cause"),
    [
        ({"DevEUI": "000000000F1D869"}, 400, "DevEUI: expected 16 hexadecimal digits, got '000000000F1D869'"),
        ({"FPort": "one"}, 400, "FPort: expected a number, got 'one'"),
        ({"Colour": "blue"}, 400, "Colour: unknown parameter"),
        ({"AS_ID": "somebody"}, 350, "AS_ID 'somebody' is unknown"),
        ({"AS_ID": None}, 350, "AS_ID is missing"),
        ({"Time": None}, 350, "Time is missing"),
        ({"Time": "yesterday"}, 350, "Time: expected an ISO 8601 date and time, got 'yesterday'"),
        ({"Time": "2016-01-11T13:28:00.333+02:00"}, 350, "Time deviates by 3600 s, at most 600 s allowed"),
        ({"Payload": None}, 350, "Payload is missing"),
        ({"Payload": ""}, 350, "Payload is empty"),
        ({"Payload": "abc"}, 350, "Payload: odd number of hexadecimal digits (3)"),
        ({"Payload": "zz"}, 350, "Payload: expected hexadecimal digits"),
        ({"Payload": "0 01"}, 350, "Payload: expected hexadecimal digits"),
        ({"FPort": None}, 350, "FPort is missing"),
        ({"Confirmed": "yes"}, 350, "Confirmed: expected 0 or 1, got 'yes'"),
        ({"ValidityTime": "2016-01-11T14:27:00.333+02:00"}, 350, "ValidityTime: already expired 60 s ago"),
        ({"CorrelationID": "1573746892123"}, 350, "CorrelationID: expected 16 hexadecimal digits, got '1573746892123'"),
        ({"FCntDn": "7"}, 350, "FCntDn: payloads must not be encrypted, the network server holds the AppSKey"),
    ],
)
def test_what_is_wrong_is_refused_by_name(changes: dict[str, str | None], status: int, cause: str) -> None:
    fields = {name: value for name, value in (PLAIN | changes).items() if value is not None}

    answer, calls = ask(fields)

    assert answer == Answer(status, cause)
    assert calls == []


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("", "query: expected name=value, got ''"),
        ("DevEUI", "query: expected name=value, got 'DevEUI'"),
        ("=1", "query: expected name=value, got '=1'"),
        ("DevEUI=1&DevEUI=2", "DevEUI: given twice"),
    ],
)
def test_a_broken_query_is_malformed(raw: str, text: str) -> None:
    assert Lrc(Recorder(), {}).answer(raw, now=NOW) == Answer(400, text)


@pytest.mark.parametrize(
    ("token", "cause"),
    [
        (None, "Token is missing"),
        ("abc", "Token is malformed: expected 64 hexadecimal digits"),
        ("0" * 64, "Token does not fit the query"),
    ],
)
def test_a_wrong_token_is_refused(token: str | None, cause: str) -> None:
    raw = "&".join(f"{name}={quote(value, safe='')}" for name, value in PLAIN.items())
    if token is not None:
        raw += f"&Token={token}"

    assert Lrc(Recorder(), {AS_ID: KEY}).answer(raw, now=NOW) == Answer(350, cause)


def test_the_case_of_the_key_counts() -> None:
    answer = Lrc(Recorder(), {AS_ID: KEY}).answer(signed(PLAIN, key=KEY.lower()), now=NOW)

    assert answer == Answer(350, "Token does not fit the query")


def test_a_bare_plus_in_time_is_refused() -> None:
    raw = signed(PLAIN).replace("%2B", "+")

    assert Lrc(Recorder(), {AS_ID: KEY}).answer(raw, now=NOW) == Answer(350, "Token does not fit the query")


def test_a_token_over_encoded_text_is_refused() -> None:
    encoded = "&".join(f"{name}={quote(value, safe='')}" for name, value in PLAIN.items())
    raw = f"{encoded}&Token={downlink_token(encoded, KEY)}"

    assert Lrc(Recorder(), {AS_ID: KEY}).answer(raw, now=NOW) == Answer(350, "Token does not fit the query")


def test_the_queue_has_the_last_word() -> None:
    lrc = Lrc(Recorder(Rejected("unknown device")), {AS_ID: KEY})

    assert lrc.answer(signed(PLAIN), now=NOW) == Answer(350, "unknown device")


def test_refusals_are_reported() -> None:
    hops: list[tuple[str, dict[str, Any]]] = []
    lrc = Lrc(Recorder(), {AS_ID: KEY}, emit=lambda hop, facts: hops.append((hop, facts)))

    lrc.answer(signed(PLAIN | {"Payload": "abc"}), now=NOW)

    cause = "Payload: odd number of hexadecimal digits (3)"
    facts = {"dev_eui": "000000000F1D8693", "f_port": 1, "payload_hex": "abc", "correlation_id": None}
    assert hops == [("network.downlink", facts | {"outcome": "rejected", "cause": cause})]


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_any_query_is_answered(raw: str) -> None:
    assert Lrc(Recorder(), {AS_ID: KEY}).answer(raw, now=NOW).status in (350, 400)
