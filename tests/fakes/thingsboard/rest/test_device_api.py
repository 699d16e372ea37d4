"""The device API over HTTP, by access token."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.thingsboard.conversation import NOW_MS
from tests.fakes.thingsboard.rest_client import RestClient
from uplab.fakes.messages import Answer


@pytest.fixture(name="rest")
def a_client() -> RestClient:
    return RestClient()


@pytest.fixture(name="path")
def a_path(rest: RestClient) -> str:
    return f"/api/v1/{rest.device().credentials.id}"


def test_telemetry_is_taken_without_a_login(rest: RestClient, path: str) -> None:
    assert rest("POST", f"{path}/telemetry", b"{temperature:25}") == (200, "")
    assert rest.talk.latest("D1", "temperature") == (NOW_MS, 25)


def test_attributes_are_saved_and_read(rest: RestClient, path: str) -> None:
    assert rest("POST", f"{path}/attributes", {"a": 1}) == (200, "")
    rest.device().save_attributes("SHARED_SCOPE", {"s": 2}, NOW_MS)

    assert rest("GET", f"{path}/attributes") == (200, {"client": {"a": 1}, "shared": {"s": 2}})
    assert rest("GET", f"{path}/attributes?sharedKeys=s,x") == (200, {"shared": {"s": 2}})


@pytest.mark.parametrize("token", ["unknown", "tenant@thingsboard.org"])
@pytest.mark.parametrize("tail", ["telemetry", "attributes", "claim"])
def test_unknown_token_is_refused_without_a_body(rest: RestClient, token: str, tail: str) -> None:
    assert rest("POST", f"/api/v1/{token}/{tail}", {"a": 1}) == (401, "")


@pytest.mark.parametrize(
    ("tail", "body"), [("telemetry", b"{"), ("telemetry", b"5"), ("attributes", b"[]"), ("claim", b"[]")]
)
def test_malformed_payload_is_an_error(rest: RestClient, path: str, tail: str, body: Any) -> None:
    status, error = rest("POST", f"{path}/{tail}", body)

    assert (status, error["errorCode"]) == (500, 2)


@pytest.mark.parametrize("body", [b"", b'{"secretKey":"k"}'])
def test_claim_may_be_empty(rest: RestClient, path: str, body: bytes) -> None:
    assert rest("POST", f"{path}/claim", body) == (200, "")


# --- long polls -----------------------------------------------------------------------------------------------------


def polled(rest: RestClient, url: str, then: Callable[[], object]) -> tuple[int, Any]:
    """Begin a long poll, do something, and wait for its answer."""

    async def story() -> tuple[int, Any]:
        poll = asyncio.create_task(rest.call("GET", url))
        await asyncio.wait([poll], timeout=0)
        await asyncio.wait([poll], timeout=0)
        then()
        return await asyncio.wait_for(poll, 5)

    return asyncio.run(story())


def command(rest: RestClient, kind: str = "twoway") -> str:
    rest.log_in()
    body = {"method": "setLed", "params": {"on": True}, "persistent": True}
    _, answer = rest("POST", f"/api/rpc/{kind}/{rest.device().id}", body)
    return str(answer["rpcId"])


def test_long_poll_gets_the_next_command_and_its_reply_is_taken(rest: RestClient, path: str) -> None:
    ids = []
    answer = polled(rest, f"{path}/rpc?timeout=5000", lambda: ids.append(command(rest)))

    assert answer == (200, {"id": 0, "method": "setLed", "params": {"on": True}})
    assert rest("GET", f"/api/rpc/persistent/{ids[0]}")[1]["status"] == "DELIVERED"
    assert rest("POST", f"{path}/rpc/0", {"ok": 1}) == (200, "")
    assert rest("GET", f"/api/rpc/persistent/{ids[0]}")[1]["response"] == {"ok": 1}


def test_long_poll_gets_a_command_that_waited(rest: RestClient, path: str) -> None:
    command(rest, "oneway")

    assert rest.run("GET", f"{path}/rpc")[1]["method"] == "setLed"
    assert rest.run("GET", f"{path}/rpc?timeout=1") == (408, "")


def test_long_poll_gets_the_next_shared_attributes(rest: RestClient, path: str) -> None:
    rest.log_in()
    scope = f"/api/plugins/telemetry/DEVICE/{rest.device().id}/SHARED_SCOPE"

    changed = polled(rest, f"{path}/attributes/updates?timeout=5000", lambda: rest("POST", scope, {"a": 1}))
    deleted = polled(rest, f"{path}/attributes/updates?timeout=5000", lambda: rest("DELETE", f"{scope}?keys=a"))

    assert (changed, deleted) == ((200, {"a": 1}), (200, {"deleted": ["a"]}))


@pytest.mark.parametrize("tail", ["rpc", "attributes/updates"])
def test_long_poll_ends_without_anything(rest: RestClient, path: str, tail: str) -> None:
    assert rest.run("GET", f"{path}/{tail}?timeout=1") == (408, "")


def test_long_poll_of_a_deleted_device_is_forbidden(rest: RestClient, path: str) -> None:
    rest.log_in()
    url = f"/api/device/{rest.device().id}"

    assert polled(rest, f"{path}/rpc?timeout=5000", lambda: rest("DELETE", url)) == (403, "Device was deleted!")


@pytest.mark.parametrize("body", [b"{", [], {"method": "m"}])
def test_malformed_rpc_of_a_device_is_an_error(rest: RestClient, path: str, body: Any) -> None:
    assert rest("POST", f"{path}/rpc", body)[0] == 500


# --- firmware and provisioning --------------------------------------------------------------------------------------

DATA = bytes(range(256)) * 10


def assign_firmware(rest: RestClient) -> None:
    """Make a package, upload its bytes as a form, and give it to D1."""
    rest.log_in()
    _, package = rest("POST", "/api/otaPackage", {"title": "fw", "version": "1.1", "type": "FIRMWARE"})
    form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="fw.bin"\r\n'
    form += b"Content-Type: application/octet-stream\r\n\r\n" + DATA + b"\r\n--x--\r\n"
    headers = {"X_Authorization": f"Bearer {rest.token}", "Content_Type": "multipart/form-data; boundary=x"}
    url = f"/api/otaPackage/{package['id']['id']}?checksumAlgorithm=SHA256"
    assert rest("POST", url, form, **headers)[0] == 200
    _, device = rest("GET", f"/api/device/{rest.device().id}")
    assert rest("POST", "/api/device", {**device, "firmwareId": package["id"]})[0] == 200


def test_firmware_is_fetched_in_chunks(rest: RestClient, path: str) -> None:
    assign_firmware(rest)
    url = f"{path}/firmware?title=fw&version=1.1"

    chunks = [rest.send("GET", f"{url}&size=1000&chunk={number}") for number in range(3)]

    assert b"".join(one.body for one in chunks if isinstance(one, Answer)) == DATA
    assert rest("GET", f"{path}/firmware?title=fw&version=2")[0] == 400
    assert rest("GET", f"{path}/software?title=fw&version=1.1")[0] == 404


def test_device_is_provisioned_over_http(rest: RestClient) -> None:
    provision = {"provisionDeviceSecret": "s", "type": "ALLOW_CREATE_NEW_DEVICES"}
    fields = {"name": "P", "type": "DEFAULT", "provisionType": "ALLOW_CREATE_NEW_DEVICES", "provisionDeviceKey": "k"}
    rest.log_in()
    saved = rest("POST", "/api/deviceProfile", {**fields, "profileData": {"provisionConfiguration": provision}})
    assert saved[0] == 200

    asked = {"deviceName": "New", "provisionDeviceKey": "k", "provisionDeviceSecret": "s"}
    status, answer = rest("POST", "/api/v1/provision", asked)

    assert (status, answer["status"], answer["credentialsType"]) == (200, "SUCCESS", "ACCESS_TOKEN")
    assert rest("POST", f"/api/v1/{answer['credentialsValue']}/telemetry", {"t": 1})[0] == 200
    assert rest("POST", "/api/v1/provision", {"deviceName": "New"})[0] == 500
