from pathlib import Path
from typing import Any

import pytest

from uplab.fakes.faults import Status
from uplab.scenarios.load.plan import Disturbance, LoadPlan, Restart, Target, load_plan, read_load_plan
from uplab.simulator.fleets.plan import MOST_HOURS
from uplab.simulator.fleets.tables import PlanError

PLAN = """\
devices = 100
models = "elsys_ers:70,abeeway_position:30"
rate = 50
minutes = 2
seed = 7
expect = ["p99 < 2s", "lost = 0"]

[[destination]]
kind = "http"
connections = 3
share = 70

[[destination]]
kind = "thingsboard"
share = 30

[[fault]]
destination = "http"
at_s = 10
for_s = 5
kind = "status"
code = 500
share = 0.5

[[restart]]
at_s = 60
how = "stop"
"""


def read(tmp_path: Path, text: str = PLAN, **options: Any) -> LoadPlan:
    path = tmp_path / "plan.toml"
    path.write_text(text)
    return load_plan({**read_load_plan(path), **options})


def test_a_plan_says_everything(tmp_path: Path) -> None:
    plan = read(tmp_path)

    assert (plan.fleet.devices, plan.fleet.seed, plan.fleet.hours) == (100, "7", MOST_HOURS)
    assert (plan.rate, plan.speed, plan.seconds) == (50, None, 120)
    assert plan.targets == (
        Target(kind="http", connections=3, share=70),
        Target(kind="thingsboard", connections=1, share=30),
    )
    assert plan.disturbances[0].words == "status 500 for 50%"
    assert plan.restarts == (Restart(at_s=60, how="stop"),)
    assert [one.words for one in plan.expectations] == ["p99 < 2s", "lost = 0"]


def test_a_command_line_says_the_same(tmp_path: Path) -> None:
    plan = load_plan(
        {
            "devices": 100,
            "models": "elsys_ers:70,abeeway_position:30",
            "rate": 50.0,
            "minutes": 2.0,
            "seed": "7",
            "expect": ["p99 < 2s", "lost = 0"],
            "to": ["http:3:70", "thingsboard:1:30"],
            "faults": ["http:10:5:status 500"],
            "restarts": ["60:stop"],
        }
    )

    said = read(tmp_path)
    assert plan.disturbances == (Disturbance(destination="http", at_s=10, for_s=5, kind="status", code=500),)
    assert (plan.fleet, plan.targets, plan.restarts) == (said.fleet, said.targets, said.restarts)
    assert plan.expectations == said.expectations


def test_a_command_line_goes_before_a_plan(tmp_path: Path) -> None:
    assert read(tmp_path, rate=9.0, to=["http"]).rate == 9
    assert read(tmp_path, to=["http"]).targets == (Target(kind="http"),)


def test_a_day_has_its_own_hours_and_no_minutes() -> None:
    plan = load_plan({"devices": 5})

    assert (plan.fleet.hours, plan.seconds, plan.rate) == (24, None, None)


def test_a_fleet_of_a_file_is_found_beside_the_plan(tmp_path: Path) -> None:
    (tmp_path / "fleet.toml").write_text('hours = 3\n[[devices]]\nmodel = "elsys_ers"\ncount = 4\n')

    plan = read(tmp_path, 'fleet = "fleet.toml"\n')

    assert (plan.fleet.devices, plan.fleet.hours) == (4, 3)


def test_a_fault_is_what_the_fake_calls_it() -> None:
    fault = Disturbance(destination="http", at_s=1, for_s=1, kind="status", code=418).fault(3)

    assert fault is not None
    assert (fault.id, fault.action) == ("load-3", Status(418))
    assert Disturbance(destination="http", at_s=1, for_s=1, kind="down").fault(1) is None


@pytest.mark.parametrize("kind", ["slow", "hang", "reset", "down"])
def test_each_fault_of_mqtt_can_be_told(kind: str) -> None:
    Disturbance(destination="thingsboard", at_s=1, for_s=1, kind=kind).fault(1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("devices = 0\n", "line 1: devices: expected a whole number"),
        ("devices = 5\nrates = 1\n", "line 2: there is no rates; there are"),
        ('devices = 5\nexpect = ["p99"]\n', "line 2: expect: 'p99' is no expectation"),
        ('devices = 5\nexpect = "lost = 0"\n', "line 2: expect: expected a list"),
        ('devices = 5\n[[destination]]\nkind = "kafka"\n', "line 3: kind: 'kafka' is no destination"),
        (
            'devices = 5\n[[destination]]\nkind = "thingsboard"\nconnections = 2\n',
            "line 4: connections: a fake ThingsBoard is one account",
        ),
        (
            'devices = 5\n[[fault]]\ndestination = "thingsboard"\nat_s = 1\nfor_s = 1\nkind = "half"\n',
            "line 6: kind: half is a fault of http alone",
        ),
        ('devices = 5\n[[restart]]\nhow = "kill"\n', "line 2: [[restart]] needs at_s"),
        ('devices = 5\n[[restart]]\nat_s = 1\nhow = "burn"\n', "line 4: how: 'burn' is no way to end"),
    ],
)
def test_what_is_wrong_in_a_plan_is_named_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(PlanError) as complaint:
        read(tmp_path, text)

    assert words in str(complaint.value)
    assert "\n" not in str(complaint.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "name either devices or a fleet"),
        ({"devices": 5, "fleet": "x.toml"}, "name either devices or a fleet"),
        ({"devices": 5, "rate": 1.0, "speed": 1.0}, "name either rate or speed"),
        ({"devices": 5, "to": ["http", "http"]}, "a destination is there twice"),
        ({"devices": 5, "to": ["http:0"]}, "--to 'http:0': connections: expected a whole number"),
        ({"devices": 5, "to": ["http:1:x"]}, "share: expected a number"),
        ({"devices": 5, "to": ["http:1:0"]}, "the shares come to nothing"),
        ({"devices": 5, "faults": ["http:1:2"]}, "expected DESTINATION:AT_S:FOR_S:KIND"),
        ({"devices": 5, "faults": ["http:1:2:explode"]}, "'explode' is no fault"),
        ({"devices": 5, "faults": ["http:1:2:hang 7"]}, "hang takes nothing more"),
        ({"devices": 5, "faults": ["thingsboard:1:2:hang"]}, "nothing goes to thingsboard"),
        ({"devices": 5, "restarts": ["soon"]}, "--restart 'soon': at_s: expected a number"),
        ({"devices": 5, "models": "toaster"}, "'toaster' is no model"),
        ({"fleet": "none.csv"}, "none.csv: there is no such file"),
    ],
)
def test_what_does_not_fit_together_is_said_in_one_line(options: dict[str, Any], words: str) -> None:
    with pytest.raises(PlanError) as complaint:
        load_plan(options)

    assert words in str(complaint.value)
    assert "\n" not in str(complaint.value)
