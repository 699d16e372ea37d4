from uplab.scenarios.load.judging.tally import KINDS, Tally


def test_groups_add_up() -> None:
    one, other = Tally(), Tally()
    one.owed, one.delivered, one.broken["lost"] = 5, 3, 1
    other.owed, other.delivered, other.late = 7, 7, 2
    other.sketch.add(2_000_000)

    one.merge(other)

    data = one.as_data()
    assert (data["owed"], data["delivered"], data["waiting"], data["late"]) == (12, 10, 2, 2)
    assert {kind: data[kind] for kind in KINDS} == {**dict.fromkeys(KINDS, 0), "lost": 1}
    assert data["max_s"] == data["p99_s"] == 2.0
