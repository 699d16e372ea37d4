"""The nearest that went well: same kind, then same device, same destination, nearest in time."""

from tests.reports.way.lines import events_of
from uplab.reports.way.nearest import Gone, gone, nearest


def _one(id_: str, seq: int, device: str = "A", kind: str = "DevEUI_uplink", taken: str = "posthere") -> Gone:
    return Gone(id_, seq, device, kind, {taken} if taken else set(), 1 if taken else 0)


BAD = _one("u9", 50, taken="")


def test_how_each_went_is_read_from_the_history() -> None:
    found = {kind: gone(events_of(kind)) for kind in ("plain", "lost", "twice", "retried", "thingsboard", "downlink")}

    assert all(found["plain"][id_].well for id_ in ("u1", "u2", "u3"))
    assert [found[kind]["u2"].well for kind in ("lost", "twice", "retried")] == [False, False, False]
    assert found["thingsboard"]["u2"].taken == {"thingsboard"}
    assert (found["downlink"]["d1"].well, found["downlink"]["d2"].well) == (True, False)
    assert found["plain"]["u2"].kind == "DevEUI_uplink"


def test_same_device_comes_before_nearer_in_time() -> None:
    found = nearest(BAD, [_one("u1", 10), _one("u2", 49, "B"), _one("u3", 20)], blamed=())

    assert found is not None
    assert found[0].id == "u3"
    assert found[1] == "the nearest of the same device that went well, before it, to posthere"


def test_same_destination_comes_before_nearer_in_time() -> None:
    bad = _one("u9", 50)
    bad.spoilt = True

    found = nearest(bad, [_one("u1", 10), _one("u2", 49, taken="thingsboard")], blamed=())

    assert found is not None
    assert found[0].id == "u1"


def test_another_kind_and_what_is_blamed_too_is_no_neighbour() -> None:
    among = [_one("u1", 10), _one("r1", 49, kind="DevEUI_notification"), _one("u2", 48, taken="")]

    assert nearest(BAD, among, blamed=["u1"]) is None
