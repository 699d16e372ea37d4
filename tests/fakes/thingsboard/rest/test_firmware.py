"""Conversations over REST: OTA packages."""

import hashlib
from typing import Any

import pytest

from tests.fakes.thingsboard.rest_client import RestClient

DATA = b"\x00\r\n\xff" * 50
PACKAGE = {"title": "fw", "version": "1.1", "type": "FIRMWARE"}


@pytest.fixture(name="rest")
def a_client() -> RestClient:
    client = RestClient()
    client.log_in()
    return client


def upload(rest: RestClient, identifier: str, query: str, name: str = "file") -> tuple[int, Any]:
    form = f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="fw.bin"\r\n'.encode()
    form += b"Content-Type: application/octet-stream\r\n\r\n" + DATA + b"\r\n--x--\r\n"
    headers = {"X_Authorization": f"Bearer {rest.token}", "Content_Type": "multipart/form-data; boundary=x"}
    return rest("POST", f"/api/otaPackage/{identifier}?{query}", form, **headers)


def made(rest: RestClient, **more: Any) -> str:
    status, package = rest("POST", "/api/otaPackage", {**PACKAGE, **more})
    assert status == 200
    return str(package["id"]["id"])


def test_package_is_uploaded_listed_fetched_and_deleted(rest: RestClient) -> None:
    identifier = made(rest)
    digest = hashlib.sha256(DATA).hexdigest()

    status, shown = upload(rest, identifier, f"checksumAlgorithm=SHA256&checksum={digest.upper()}")

    assert (status, shown["fileName"], shown["checksum"], shown["dataSize"]) == (200, "fw.bin", digest, len(DATA))
    assert rest("GET", f"/api/otaPackage/info/{identifier}") == (200, shown)
    assert rest.send("GET", f"/api/otaPackage/{identifier}/download").body == DATA  # type: ignore[union-attr]
    assert rest("GET", "/api/otaPackages?pageSize=10&page=0&textSearch=FW")[1]["data"] == [shown]
    assert rest("DELETE", f"/api/otaPackage/{identifier}")[0] == 200
    assert rest("GET", f"/api/otaPackage/{identifier}")[0] == 404


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("checksumAlgorithm=CRC32", "file"),
        ("checksumAlgorithm=MD5&checksum=00", "file"),
        ("checksumAlgorithm=MD5", "f"),
    ],
)
def test_wrong_upload_leaves_the_package_without_data(rest: RestClient, query: str, name: str) -> None:
    identifier = made(rest)

    assert upload(rest, identifier, query, name)[0] == 400
    assert rest.state.packages[identifier].data == b""


@pytest.mark.parametrize(
    ("more", "status"), [({"title": ""}, 400), ({"type": "SOFTWARE"}, 501), ({"url": "https://example.org/fw"}, 501)]
)
def test_package_that_cannot_be_is_refused(rest: RestClient, more: dict[str, Any], status: int) -> None:
    assert rest("POST", "/api/otaPackage", {**PACKAGE, **more})[0] == status


def test_package_of_a_device_stays(rest: RestClient) -> None:
    identifier = made(rest)
    rest.device().firmware_id = identifier

    assert rest("DELETE", f"/api/otaPackage/{identifier}")[0] == 400


def test_package_is_the_tenants_own(rest: RestClient) -> None:
    identifier = made(rest)
    rest.state.packages[identifier].tenant_id = "another"

    assert rest("GET", f"/api/otaPackage/{identifier}")[0] == 404
