"""How far a run has looked, in values and in words."""

import pytest

from uplab.reports.fields import Fields, ReportError
from uplab.reports.figures.coverage import (
    Met,
    by_subject,
    reached_in_words,
    read_arrived,
    read_conditions,
    unread_in_words,
)

STORED = {
    "posthere": {
        "header": {"came": ["x-site", "x-trace"], "unread": {"x-trace": 12}},
        "member": {"came": ["FPort"], "unread": {}},
    },
    "thingsboard": {"telemetry": {"came": ["a", "b", "c"], "unread": {"a": 1, "b": 30, "c": 2}}},
}


def test_unread_names_are_told_most_frequent_first_in_each_place() -> None:
    said = unread_in_words(read_arrived(STORED))

    assert said == (
        "4 names arrived that no check reads: x-trace (posthere header, 12), b (thingsboard telemetry, 30), "
        "c (thingsboard telemetry, 2) and 1 more"
    )
    assert unread_in_words(read_arrived({})) is None


@pytest.mark.parametrize("stored", [{"posthere": []}, {"posthere": {"header": {"came": []}}}, {"a": {"b": 1}}])
def test_what_is_no_such_object_is_said(stored: object) -> None:
    with pytest.raises(ReportError, match=r"run\.json: arrived must be"):
        read_arrived(stored)


def test_conditions_are_counted_by_what_became_of_them() -> None:
    rows = [("FPort 0", "uplink", 3, 2), ("late", "uplink", 1, 0), ("no answer", "fault", 0, 0)]
    stored = [{"name": n, "about": a, "source": "s", "reached": r, "judged": j} for n, a, r, j in rows]

    found = read_conditions(Fields("run.json", row) for row in stored)

    assert [one.standing for one in found] == ["judged", "reached", "never"]
    assert {about: len(some) for about, some in by_subject(found).items()} == {"uplink": 2, "fault": 1}
    assert reached_in_words(found) == "1 of 3 conditions met and judged, 1 met and not judged"
    assert reached_in_words(found[:1]) == "1 of 1 condition met and judged"
    assert reached_in_words(()) is None
    assert isinstance(found[0], Met)
