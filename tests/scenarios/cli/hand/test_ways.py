from __future__ import annotations

from tests.scenarios.history_lines import DEV, Story, document
from uplab.scenarios.cli.hand import ways as module
from uplab.scenarios.cli.hand.ways import Ways


def story(*counters: int) -> Story:
    told = Story()
    for f_cnt in counters:
        told.sent(f_cnt)
        told.answered(told.arrives(document(DEV, f_cnt)))
    return told


def test_way_goes_hop_by_hop_with_its_bodies() -> None:
    ways, told = Ways(), story(1)
    ways.see(told.events)

    [way] = ways.since(0)
    assert (way["kind"], way["device"], way["state"]) == ("uplink", DEV, "delivered")
    assert [hop["where"] for hop in way["hops"]] == [
        *("device", "network", "tunnel", "tunnel", "posthere", "posthere"),
    ]
    assert [hop["where"] for hop in way["hops"] if hop["body"]] == ["tunnel", "posthere"]
    assert not any(hop["bad"] for hop in way["hops"])


def test_only_what_is_new_is_told_again() -> None:
    ways, told = Ways(), story(1, 2)
    ways.see(told.events)
    seen = ways.seen
    told.answered(told.arrives(document(DEV, 2)), status=503)
    ways.see(told.history.since(seen))

    [way] = ways.since(seen)
    assert way["state"] == "refused (503)"
    assert [hop["bad"] for hop in way["hops"]][-2:] == [False, True]


def test_what_is_older_is_forgotten() -> None:
    ways, told = Ways(), story(*range(1, 9))
    before, module._MOST_WAYS = module._MOST_WAYS, 3  # type: ignore[misc]
    try:
        ways.see(told.events)
    finally:
        module._MOST_WAYS = before  # type: ignore[misc]

    assert len(ways.since(0)) == 3


def test_destination_that_fails_for_ever_fills_no_memory() -> None:
    ways, told = Ways(), story(1)
    for _ in range(200):
        told.answered(told.arrives(document(DEV, 1)), status=503)
    ways.see(told.events)

    assert len(ways.since(0)[0]["hops"]) == module._MOST_HOPS


def test_join_and_report_are_not_called_uplinks() -> None:
    ways, told = Ways(), Story()
    joined = {"Time": "2026-12-01T10:00:00+00:00", "DevEUI": DEV, "rawJoinRequest": "00", "MType": 0}
    for root, said in (("DevEUI_uplink", joined), ("DevEUI_downlink_Sent", {"DevEUI": DEV, "Time": joined["Time"]})):
        told.tells("network.document", root=root, dev_eui=DEV, time=said["Time"], f_cnt=None, document={root: said})
    ways.see(told.events)

    assert [way["kind"] for way in ways.since(0)] == ["join", "report"]
