from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulator.make import Site
from uplab.simulator.chance import Chance
from uplab.simulator.devices.fleet import Fleet, read_fleet
from uplab.simulator.errors import SimulatorError
from uplab.simulator.lorawan.region import US915

HEADER = "dev_eui,join_eui,app_key,model,name,tags,x_m,y_m,data_rate\n"
ROW = "0018B20000000B20,0018B24441524632,000102030405060708090a0b0c0d0e0f"


def describe(seed: int) -> list[tuple[object, ...]]:
    return [
        (device.dev_eui, device.app_key.hex(), device.name, device.tags, device.position_m)
        for device in Fleet(Chance(seed)).devices(20)
    ]


def test_the_same_seed_makes_the_same_fleet() -> None:
    assert describe(7) == describe(7)
    assert describe(7) != describe(8)


def test_every_device_is_somebody_of_its_own() -> None:
    devices = Fleet(Chance(7)).devices(1000)

    assert len({device.dev_eui for device in devices}) == 1000
    assert len({device.name for device in devices}) == 1000
    assert len({device.app_key for device in devices}) == 1000


def test_no_dev_eui_can_be_a_real_one() -> None:
    assert all(device.dev_eui.startswith("02") for device in Fleet(Chance(7)).devices(50))


def test_identity_can_be_given() -> None:
    fleet = Fleet(Chance(7))

    device = fleet.device("dragino_lht65", name="Door 3", tags=("floor=2",), position_m=(1.0, 2.0), data_rate=2)

    assert (device.model, device.name, device.tags) == ("dragino_lht65", "Door 3", ("floor=2",))
    assert (device.position_m, device.data_rate) == ((1.0, 2.0), 2)


def test_a_given_name_changes_no_other_device() -> None:
    plain, named = Fleet(Chance(7)), Fleet(Chance(7))
    plain.device()
    named.device(name="Door 3", tags=(), position_m=(0.0, 0.0))

    after, other = plain.device(), named.device()
    assert (after.dev_eui, after.name, after.position_m) == (other.dev_eui, other.name, other.position_m)


def test_sites_group_the_fleet() -> None:
    tags = {device.tags for device in Fleet(Chance(7)).devices(200)}

    assert 2 <= len(tags) <= 8
    assert all(tag.startswith("site=") for (tag,) in tags)


@pytest.mark.parametrize("gateway_count", [2, 3, 5])
def test_every_default_device_is_heard_by_all_gateways(gateway_count: int) -> None:
    site = Site(gateway_count=gateway_count)
    for device in site.fleet.devices(40):
        site.air.register(device)
        site.air.join(device)
        for _ in range(5):
            [document] = site.air.send(device, b"\x01", f_port=5)
            assert document["DevEUI_uplink"]["DevLrrCnt"] == gateway_count


def test_gateways_have_ids_and_places_of_their_own() -> None:
    gateways = Fleet(Chance(7), gateway_count=12).gateways

    assert len({gateway.lrr_id for gateway in gateways}) == 12
    assert len({(gateway.latitude, gateway.longitude) for gateway in gateways}) == 12


def test_other_regions_have_their_own_data_rate() -> None:
    assert Fleet(Chance(7), region=US915).device().data_rate == 3


def test_a_file_names_devices(tmp_path: Path) -> None:
    path = tmp_path / "fleet.csv"
    path.write_text(
        f"{HEADER}{ROW},axioma_w1,Cellar,floor=0 site=Paris,120.5,-30,3\n0018b20000000b21,{ROW[17:]},,,,,,\n"
    )

    first, second = read_fleet(path, Chance(7))

    assert (first.dev_eui, first.model, first.name, first.tags) == (
        "0018B20000000B20",
        "axioma_w1",
        "Cellar",
        ("floor=0", "site=Paris"),
    )
    assert (first.position_m, first.data_rate) == ((120.5, -30.0), 3)
    assert (second.dev_eui, second.model, second.data_rate) == ("0018B20000000B21", "elsys_ers", 5)


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ("dev_eui,join_eui\n", "column app_key is missing"),
        ("", "column app_key, dev_eui, join_eui is missing"),
        (f"{HEADER}{ROW},toaster,,,,,\n", "line 2: model: 'toaster' is unknown"),
        (f"{HEADER}{ROW},,,,here,,\n", "line 2: x_m: expected a number, got 'here'"),
        (f"{HEADER}{ROW},,,,,,9\n", "line 2: data_rate: no channel"),
        (f"{HEADER}{ROW},,,,,,\n{ROW},,,,,,\n", "line 3: dev_eui 0018B20000000B20 is there twice"),
        (f"{HEADER}12{ROW[16:]},,,,,,\n", "line 2: DevEUI: expected 16 hexadecimal digits, got '12'"),
        (f"{HEADER}{ROW[:-2]},,,,,,\n", "line 2: Key: expected 32 hexadecimal digits, got 30 characters"),
    ],
)
def test_a_wrong_file_is_explained(tmp_path: Path, lines: str, complaint: str) -> None:
    path = tmp_path / "fleet.csv"
    path.write_text(lines)

    with pytest.raises(SimulatorError, match=complaint):
        read_fleet(path, Chance(7))
