from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import httpx
import pytest

from uplab.fakes.widgelix.server import WidgelixServer
from uplab.scenarios.checks.verdict import CheckFailed
from uplab.scenarios.lab.loop import LoopThread
from uplab.scenarios.lab.places.widgelix_account import WidgelixAccount

DEVICE = SimpleNamespace(dev_eui="0011223344556677", name="hall")


@pytest.fixture
def account() -> Iterator[WidgelixAccount]:
    loop = LoopThread()
    fake = WidgelixServer(new_token=lambda: "5f0f3c2e-aaaa-4bbb-8ccc-000000000001")
    try:
        port = loop.run(fake.listen("127.0.0.1", 0, None))

        def there(request: httpx.Request) -> httpx.Response:
            url = request.url.copy_with(scheme="http", host="127.0.0.1", port=port)
            headers = {"Authorization": request.headers.get("Authorization", "")}
            return sent.request(request.method, url, content=request.read(), headers=headers)

        with httpx.Client(trust_env=False) as sent:
            yield WidgelixAccount(httpx.Client(transport=httpx.MockTransport(there)))
    finally:
        loop.run(fake.stop())
        loop.stop()


def test_destination_carries_the_key_of_its_device(account: WidgelixAccount) -> None:
    there = account.destination(DEVICE, blamePeriod=1)

    assert there.address == "https://app.widgelix.com/v1/input-node/actility"
    assert there.body["configuration"]["headers"]["Authorization"].endswith("5f0f3c2e-aaaa-4bbb-8ccc-000000000001")
    assert there.body["configuration"]["blamePeriod"] == 1
    assert account.find(DEVICE.dev_eui)["deviceId"] == DEVICE.dev_eui


def test_device_that_was_never_made_is_said(account: WidgelixAccount) -> None:
    with pytest.raises(CheckFailed, match="Widgelix lists 0 devices with the id FFFF"):
        account.find("FFFF")
