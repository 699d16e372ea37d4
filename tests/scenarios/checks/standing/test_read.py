from uplab.scenarios.checks.standing.read import Read


def test_unread_names_are_counted_for_each_destination() -> None:
    read = Read()
    read.note("posthere", "header", ["x-extra"], ["x-extra", "x-site"])
    read.note("posthere", "header", ["x-extra"], ["x-extra"])
    read.note("thingsboard", "telemetry", [], ["fCntUp"])

    assert read.unread == ["posthere header x-extra"]

    taken = read.take()
    assert taken == {
        "posthere": {"header": {"came": ["x-extra", "x-site"], "unread": {"x-extra": 2}}},
        "thingsboard": {"telemetry": {"came": ["fCntUp"], "unread": {}}},
    }
    assert read.take() == {}

    read.add(taken)
    read.add(taken)
    assert read.take()["posthere"]["header"] == {"came": ["x-extra", "x-site"], "unread": {"x-extra": 4}}
