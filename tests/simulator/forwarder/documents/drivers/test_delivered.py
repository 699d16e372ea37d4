"""The public vectors on their whole way: posted to the ingress, decoded, and delivered, also when decoding fails."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.forwarder.destination import Destination
from tests.simulator.forwarder.documents.drivers.asking import cfg
from tests.simulator.forwarder.documents.drivers.test_init import MODULES, VECTORS
from tests.simulator.forwarder.making import DEV_EUI
from tests.simulator.forwarder.process import Forwarder


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[dict[str, Any]]]:
    """What arrives when one device sends each vector in turn, and after each a byte that is no message."""
    folder: Path = tmp_path_factory.mktemp("forwarder")
    with Forwarder(folder) as forwarder, Destination() as destination:
        forwarder.bind(forwarder.create(destination.url), DEV_EUI)
        for number, vector in enumerate(VECTORS):
            driver = cfg(MODULES.get(vector["device"].split()[0], ("elsys", "ers")))
            for f_cnt, payload_hex in ((2 * number, vector["payload_hex"]), (2 * number + 1, "ff")):
                forwarder.uplink(f_cnt, DriverCfg=driver, FPort=vector["f_port"], payload_hex=payload_hex)
        yield [arrival.uplink for arrival in destination.wait_for(2 * len(VECTORS))]


@pytest.mark.parametrize("number", range(len(VECTORS)), ids=lambda number: VECTORS[number]["device"])
def test_vector_is_delivered_decoded_or_with_its_error(delivered: list[dict[str, Any]], number: int) -> None:
    content, vector = delivered[2 * number], VECTORS[number]

    assert content["payload_hex"] == vector["payload_hex"]
    assert content.get("payloadDecodedError") == vector.get("payload_decoded_error")
    assert ("payload" in content) is ("decoded" in vector)
    json.dumps(content, allow_nan=False)


@pytest.mark.parametrize("number", range(len(VECTORS)), ids=lambda number: VECTORS[number]["device"])
def test_bytes_that_no_driver_knows_are_delivered_with_an_error(delivered: list[dict[str, Any]], number: int) -> None:
    content = delivered[2 * number + 1]

    assert content["payload_hex"] == "ff"
    assert content["payloadDecodedError"].keys() == {"code", "message"}
    assert content["payloadDecodedError"]["code"].startswith("com-5")
    assert "payload" not in content
    assert "id" not in content["DriverCfg"]
