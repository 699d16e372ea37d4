"""The failure generations and outcomes as a destination sees them; schedules run a hundred times as fast."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.forwarder.destination import HANG, RESET, Arrival, Destination, Drip, answer
from tests.simulator.forwarder.making import DEV_EUI, OTHER_EUI, tunnel_query
from tests.simulator.forwarder.process import AS_ID, AS_KEY, Forwarder
from uplab.simulator.forwarder.documents.token import check_token, parse_query

RATE = 100.0
START_S = 1_767_225_600.0


def clock(rate: float = RATE) -> str:
    """A clock that begins now and runs fast."""
    return f"{START_S},{time.monotonic()},{rate}"


def counters(destination: Destination) -> list[int]:
    return [arrival.uplink["FCntUp"] for arrival in destination.arrivals]


def failing(times: int, given: bytes | str) -> Callable[[Arrival], bytes | str | Drip]:
    """Fail so often, then take everything."""
    left = [times]

    def answers(_: Arrival) -> bytes | str | Drip:
        left[0] -= 1
        return given if left[0] >= 0 else answer(200)

    return answers


@pytest.mark.parametrize("given", [answer(503), answer(302), RESET], ids=["503", "302", "reset"])
def test_blame_waits_and_then_sends_in_order(tmp_path: Path, destination: Destination, given: bytes | str) -> None:
    destination.answers = failing(1, given)
    instants: list[float] = []
    answers = destination.answers
    destination.answers = lambda arrival: instants.append(time.monotonic()) or answers(arrival)  # type: ignore[func-returns-value]
    with Forwarder(tmp_path, UPLAB_CLOCK=clock(20.0)) as forwarder:
        connection = forwarder.create(destination.url)
        forwarder.bind(connection)
        for f_cnt in range(1, 4):
            forwarder.uplink(f_cnt)
        destination.wait_for(4)
        forwarder.wait_until("3 delivered", lambda: forwarder.counters(connection)["uplinksDelivered"] == 3)

        assert counters(destination) == [1, 1, 2, 3]
        assert (instants[1] - instants[0]) * 20.0 >= 30.0
        assert forwarder.counters(connection)["uplinksFailed"] == 1
        assert forwarder.counters(connection)["uplinksLost"] == 0
        (event,) = forwarder.events(connection, "UPLINK_FAILED")
        assert (event["devEUI"], event["fCntUp"]) == (DEV_EUI, 1)


def test_blame_period_is_taken_from_the_connection(tmp_path: Path, destination: Destination) -> None:
    destination.answers = failing(1, answer(500))
    with Forwarder(tmp_path, UPLAB_CLOCK=clock(1.0)) as forwarder:
        forwarder.bind(forwarder.create(destination.url, blamePeriod=1))
        begun = time.monotonic()
        forwarder.uplink()
        destination.wait_for(2)

        assert 1.0 <= time.monotonic() - begun < 10.0


def test_unreachable_destination_shows_and_recovers(tmp_path: Path, destination: Destination) -> None:
    with Forwarder(tmp_path, UPLAB_CLOCK=clock()) as forwarder:
        connection = forwarder.create(destination.url)
        forwarder.bind(connection)
        destination.go()
        forwarder.uplink()
        forwarder.wait_for_state(connection, "UNREACHABLE")
        destination.come_back()
        destination.wait_for(1)
        forwarder.wait_for_state(connection, "OPENED")


def test_wrong_key_is_visible_and_a_new_one_delivers_at_once(tmp_path: Path, destination: Destination) -> None:
    destination.answers = lambda arrival: answer(200 if arrival.header("Authorization") == "Bearer right" else 401)
    with Forwarder(tmp_path, UPLAB_CLOCK=clock(1.0)) as forwarder:
        connection = forwarder.create(destination.url, headers={"Authorization": "Bearer wrong"})
        forwarder.bind(connection)
        forwarder.uplink()
        (event,) = forwarder.wait_until("an event", lambda: forwarder.events(connection, "UPLINK_FAILED"))
        assert "HTTP 401" in event["message"]
        assert forwarder.counters(connection)["uplinksDelivered"] == 0

        body = forwarder.show(connection)
        body["configuration"]["headers"] = {"Authorization": "Bearer right"}
        forwarder.call("PUT", f"/connections/{connection}", json=body).raise_for_status()

        destination.wait_for(2)
        forwarder.wait_until("delivered", lambda: forwarder.counters(connection)["uplinksDelivered"] == 1)


def strict(tmp_path: Path, generation: str) -> Forwarder:
    return Forwarder(tmp_path, "--failure-generation", generation, UPLAB_CLOCK=clock())


def test_lenient_generation_loses_what_is_refused_with_an_event(tmp_path: Path, destination: Destination) -> None:
    destination.answers = failing(1, answer(503))
    with strict(tmp_path, "strict-resend") as forwarder:
        connection = forwarder.create(destination.url)
        forwarder.bind(connection)
        for f_cnt in (1, 2):
            forwarder.uplink(f_cnt)
        destination.wait_for(2)
        (event,) = forwarder.wait_until("lost", lambda: forwarder.events(connection, "UPLINK_LOST"))

        assert counters(destination) == [1, 2]
        assert (event["fCntUp"], event["cause"]) == (1, "refused")
        assert forwarder.counters(connection)["uplinksLost"] == 1


def test_strict_generation_resends_three_times_and_then_loses(tmp_path: Path, destination: Destination) -> None:
    destination.answers = failing(4, answer(503))
    with strict(tmp_path, "strict-resend") as forwarder:
        connection = forwarder.create(destination.url, strictMode=True)
        forwarder.bind(connection)
        for f_cnt in (1, 2):
            forwarder.uplink(f_cnt)
        destination.wait_for(5)

        assert counters(destination) == [1, 1, 1, 1, 2]
        assert len(forwarder.events(connection, "UPLINK_FAILED")) == 4
        assert len(forwarder.events(connection, "UPLINK_LOST")) == 1
        assert forwarder.show(connection)["state"] == "OPENED"


@pytest.mark.parametrize("given", [answer(503), RESET], ids=["503", "reset"])
def test_strict_close_closes_reopens_and_sends_again(
    tmp_path: Path, destination: Destination, given: bytes | str
) -> None:
    destination.answers = failing(1, given)
    with strict(tmp_path, "strict-close") as forwarder:
        connection = forwarder.create(destination.url, strictMode=True, reconnectStrategy="AGGRESSIVE")
        forwarder.bind(connection)
        for f_cnt in (1, 2):
            forwarder.uplink(f_cnt)
        forwarder.wait_for_state(connection, "CLOSED")
        destination.wait_for(3)
        forwarder.wait_for_state(connection, "OPENED")

        assert counters(destination) == [1, 1, 2]
        assert forwarder.counters(connection)["uplinksLost"] == 0
        moves = [event["newState"] for event in forwarder.events(connection, "STATE_CHANGED")]
        assert moves[3:] == ["CLOSING", "CLOSED", "OPENING", "AUTHENTICATING", "OPENED"]


# -- isolation


@pytest.mark.parametrize("given", [HANG, Drip(0.05), RESET, answer(503)], ids=["hang", "drip", "reset", "refuse"])
def test_bad_destination_delays_no_other(tmp_path: Path, destination: Destination, given: Any) -> None:
    with Destination(lambda _: given) as bad, Forwarder(tmp_path, "--stop-s", "0.1") as forwarder:
        for url in (bad.url, destination.url):
            forwarder.bind(forwarder.create(url))
        forwarder.uplink(0)
        bad.wait_for(1)
        for f_cnt in range(1, 21):
            begun = time.monotonic()
            forwarder.uplink(f_cnt)
            destination.wait_for(f_cnt + 1)
            assert time.monotonic() - begun < 1.0
        assert counters(destination) == list(range(21))


def test_slow_device_delays_no_other_device_of_its_connection(tmp_path: Path, destination: Destination) -> None:
    destination.answers = lambda arrival: HANG if arrival.uplink["DevEUI"] == DEV_EUI else answer(200)
    with Forwarder(tmp_path, "--stop-s", "0.1") as forwarder:
        forwarder.bind(forwarder.create(destination.url), DEV_EUI, OTHER_EUI)
        forwarder.uplink(1, DEV_EUI)
        forwarder.uplink(2, DEV_EUI)
        for f_cnt in range(1, 6):
            forwarder.uplink(f_cnt, OTHER_EUI)
        destination.wait_for(6)

        assert [a.uplink["FCntUp"] for a in destination.arrivals if a.uplink["DevEUI"] == OTHER_EUI] == [1, 2, 3, 4, 5]
        assert [a.uplink["FCntUp"] for a in destination.arrivals if a.uplink["DevEUI"] == DEV_EUI] == [1]


# -- age, patterns, forms


def test_uplink_that_grew_old_is_dropped_by_name(tmp_path: Path, destination: Destination) -> None:
    destination.answers = failing(2, answer(503))
    with Forwarder(tmp_path, UPLAB_CLOCK=clock()) as forwarder:
        connection = forwarder.create(destination.url, uplinkTimeValidity="45s")
        forwarder.bind(connection)
        forwarder.uplink(1, Time="2026-01-01T00:00:00.000+00:00")
        (event,) = forwarder.wait_until("expired", lambda: forwarder.events(connection, "UPLINK_EXPIRED"))

        assert (event["devEUI"], event["fCntUp"], event["cause"]) == (DEV_EUI, 1, "expired")
        assert forwarder.counters(connection)["uplinksLost"] == 1
        assert 200 not in [event.get("status") for event in forwarder.events(connection)]


def test_pattern_that_finds_nothing_is_a_failed_delivery_and_never_braces(
    tmp_path: Path, destination: Destination
) -> None:
    with Forwarder(tmp_path) as forwarder:
        connection = forwarder.create(destination.url, headers={"Authorization": "Bearer {access-token}"})
        witness = forwarder.create(destination.url, headers={"X-Name": "{CustomerData.name|DevEUI|'None'}"})
        for number in (connection, witness):
            forwarder.bind(number)
        forwarder.uplink()
        (event,) = forwarder.wait_until("lost", lambda: forwarder.events(connection, "UPLINK_LOST"))

        assert "header Authorization: the pattern {access-token} finds nothing" in event["message"]
        assert [arrival.header("X-Name") for arrival in destination.wait_for(1)] == [DEV_EUI]
        assert forwarder.counters(connection)["uplinksFailed"] == forwarder.counters(connection)["uplinksLost"] == 1


def test_send_metadata_filters_reports_with_an_event(tmp_path: Path, destination: Destination) -> None:
    with Forwarder(tmp_path) as forwarder:
        connection = forwarder.create(destination.url, sendMetadata=True, sendRawDecodedFormat=True)
        forwarder.bind(connection)
        report = {"DevEUI_downlink_Sent": {"DevEUI": DEV_EUI, "CustomerID": "1", "FPort": 1, "FCntDn": 2}}
        query = tunnel_query(report["DevEUI_downlink_Sent"], as_id=AS_ID, key=AS_KEY, elements=f"1{DEV_EUI}12")
        assert forwarder.client.post(f"{forwarder.ready['ingress']}?{query}", json=report).status_code == 200
        forwarder.uplink()

        (arrival,) = destination.wait_for(1)
        assert arrival.document["DevEUI"] == DEV_EUI
        assert arrival.document["payload"]["temperature"] == 22.6
        forwarder.wait_until("filtered", lambda: forwarder.events(connection, "UPLINK_FILTERED"))


def test_lrc_compliance_signs_towards_the_destination(tmp_path: Path, destination: Destination) -> None:
    key = "f3203a20a2e8dfaf6686b621f56d05e3"
    with Forwarder(tmp_path) as forwarder:
        connection = forwarder.create(destination.url, lrcCompliance=True, downlinkAsId="TWA_1.AS", tiak=key)
        forwarder.bind(connection)
        forwarder.uplink()
        (arrival,) = destination.wait_for(1)

    raw = arrival.target.partition("?")[2]
    assert [part.split("=")[0] for part in raw.split("&")] == [
        "LrnDevEui",
        "LrnFPort",
        "LrnInfos",
        "AS_ID",
        "Time",
        "Token",
    ]
    assert "%2B00%3A00" in raw
    assert check_token(parse_query(raw), "DevEUI_uplink", arrival.uplink, key)
