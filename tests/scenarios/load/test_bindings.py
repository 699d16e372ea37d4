from collections import Counter

from uplab.scenarios.load.bindings import lay_out
from uplab.scenarios.load.plan import Target

TARGETS = [Target(kind="http", connections=3, share=70), Target(kind="thingsboard", share=30)]
DEVICES = [f"{number:016X}" for number in range(1_000)]


def test_devices_are_shared_out_by_the_shares_and_evenly() -> None:
    layout = lay_out(TARGETS)
    bound = layout.bind(DEVICES, flows=True)

    counts = Counter(layout.places[place][0] for places in bound.values() for place in places)
    assert counts["thingsboard-1"] == 300
    assert sorted(counts[f"http-{number}"] for number in (1, 2, 3)) == [233, 233, 234]
    assert Counter(place for dev_eui in DEVICES[:10] for place in bound[dev_eui])[4] == 3


def test_without_flows_each_connection_has_every_device() -> None:
    layout = lay_out(TARGETS)

    assert set(map(tuple, layout.bind(DEVICES, flows=False).values())) == {(0, 1, 2, 4)}


def test_what_comes_elsewhere_has_a_place_to_which_nothing_is_bound() -> None:
    layout = lay_out(TARGETS)

    assert layout.places[layout.elsewhere("http")] == ("http, elsewhere", "http")
    assert layout.elsewhere("http") not in {
        place for places in layout.bind(DEVICES, flows=True).values() for place in places
    }


def test_bodies_are_those_of_the_contract() -> None:
    first, *_, last = lay_out(TARGETS).connections

    assert first.body("load.uplab.test:80", blame_s=1, blames=True) == {
        "connectorId": "actility-http-iot",
        "name": "load http-1",
        "configuration": {"destinationURL": "http://load.uplab.test/load-1", "headers": {}, "blamePeriod": 1},
    }
    assert "blamePeriod" not in first.body("10.0.0.1:80", blame_s=1, blames=False)["configuration"]
    assert last.body("tb.example:1883", blame_s=1, blames=True)["configuration"]["hostName"] == "tb.example:1883"
