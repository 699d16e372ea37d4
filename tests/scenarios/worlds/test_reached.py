"""What worlds have reached: values drawn and judged, and pairs."""

from uplab.scenarios.worlds.reached import reached

WORLDS = [
    {"outcome": "passed", "drawn": {"copies": "1", "devices": "2", "case of keys": "upper"}},
    {"outcome": "unknown", "drawn": {"copies": "2"}},
]


def test_only_what_was_judged_counts() -> None:
    rows = {row["what"]: row for row in reached(WORLDS)}
    assert rows["copies"]["values"] == {"1": [1, 1], "2": [1, 0]}
    assert rows["copies"]["seen"] == "1 of 2 values judged; not 2"
    assert "model" not in rows


def test_pairs_are_those_of_one_object() -> None:
    [pairs] = [row for row in reached(WORLDS) if row["what"] == "pairs"]
    assert pairs["seen"].startswith("1 of ")  # devices and the case of keys are the world's; copies are a document's


def test_worlds_that_people_wrote_reach_nothing_that_is_counted() -> None:
    assert reached([{"outcome": "passed", "drawn": {}}]) == []
    assert reached([]) == []
