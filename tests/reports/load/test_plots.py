from typing import Any

import pytest

from uplab.reports.load.plots import HEIGHT, WIDTH, bars, plot


def tell(value: float) -> str:
    return f"{value:g}"


def test_lines_stay_within_the_box_and_break_where_nothing_is_known() -> None:
    found = plot("rate", [0, 1, 2, 3], {"a": [0, 10, None, 7], "b": [None] * 4}, [], tell=tell, width_s=1)

    assert found is not None
    assert [len(line.stretches) for line in found.lines] == [2, 0]
    points = [tuple(map(float, point.split(","))) for line in found.lines[0].stretches for point in line.split()]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert [tip.words for tip in found.tips] == ["0 s: a 0", "1 s: a 10", "3 s: a 7"]
    assert [words for _, words in found.y_ticks] == ["0", "5", "10"]


def test_where_there_is_nothing_there_is_no_plot() -> None:
    assert plot("rate", [], {"a": []}, [], tell=tell, width_s=1) is None
    assert plot("rate", [0], {"a": [None]}, [], tell=tell, width_s=1) is None
    assert bars("latency", {"a": []}, tell=tell) is None


def test_latencies_are_drawn_by_their_logarithm() -> None:
    found = plot("latency", [0, 1, 2], {"a": [0.001, 0.01, 0.1]}, [], tell=tell, width_s=1, logarithmic=True)

    assert found is not None
    y = [float(point.split(",")[1]) for point in found.lines[0].stretches[0].split()]
    assert y[0] - y[1] == pytest.approx(y[1] - y[2])
    assert [words for _, words in found.y_ticks] == ["0.001", "0.01", "0.1"]


def test_faults_are_bands_also_where_they_last_to_the_end() -> None:
    bands: list[dict[str, Any]] = [
        {"begins_s": 10, "ends_s": 20, "words": "down"},
        {"begins_s": 50, "ends_s": None, "words": "hang"},
        {"begins_s": 70, "ends_s": 70.1, "words": "killed"},
    ]

    found = plot("rate", list(range(100)), {"a": [1] * 100}, bands, tell=tell, width_s=1)

    assert found is not None
    assert [box.words for box in found.bands] == ["10 s to 20 s: down", "50 s to the end: hang", "1:10 to 1:10: killed"]
    assert found.bands[0].width == pytest.approx(found.bands[1].width / 5)
    assert found.bands[2].width == 2
    assert max(box.x + box.width for box in found.bands) <= WIDTH


def test_a_distribution_is_of_shares() -> None:
    found = bars("latency", {"a": [[0.001, 0.01, 30], [0.01, 0.1, 10]], "b": [[0.001, 0.1, 1]]}, tell=tell)

    assert found is not None
    assert [box.words for box in found.series[0][2]] == ["a: 0.001 to 0.01: 30, 75.00%", "a: 0.01 to 0.1: 10, 25.00%"]
    assert all(box.y >= 0 and box.y + box.height <= HEIGHT for _, _, boxes in found.series for box in boxes)


def test_what_is_shorter_than_the_plot_is_one_bar_at_its_edge() -> None:
    found = bars("latency", {"a": [[1e-6, 1e-5, 30], [1e-5, 9e-5, 30], [0.001, 0.01, 40]]}, tell=tell)

    assert found is not None
    assert [box.words.partition(": ")[2].rpartition(", ")[2] for box in found.series[0][2]] == ["60.00%", "40.00%"]
    assert found.series[0][2][0].width > 5


@pytest.mark.parametrize("seconds", [1, 59, 3_600, 86_400, 700_000])
def test_there_are_some_ticks_and_not_too_many(seconds: int) -> None:
    found = plot("rate", [0, seconds - 1], {"a": [1, 2]}, [], tell=tell, width_s=1)

    assert found is not None
    assert 2 <= len(found.x_ticks) <= 10
