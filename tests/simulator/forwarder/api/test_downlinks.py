from typing import Any

import pytest

from tests.simulator.forwarder.making import DEV_EUI
from tests.simulator.forwarder.process import Forwarder


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[" * 50_000, b"x" * 70_000], ids=range(5))
def test_body_that_is_no_downlink_is_refused(forwarder: Forwarder, body: bytes) -> None:
    url = forwarder.show(forwarder.create("http://127.0.0.1:1/"))["downlinkUrl"]

    assert forwarder.client.post(url, content=body).status_code == (413 if len(body) > 65_536 else 400)


def test_unknown_url_is_not_found_whatever_the_body(forwarder: Forwarder) -> None:
    base = f"{forwarder.ready['downlink_base']}/iot-flow/downlinkMessages"
    for path in ("/e682252d-77cb-4d2b-9893-812dbdbb5be9", "/x", "/%2e%2e", "/", ""):
        answer = forwarder.client.post(f"{base}{path}", content=b"{")
        assert (answer.status_code, answer.json()["code"]) == (404, "com-4004")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_post_is_possible(forwarder: Forwarder, method: str) -> None:
    url = forwarder.show(forwarder.create("http://127.0.0.1:1/"))["downlinkUrl"]
    answer = forwarder.client.request(method, url)

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("value", [[], {}, None, 1, "x"])
@pytest.mark.parametrize(
    ("module", "payload", "name"),
    [("tracker", {}, "downMessageType"), ("pls2-l", {"command": 1, "time": 9}, "unit")],
)
def test_payload_of_any_shape_is_encoded_or_refused(
    forwarder: Forwarder, module: str, payload: dict[str, Any], name: str, value: object
) -> None:
    connection = forwarder.create("http://127.0.0.1:1/")
    forwarder.bind(connection)
    driver = {"mod": {"pId": "abeeway" if module == "tracker" else "ellenex", "mId": module, "ver": "1"}}
    content = {"DevEUI": DEV_EUI, "FPort": 1, "DriverCfg": driver, "payload": payload | {name: value}}

    answer = forwarder.downlink(connection, content)

    assert (answer.status_code, answer.json()["field"]) == (400, "DevEUI_downlink.payload")
    assert name in answer.json()["message"]
