"""The drawing is geometry: lanes in the order of the way, time from left to right, nothing outside of the box."""

import math

from tests.reports.way.lines import lines_of
from uplab.reports.run import Verdict
from uplab.reports.way.drawing import WIDTH, Drawing, draw
from uplab.reports.way.faults import Band
from uplab.reports.way.timeline import Timeline, diverged, timelines

LOST = Verdict("none lost", None, "failed", 3, "promised", "1 lost", "forwarder", None, ("u2",))


def _ways(kind: str) -> dict[str | None, Timeline]:
    return {way.id: way for way in timelines(lines_of(kind), wanted={"u2"}).shown}


def _drawn(kind: str, *bands: Band, log_s: tuple[float, ...] = ()) -> Drawing:
    ways = _ways(kind)
    drawing = draw([diverged(ways["u2"], LOST)], [ways["u1"]], [ways["u3"], ways[None]], bands=bands, log_s=log_s)
    assert drawing is not None
    return drawing


def test_lanes_follow_the_way_of_an_uplink() -> None:
    assert [name for _, name in _drawn("lost").lanes] == ["device", "gateway", "network", "tunnel", "forwarder"]
    assert [name for _, name in _drawn("plain").lanes][-2:] == ["forwarder", "posthere"]


def test_way_goes_from_left_to_right_and_stays_in_the_box() -> None:
    drawing = _drawn("retried", Band("posthere", 0.0, math.inf, "503"))
    boxes = [(box.x, box.x + box.width, box.y, box.y + box.height) for box in drawing.bands]

    for path in drawing.paths:
        xs = [point.x for point in path.points]
        assert xs == sorted(xs)
    points = [(p.x, p.x, p.y, p.y) for path in drawing.paths for p in path.points]
    for left, right, top, bottom in (*points, *boxes):
        assert 0 <= left <= right <= WIDTH
        assert 0 <= top <= bottom <= drawing.height


def test_hop_that_was_put_in_stands_between_its_neighbours() -> None:
    for kind in ("plain", "lost", "twice"):
        [path] = [path for path in _drawn(kind).paths if path.kind == "concerned"]
        xs = [point.x for point in path.points]
        assert xs == sorted(xs), kind


def test_what_a_verdict_names_is_told_from_the_others_of_its_time() -> None:
    ways = _ways("plain")
    drawing = draw([ways["u2"]], [], [ways["u1"], ways["u3"]])

    assert drawing is not None
    assert [(path.id, path.kind) for path in drawing.paths] == [("u2", "concerned")], "the others were at other times"


def test_mark_stands_at_its_row() -> None:
    [path] = [path for path in _drawn("lost").paths if path.kind == "concerned"]

    assert [point.row for point in path.points if point.mark] == [len(path.points) - 1]
    assert [point.delivered for point in path.points].count(True) == 0


def test_short_steps_are_seen_beside_long_pauses() -> None:
    [path] = [path for path in _drawn("plain").paths if path.kind == "concerned"]
    steps = [then.x - one.x for one, then in zip(path.points, path.points[1:], strict=False)]

    assert min(steps) > 5


def test_log_has_a_lane_of_its_own() -> None:
    ways = _ways("plain")
    at_s = ways["u2"].start_s + 0.1
    drawing = _drawn("plain", log_s=(at_s, at_s + 3600))

    assert drawing.lanes[-1][1] == "log"
    assert [box.width for box in drawing.bands] == [0], "only what was written in that time"


def test_nothing_named_is_nothing_drawn() -> None:
    assert draw([], [], list(_ways("plain").values())) is None
    assert draw([Timeline(None, "", ())], [], []) is None


def test_one_instant_can_be_drawn() -> None:
    way = _ways("plain")["u2"]
    one = Timeline("u2", "", way.rows[:1], 0, way.start_s)

    assert draw([one], [], []) is not None
