from __future__ import annotations

from pathlib import Path

import pytest
import trustme

from uplab.scenarios.under_test.access.given import HEADERS, AccessError, read_access


def test_nothing_given_is_the_usual_way() -> None:
    access = read_access({}, {}, ["https://api.example/iot-flow/v1", None])

    assert (access.tls(), access.proxy, dict(access.headers)) == (None, None, {})
    assert access.hosts == {"api.example"}


def test_all_hosts_of_the_forwarder_are_known() -> None:
    access = read_access({}, {}, ["https://api.example:8443/x", "http://in.example", "http://[broken", None])

    assert access.hosts == {"api.example", "in.example"}


def test_key_of_another_certificate_is_said(tmp_path: Path) -> None:
    company = trustme.CA()
    one, other = company.issue_cert("one.example"), company.issue_cert("other.example")
    one.cert_chain_pems[0].write_to_path(str(tmp_path / "one.pem"))
    other.private_key_pem.write_to_path(str(tmp_path / "other-key.pem"))
    given = {
        "--forwarder-certificate": str(tmp_path / "one.pem"),
        "--forwarder-key": str(tmp_path / "other-key.pem"),
    }

    with pytest.raises(AccessError, match=r"other-key\.pem is not the key of --forwarder-certificate"):
        read_access(given, {}, [])


@pytest.mark.parametrize(
    "text", ["X-Key: 1", "[]", '{"X-Key": 1}', '{"X Key": "1"}', '{"X-Key": "1\\n2"}', '{"X": " 1"}']
)
def test_header_that_http_cannot_carry_is_refused(text: str) -> None:
    with pytest.raises(AccessError, match=HEADERS):
        read_access({}, {HEADERS: text}, [])


@pytest.mark.parametrize(
    "text", ["proxy", "socks5://proxy.example", "http://", "http://proxy.example:99999", "http://p/x"]
)
def test_proxy_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(AccessError, match="--forwarder-proxy takes"):
        read_access({"--forwarder-proxy": text}, {}, [])
