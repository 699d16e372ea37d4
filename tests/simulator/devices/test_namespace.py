from uplab.simulator.chance import Chance
from uplab.simulator.devices.fleet import Fleet
from uplab.simulator.devices.namespace import (
    NAMESPACE,
    drawn_namespace,
    is_anothers,
    is_anothers_name,
    is_marked,
    marked_name,
    marked_path,
    own_url,
)


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


def test_name_is_marked_once_and_what_is_no_name_stays_none() -> None:
    marked = marked_name("Hall 4", "3f9a")

    assert marked == marked_name(marked, "3f9a") == "Hall 4 uplab-3f9a"
    assert is_marked(marked, "3f9a")
    assert is_anothers_name(marked, "3f9b")
    assert [marked_name(name, "3f9a") for name in ("", "  ")] == ["", "  "]
    assert marked_name("Hall 4", "") == "Hall 4"


def test_name_of_a_user_s_own_is_nobody_s_mark() -> None:
    for name in ("uplab-3f9a", "uplab 3f9a", "Hall uplab-3f9a 2", "Hall uplab-3f9a\n", None, 5):
        assert not is_marked(name, "3f9a")
        assert not is_anothers_name(name, "0000")


def test_path_is_called_without_the_mark_of_this_run_and_another_s_is_nothing_of_ours() -> None:
    url = marked_path("/4b19-48f6", "3f9a") + "?a=/uplab-3f9b/"

    assert url == marked_path(url, "3f9a")
    assert own_url(url, "3f9a") == "/4b19-48f6?a=/uplab-3f9b/"
    assert own_url(url, "3f9b") is None
    assert own_url(url, "") == url, "a run that is alone marks nothing"
    assert own_url("/uplab-plain-1", "3f9a") == "/uplab-plain-1"
    assert own_url(marked_path("", "3f9a"), "3f9a") == "/"
