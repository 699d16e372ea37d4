import pytest

from uplab.simulator.forwarder.resolve import read_resolve, split_host_port


def test_pairs_are_read_without_regard_to_case() -> None:
    assert read_resolve("Posthere.io:443=127.0.0.1:8443, b:80=[::1]:8080,") == {
        ("posthere.io", 443): ("127.0.0.1", 8443),
        ("b", 80): ("::1", 8080),
    }
    assert read_resolve(None) == read_resolve("") == {}


@pytest.mark.parametrize(
    "text", ["a", "a:1", "a:1=b", "a:1=b:2", "a=127.0.0.1:1", "a:x=127.0.0.1:1", "a:1=127.0.0.1:70000"]
)
def test_malformed_pair_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not|has no port"):
        read_resolve(text)


@pytest.mark.parametrize(("text", "endpoint"), [("a:1", ("a", 1)), ("[::1]:443", ("::1", 443)), ("a:0", ("a", 0))])
def test_host_and_port_are_split(text: str, endpoint: tuple[str, int]) -> None:
    assert split_host_port(text) == endpoint


@pytest.mark.parametrize("text", ["a", "a:", ":1", "::1:80", "a:-1", "a:65536", "a:٣"])
def test_what_is_no_host_and_port_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"host:port|no port"):
        split_host_port(text)
