from __future__ import annotations

import shlex
import socket
import ssl
import sys
from pathlib import Path

import pytest
import trustme

from tests.scenarios import small_forwarder
from uplab.scenarios.lab.authority import AuthorityError, load_authority, load_certificate
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
