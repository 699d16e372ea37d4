import json
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.forwarder.making import document, tunnel_query
from uplab.simulator.forwarder.documents.token import (
    QueryError,
    check_token,
    encode_query,
    parse_query,
    sign,
    uplink_query,
)

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[3] / "vectors" / "tunnel-tokens.json").read_text("utf-8"))
KEY = "46ab678cd45df4a4e4b375Eacd096acc"


def content_of(vector: dict[str, Any]) -> dict[str, Any]:
    return {
        "CustomerID": vector["customer_id"],
        "DevEUI": vector["dev_eui"],
        "FPort": vector["f_port"],
        "FCntUp": vector["f_cnt_up"],
        "payload_hex": vector["payload_hex"],
    }


def query_of(vector: dict[str, Any]) -> dict[str, str]:
    return {
        "LrnDevEui": vector["dev_eui"],
        "LrnFPort": str(vector["f_port"]),
        "LrnInfos": vector["lrn_infos"],
        "AS_ID": vector["as_id"],
        "Time": vector["time"],
        "Token": vector["token"],
    }


@pytest.mark.parametrize("vector", VECTORS["uplink"], ids=lambda vector: vector["name"])
def test_public_uplink_vectors_pass(vector: dict[str, Any]) -> None:
    assert check_token(query_of(vector), "DevEUI_uplink", content_of(vector), vector["key"])


@pytest.mark.parametrize("vector", VECTORS["uplink"], ids=lambda vector: vector["name"])
def test_our_own_query_has_the_vectors_token(vector: dict[str, Any]) -> None:
    pairs = uplink_query(
        "DevEUI_uplink", content_of(vector), vector["as_id"], vector["key"], vector["lrn_infos"], vector["time"]
    )
    assert dict(pairs) == query_of(vector)
    assert [name for name, _ in pairs] == ["LrnDevEui", "LrnFPort", "LrnInfos", "AS_ID", "Time", "Token"]


@pytest.mark.parametrize("vector", VECTORS["downlink"], ids=lambda vector: vector["name"])
def test_public_downlink_vectors_pass(vector: dict[str, Any]) -> None:
    pairs = [tuple(part.split("=", 1)) for part in vector["query"].split("&")]
    assert sign([(name, value) for name, value in pairs], vector["key"]) == vector["token"]


def test_key_is_never_changed_in_case() -> None:
    vector = VECTORS["uplink"][1]
    assert not check_token(query_of(vector), "DevEUI_uplink", content_of(vector), vector["key"].lower())


def test_untyped_numbers_sign_as_typed_ones() -> None:
    vector = VECTORS["uplink"][0]
    strings = {name: str(value) for name, value in content_of(vector).items()}
    assert check_token(query_of(vector), "DevEUI_uplink", strings, vector["key"])


@pytest.mark.parametrize("name", ["LrnDevEui", "LrnFPort", "LrnInfos", "AS_ID", "Time", "Token"])
def test_every_parameter_counts(name: str) -> None:
    vector = VECTORS["uplink"][0]
    query = query_of(vector) | {name: "1" + query_of(vector)[name][1:] + "0"}
    assert not check_token(query, "DevEUI_uplink", content_of(vector), vector["key"])


@pytest.mark.parametrize("name", ["CustomerID", "DevEUI", "FPort", "FCntUp", "payload_hex"])
def test_every_element_of_the_body_counts(name: str) -> None:
    vector = VECTORS["uplink"][0]
    content = content_of(vector) | {name: "0"}
    assert not check_token(query_of(vector), "DevEUI_uplink", content, vector["key"])


def test_missing_token_is_wrong() -> None:
    assert not check_token({}, "DevEUI_uplink", {}, KEY)


def test_documented_root_takes_no_other_reading() -> None:
    content = document()["DevEUI_uplink"]
    query = parse_query(tunnel_query(content, as_id="a", key=KEY, elements=""))
    assert not check_token(query, "DevEUI_uplink", content, KEY)
    assert check_token(query, "DevEUI_notification", content, KEY)


def test_join_is_signed_by_what_it_has() -> None:
    content = {"DevEUI": "20635F0108000496", "CustomerID": "1", "MType": 0, "FCntDn": 3}
    query = parse_query(tunnel_query(content, as_id="a", key=KEY, elements="120635F01080004963"))
    assert check_token(query, "DevEUI_uplink", content, KEY)


def test_plus_sign_in_a_query_is_a_plus_sign() -> None:
    raw = parse_query("Time=2021-04-07T08:49:51.551+00:00")
    encoded = parse_query("Time=2021-04-07T08%3A49%3A51.551%2B00%3A00")
    assert raw == encoded == {"Time": "2021-04-07T08:49:51.551+00:00"}


def test_query_is_encoded_as_the_documents_show() -> None:
    assert encode_query([("Time", "08:49+00:00"), ("AS_ID", "a b")]) == "Time=08%3A49%2B00%3A00&AS_ID=a%20b"


@pytest.mark.parametrize("raw", ["a=1&a=2", "a=%FF"])
def test_unreadable_query_is_refused(raw: str) -> None:
    with pytest.raises(QueryError):
        parse_query(raw)


def test_zero_in_the_place_of_a_missing_fport_is_another_reading() -> None:
    content = {"CustomerID": "1", "DevEUI": "A", "FCntUp": 7}
    pairs = [("LrnDevEui", "A"), ("LrnInfos", "I"), ("AS_ID", "as"), ("Time", "T")]
    zero = {**dict(pairs), "Token": sign(pairs, KEY, "1A07")}
    absent = {**dict(pairs), "Token": sign(pairs, KEY, "1A7")}

    assert check_token(zero, "DevEUI_uplink", content, KEY, zero_port=True)
    assert not check_token(zero, "DevEUI_uplink", content, KEY)
    assert not check_token(absent, "DevEUI_uplink", content, KEY, zero_port=True)
