from uplab.simulator.fleets.curve import CURVES


def test_each_curve_has_a_share_for_each_hour_and_comes_to_something() -> None:
    for curve in CURVES.values():
        assert len(curve) == 24
        assert all(0 <= share <= 1 for share in curve)
        assert sum(curve) > 0
