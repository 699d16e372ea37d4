import pytest

from uplab.simulator.forwarder.hosts import Hosts, read_names

OURS = Hosts(["Flow.Example", None, "", "2001:db8::1"])


@pytest.mark.parametrize(
    "asked",
    [
        None,
        "127.0.0.1",
        "127.0.0.1:8080",
        "192.0.2.7:80",
        "[::1]",
        "[::1]:8080",
        "[2001:db8::1]:80",
        "localhost:1",
        "LOCALHOST",
        "lab.localhost",
        "flow.example",
        "FLOW.example.:443",
    ],
)
def test_own_names_and_numbers_are_known(asked: str | None) -> None:
    assert OURS.knows(asked)


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "evil.example",
        "evil.example:8080",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "notlocalhost",
        "flow.example.evil.example",
        "evil.example@127.0.0.1",
        "127.0.0.1@evil.example",
        "[evil.example]",
        "127.1",
        "0x7f.0.0.1",
        "2130706433",
        "evil.example, 127.0.0.1",
        "127.0.0.1 evil.example",
    ],
)
def test_other_names_are_not(asked: str) -> None:
    assert not OURS.knows(asked)


def test_names_are_read_from_an_option() -> None:
    assert read_names(" a.example,b ,, ") == ("a.example", "b")
    assert read_names("") == ()
    for wrong in ("a:80", "http://a", "a b", "*"):
        with pytest.raises(ValueError, match="must be names of hosts"):
            read_names(wrong)
