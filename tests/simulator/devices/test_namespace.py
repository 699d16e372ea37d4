from uplab.simulator.chance import Chance
from uplab.simulator.devices.fleet import Fleet
from uplab.simulator.devices.namespace import NAMESPACE, drawn_namespace, is_anothers


def test_two_runs_with_the_same_seed_have_no_device_alike() -> None:
    one, other = (Fleet(Chance(1), namespace=bytes.fromhex(name)) for name in ("3f9a", "3f9b"))

    mine, theirs = ([str(fleet.device().dev_eui) for _ in range(3)] for fleet in (one, other))

    assert not set(mine) & set(theirs)
    assert not any(is_anothers(dev_eui, "3f9a") for dev_eui in mine)
    assert all(is_anothers(dev_eui, "3f9a") for dev_eui in theirs)


def test_run_alone_calls_nothing_anothers() -> None:
    assert not is_anothers(str(Fleet(Chance(1)).device().dev_eui), "")


def test_device_of_the_fields_is_nobodys_run() -> None:
    assert not is_anothers("20635F0108000E09", "3f9a")


def test_drawn_one_is_one() -> None:
    assert NAMESPACE.fullmatch(drawn_namespace())
