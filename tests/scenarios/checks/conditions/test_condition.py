from uplab.scenarios.checks.conditions.condition import Condition


def test_condition_asks_what_it_is_given() -> None:
    long: Condition[str] = Condition("long", "text", "nobody", lambda text: len(text) > 3)

    assert [one for one in ("abc", "abcd") if long.holds(one)] == ["abcd"]
