from uplab.scenarios.checks.standing.read import Read


def test_unread_names_are_counted_for_each_destination() -> None:
    read = Read()
    read.note("posthere", "header", ["x-extra"], ["x-extra", "x-site"])
    read.note("posthere", "header", ["x-extra"], ["x-extra"])
    read.note("thingsboard", "telemetry", [], ["fCntUp"])

    assert read.as_dict() == {
        "posthere": {"header": {"came": 2, "unread": {"x-extra": 2}}},
        "thingsboard": {"telemetry": {"came": 1, "unread": {}}},
    }
