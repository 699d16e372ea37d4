"""What the generated mutations are, and how their fates are read."""

import json

from tests.faulty.generated import Fate, mutations, read_fates, report


def test_every_kind_of_every_name_is_a_mutation() -> None:
    found = [str(one) for one in mutations({"member": {"FPort"}, "header": set()})]
    assert found == [
        f"member FPort {kind}" for kind in ["dropped", "null", "0", "negative", "text", "other", "previous"]
    ]
    assert [str(one) for one in mutations({"member": {"FPort", "FCntUp"}}, ["Up text"])] == ["member FCntUp text"]


def scenario(id_: str, outcome: str, *checks: str) -> dict[str, object]:
    return {"id": id_, "outcome": outcome, "verdicts": [{"check": one, "outcome": "failed"} for one in checks]}


def test_fates_are_read_from_the_run_and_the_player() -> None:
    run = {
        "scenarios": [
            scenario("a", "failed", "right values", "right values", "one ts"),
            scenario("b", "passed"),
            scenario("c", "passed"),
            scenario("d", "unknown"),
            scenario("of no mutation", "failed"),
        ]
    }
    log = [
        json.dumps({"scenario": id_, "mutation": f"member {id_} 0", "changed": changed})
        for id_, changed in (("a", 1), ("b", 2), ("c", 0), ("d", 1))
    ]

    fates = read_fates(run, log)

    assert fates == [
        Fate("member a 0", "killed", ("right values", "one ts")),
        Fate("member b 0", "survived"),
        Fate("member c 0", "without effect"),
        Fate("member d 0", "unknown"),
    ]
    assert report(fates) == 1
    assert report([fates[0], fates[2]]) == 0
