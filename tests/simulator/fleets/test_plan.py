from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from uplab.simulator.fleets.plan import Outage, Plan, Storm, checked, group_of, groups_of, read_plan
from uplab.simulator.fleets.tables import PlanError

WHOLE = """
hours = 2.5
start = 2026-06-01T00:00:00Z
seed = 7
gateways = 3
loss = 0.05
ramp_h = 1
join_within_s = 30

[[devices]]
model = "elsys_ers"
count = 70

[[devices]]
model = "abeeway_position"
count = 30
every_s = 120
jitter = 0
curve = "office"
confirmed = 0.25

[[outage]]
gateway = 3
from_h = 1
minutes = 20

[[storm]]
at_h = 2
"""


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "fleet.toml"
        path.write_text(text)
        return path

    return write


def test_plan_is_read_with_its_defaults(written: Callable[[str], Path]) -> None:
    plan = read_plan(written(WHOLE))

    assert (plan.hours, plan.seed, plan.gateways, plan.loss, plan.ramp_h) == (2.5, "7", 3, 0.05, 1.0)
    assert plan.start_s == 1_780_272_000.0
    assert [(one.model, one.count, one.every_s, one.curve) for one in plan.groups] == [
        ("elsys_ers", 70, 600.0, "flat"),
        ("abeeway_position", 30, 120.0, "office"),
    ]
    assert plan.outages == (Outage(gateway=3, from_h=1, minutes=20),)
    assert plan.storms == (Storm(at_h=2),)
    assert plan.devices == 100


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('"abeeway_position"', '"abeeway"', 15, "model: 'abeeway' is no model"),
        ("count = 30", "count = 0", 16, "count: expected a whole number from 1"),
        ("every_s = 120", 'every_s = "soon"', 17, "every_s: expected a number from 1"),
        ("every_s = 120", "every_s = true", 17, "every_s: expected a number from 1"),
        ("every_s = 120", "every_s = nan", 17, "every_s: expected a number from 1"),
        ("jitter = 0", "jitters = 0", 18, "there is no jitters; there are model, count"),
        ('"office"', '"weekend"', 19, "'weekend' is no curve; there are flat, office, night"),
        ("gateway = 3", "gateway = 4", 23, "gateway 4 of 3: there is none"),
        ("minutes = 20", "", 22, "[[outage]] needs minutes"),
        ("[[storm]]", "[storm]", 27, "write [[storm]] for each, not [storm]"),
        ("loss = 0.05", "loss = 1.5", 6, "loss: expected a number from 0 to 1, got 1.5"),
        ("start = 2026-06-01T00:00:00Z", 'start = "then"', 3, "start: expected an ISO 8601 date and time"),
        ("seed = 7", "seed = [7]", 4, "seed: expected a number or a text"),
        ("hours = 2.5", "hours = 2.5.1", 2, "Expected newline"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    written: Callable[[str], Path], old: str, new: str, line: int, words: str
) -> None:
    assert old in WHOLE
    with pytest.raises(PlanError) as caught:
        read_plan(written(WHOLE.replace(old, new)))

    said = str(caught.value)
    assert "fleet.toml" in said
    assert f"line {line}" in said
    assert words in said
    assert "\n" not in said


@pytest.mark.parametrize("text", ["", "hours = 1", "devices = 3", "[devices]\nmodel = 'elsys_ers'\ncount = 1"])
def test_plan_without_devices_is_refused(written: Callable[[str], Path], text: str) -> None:
    with pytest.raises(PlanError, match="devices"):
        read_plan(written(text))


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"x = " + b"[" * 5000, b"#" * 1_000_001])
def test_file_that_is_no_plan_is_refused_in_a_line(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "fleet.toml"
    path.write_bytes(raw)

    with pytest.raises(PlanError, match=r"fleet\.toml"):
        read_plan(path)


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"none\.toml: No such file"):
        read_plan(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("text", "devices", "counts"),
    [
        ("elsys_ers", 5, [5]),
        ("elsys_ers:70,abeeway_position:30", 10_000, [7000, 3000]),
        ("elsys_ers:1,nke_th:1,axioma_w1:1", 10, [4, 3, 3]),
        ("elsys_ers:999,nke_th:1", 10, [10]),
        ("elsys_ers:0.5, nke_th:0.5", 3, [2, 1]),
    ],
)
def test_models_share_the_devices_and_none_is_left(text: str, devices: int, counts: list[int]) -> None:
    found = [group.count for group in groups_of(text, devices)]

    assert sorted(found, reverse=True) == counts
    assert sum(found) == devices


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("elsys:1", "'elsys' is no model"),
        ("elsys_ers:1,elsys_ers:2", "elsys_ers is there twice"),
        ("elsys_ers:0", "the shares come to nothing"),
        ("elsys_ers:-1,nke_th:2", "expected a share"),
        ("elsys_ers:many", "expected a share"),
        ("", "'' is no model"),
    ],
)
def test_wrong_models_are_named(text: str, words: str) -> None:
    with pytest.raises(PlanError, match="--models") as caught:
        groups_of(text, 10)

    assert words in str(caught.value)


def test_command_line_goes_before_the_plan_and_adds_trouble(written: Callable[[str], Path]) -> None:
    plan = checked(read_plan(written(WHOLE)), hours=1.0, loss=None, outages=["1:0.5:10"], storms=["0.2:0.5:30"])

    assert (plan.hours, plan.loss) == (1.0, 0.05)
    assert plan.outages[-1] == Outage(gateway=1, from_h=0.5, minutes=10)
    assert plan.storms[-1] == Storm(at_h=0.2, share=0.5, within_s=30)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"outages": ["1:2"]}, "--outage: expected gateway:from_h:minutes"),
        ({"outages": ["9:1:1"]}, "--outage: gateway 9 of 2: there is none"),
        ({"outages": ["x:1:1"]}, "--outage 'x:1:1': gateway: expected a whole number"),
        ({"storms": ["1:2:3"]}, "--storm '1:2:3': share: expected a number from 0 to 1"),
        ({"ramp_h": -1}, "--ramp: expected a number from 0"),
        ({"join_within_s": float("inf")}, "--join-within: expected a number"),
        ({"gateways": 0}, "--gateways: expected a whole number from 1"),
    ],
)
def test_wrong_options_are_named(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(PlanError) as caught:
        checked(Plan(groups=()), **changes)

    assert str(caught.value).startswith(words)


def test_devices_of_ones_own_share_a_group() -> None:
    assert group_of(every_s=60.0, curve="night").every_s == 60.0
    with pytest.raises(PlanError, match="--every"):
        group_of(every_s=0.0)
