from typing import Any

from uplab.scenarios.look.compared import Shown, compared
from uplab.scenarios.under_test.profile import Profile


def lines(shown: Shown, **features: bool) -> list[str]:
    return list(compared(Profile.model_validate({"name": "n", "contract": 2, "features": features}), shown))


RESOURCE: dict[str, Any] = {"id": "1", "state": "OPENED", "downlinkUrl": "http://x/1"}


def test_declared_and_there_or_neither_is_not_told() -> None:
    shown = Shown(RESOURCE, {"events": 200}, {"payload": {}})

    assert lines(shown, states=True, downlinks=True, events=True, drivers=True) == []
    assert lines(Shown({}, {"events": 404}, {})) == []


def test_declared_and_absent_is_told() -> None:
    told = lines(Shown({}, {"metrics": 501}, {}), states=True, metrics=True, drivers=True)

    assert told == [
        "the profile declares states, but the API shows no state",
        "the profile declares metrics, but GET /connections/.../metrics was answered 501",
        "the profile declares drivers, but the uplink arrived without a decoded payload",
    ]


def test_there_and_not_declared_is_told() -> None:
    [told] = lines(Shown({"state": "OPENED"}))

    assert told.startswith("the API shows a state, but the profile does not declare states")


def test_another_form_tells_nothing_of_drivers() -> None:
    assert lines(Shown({}, {}, None), drivers=True) == []
