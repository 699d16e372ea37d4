import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.error import HTTPError

import pytest
from pytest_httpserver import HTTPServer

from uplab.scenarios.forwarders.thingsboard_gateway import uplink

DOCUMENT = b'{"DevEUI_uplink": {"LrrSNR": 42.0}}'


@pytest.fixture(autouse=True)
def gateways(tmp_path: Path, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gateways.json").write_text(json.dumps([httpserver.url_for("/one"), httpserver.url_for("/two")]))
    monkeypatch.setenv("UPLAB_STATE_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(DOCUMENT)))


def test_each_gateway_gets_the_document_byte_for_byte(httpserver: HTTPServer) -> None:
    for path in ("/one", "/two"):
        httpserver.expect_request(path, method="POST").respond_with_data("")

    uplink.main()

    assert [(request.path, request.data) for request, _ in httpserver.log] == [("/one", DOCUMENT), ("/two", DOCUMENT)]


def test_gateway_that_refuses_is_no_acceptance(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/one").respond_with_data("", status=415)

    with pytest.raises(HTTPError):
        uplink.main()
