from __future__ import annotations

import shlex
import socket
import ssl
import sys
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest
import trustme

from tests.scenarios import small_forwarder
from uplab.scenarios.lab.authority import AuthorityError, limits, load_authority, load_certificate
from uplab.scenarios.lab.lab import Lab
from uplab.scenarios.under_test.profile import Features, Profile
from uplab.scenarios.under_test.target import RunOptions
from uplab.scenarios.under_test.ways.choice import Ways

COMMAND = shlex.join([sys.executable, "-P", small_forwarder.__file__])


@pytest.fixture
def own(tmp_path: Path) -> tuple[Path, Path, trustme.CA]:
    """A certificate of the user's own authority, and its key."""
    authority = trustme.CA(organization_name="the user's own")
    issued = authority.issue_cert("127.0.0.1")
    certificate, key = tmp_path / "own.pem", tmp_path / "own-key.pem"
    certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    key.write_bytes(issued.private_key_pem.bytes())
    return certificate, key, authority


def test_authority_is_kept(tmp_path: Path) -> None:
    first, second = load_authority(tmp_path / "kept"), load_authority(tmp_path / "kept")

    assert first.cert_pem.bytes() == second.cert_pem.bytes()


def signed_for(authority: trustme.CA, name: str) -> bool:
    """Whether a client that trusts the authority believes what it has signed for this name."""
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    client.check_hostname = False  # what it says is asked here, and not who is meant
    authority.issue_cert(name).configure_cert(server)
    authority.configure_trust(client)
    ways = [ssl.MemoryBIO() for _ in range(2)]
    ends = [client.wrap_bio(ways[0], ways[1]), server.wrap_bio(ways[1], ways[0], server_side=True)]
    for _ in range(4):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLCertVerificationError:
                return False
    return True


@pytest.mark.parametrize(
    ("name", "believed"),
    [
        ("posthere.io", True),
        ("thingsboard.cloud", True),
        ("witness.uplab.test", True),
        ("expired.uplab.test", True),
        ("localhost", True),
        ("127.0.0.1", True),
        ("192.0.2.7", True),
        ("lab.example", True),
        ("widgelix.com", False),
        ("xposthere.io", False),
        ("bank.example", False),
        ("192.0.2.8", False),
        ("*.example", False),
    ],
)
def test_authority_signs_for_the_labs_names_and_hosts_only(name: str, believed: bool) -> None:
    authority = load_authority(None, "192.0.2.7", "Lab.example.")
    assert signed_for(authority, name) == believed


def test_authority_ends_after_ninety_days() -> None:
    until, names = limits(load_authority(None, "192.0.2.7"))
    assert timedelta(days=89) < until - datetime.now(UTC) <= timedelta(days=90)
    assert {"posthere.io", "uplab.test", "localhost", "192.0.2.7/32"} <= set(names or ())


def test_kept_authority_is_refused_where_it_does_not_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_authority(tmp_path, "192.0.2.7", "lab.example")
    load_authority(tmp_path, "192.0.2.7")
    load_authority(tmp_path, "inner.lab.example")
    for other in ("192.0.2.8", "example", "::1:2"):
        with pytest.raises(AuthorityError, match=f"was made for other hosts than {other}: remove it and"):
            load_authority(tmp_path, other)

    class Later(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(days=91)

    monkeypatch.setattr("uplab.scenarios.lab.authority.datetime", Later)
    with pytest.raises(AuthorityError, match=r"held until 20\d\d-\d\d-\d\d: remove it and"):
        load_authority(tmp_path, "192.0.2.7")


def test_authority_of_an_older_version_still_signs(tmp_path: Path) -> None:
    old = trustme.CA(organization_name="uplab")
    (tmp_path / "uplab-ca.pem").write_bytes(old.cert_pem.bytes())
    (tmp_path / "uplab-ca-key.pem").write_bytes(old.private_key_pem.bytes())
    assert limits(load_authority(tmp_path, "192.0.2.7"))[1] is None


def test_what_is_no_authority_is_told(tmp_path: Path) -> None:
    (tmp_path / "uplab-ca.pem").write_text("no certificate")
    (tmp_path / "uplab-ca-key.pem").write_text("no key")

    with pytest.raises(AuthorityError, match="remove both to have a new one made"):
        load_authority(tmp_path)


@pytest.mark.parametrize("broken", ["certificate", "key", "missing"])
def test_certificate_that_cannot_be_used_is_told_with_its_files(
    own: tuple[Path, Path, trustme.CA], tmp_path: Path, broken: str
) -> None:
    certificate, key, _ = own
    wrong = tmp_path / "wrong.pem"
    if broken != "missing":
        wrong.write_text("nothing of the kind")
    pair = (wrong, key) if broken == "certificate" else (certificate, wrong)

    with pytest.raises(AuthorityError, match=r"wrong\.pem.* no certificate with its key") as failed:
        load_certificate(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), *pair)

    assert "\n" not in str(failed.value)


def test_lab_shows_the_users_own_certificate_where_names_are_direct(
    own: tuple[Path, Path, trustme.CA], tmp_path: Path
) -> None:
    certificate, key, authority = own
    profile = Profile(name="small", features=Features(api=True), ways=Ways(names="direct"))
    options = RunOptions(1, profile, command=COMMAND, tls_certificate=certificate, tls_key=key)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    lab = Lab(options, folder=tmp_path / "run")
    lab.start()
    try:
        host, _, port = lab.resolve["posthere.io:443"].rpartition(":")
        with (
            socket.create_connection((host, int(port))) as plain,
            trust.wrap_socket(plain, server_hostname=host) as tls,
        ):
            assert tls.getpeercert()
        assert lab.browser.get("https://posthere.io/bin").status_code == 200, "the lab's own browser reads on"
    finally:
        lab.stop()
