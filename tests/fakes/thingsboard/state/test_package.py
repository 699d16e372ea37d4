import pytest

from uplab.fakes.thingsboard.state.package import CHECKSUMS, Package, checksum, chunk


@pytest.mark.parametrize(
    ("algorithm", "found"),
    [
        ("MD5", "900150983cd24fb0d6963f7d28e17f72"),
        ("SHA256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ],
)
def test_checksum_is_that_of_the_standard(algorithm: str, found: str) -> None:
    assert checksum(algorithm, b"abc") == found  # the examples of RFC 1321 and FIPS 180-2


def test_checksums_are_hex_of_their_length() -> None:
    assert {name: len(checksum(name, b"")) for name in CHECKSUMS} == {
        "MD5": 32,
        "SHA256": 64,
        "SHA384": 96,
        "SHA512": 128,
    }


def test_chunks_put_together_are_the_data() -> None:
    package = Package("id", "tenant", 0, {}, bytes(range(10)))

    assert [chunk(package, 4, number) for number in range(4)] == [
        bytes(range(4)),
        bytes(range(4, 8)),
        bytes(range(8, 10)),
        b"",
    ]
    assert chunk(package, 0, 0) == package.data
