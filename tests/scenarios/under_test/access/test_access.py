from __future__ import annotations

from pathlib import Path

import httpx
import trustme
from pytest_httpserver import HTTPServer

from uplab.scenarios.under_test.access.access import Access

KEY = {"X-Key": "a key of somebody's own"}


def asked(access: Access, url: str) -> httpx.Headers:
    with httpx.Client(transport=access.transport(), trust_env=False) as client:
        return client.get(url).request.headers


def test_headers_go_to_the_hosts_that_the_user_named_and_to_nobody_else(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data("")
    access = Access(hosts=frozenset({"localhost"}), headers=KEY)

    named = asked(access, f"http://localhost:{httpserver.port}/")
    other = asked(access, f"http://127.0.0.1:{httpserver.port}/")

    assert named["X-Key"] == KEY["X-Key"]
    assert "X-Key" not in other
    assert access.headers_for("elsewhere.example") == {}


def test_header_that_a_request_has_already_stays_its_own(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data("")
    access = Access(hosts=frozenset({"127.0.0.1"}), headers={"Authorization": "Basic of the gate"})

    with httpx.Client(transport=access.transport(), headers={"Authorization": "Bearer own"}, trust_env=False) as client:
        sent = client.get(httpserver.url_for("/")).request.headers

    assert sent["Authorization"] == "Bearer own"


def test_certificate_is_shown_to_nobody_unknown(tmp_path: Path) -> None:
    issued = trustme.CA().issue_cert("tester@company.example")
    issued.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "both.pem"))
    access = Access(certificate=tmp_path / "both.pem")

    assert access.tls() is not None
    assert access.tls(known=False) is None, "and is trusted as usual"


def test_everything_secret_in_it_has_a_name() -> None:
    access = Access(headers=KEY, proxy="http://me:hush@proxy.example:3128", key_password="pass of a key")

    assert access.named_secrets() == [
        ("the header X-Key of UPLAB_FORWARDER_HEADERS", KEY["X-Key"]),
        ("the password in --forwarder-proxy", "hush"),
        ("the password of the certificate's key", "pass of a key"),
    ]
    assert "hush" not in repr(access)
    assert KEY["X-Key"] not in repr(access)
