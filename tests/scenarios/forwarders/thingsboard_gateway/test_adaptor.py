import json
from pathlib import Path

import pytest

from uplab.scenarios.forwarders.thingsboard_gateway import adaptor


def test_connector_names_device_values_and_time() -> None:
    [mapping] = adaptor.rest(5000)["mapping"]

    assert mapping["converter"]["deviceInfo"]["deviceNameExpression"] == "${DevEUI_uplink.DevEUI}"
    assert {point["tsField"] for point in mapping["converter"]["timeseries"]} == {"${DevEUI_uplink.Time}"}
    assert adaptor.rest(5000)["server"]["port"] == "5000"


@pytest.mark.parametrize(("transport", "kept"), [("mqtt", {}), ("mqtts", {"caCert": "/ca.pem"})])
def test_authority_is_trusted_where_tls_is_spoken(
    monkeypatch: pytest.MonkeyPatch, transport: str, kept: dict[str, str]
) -> None:
    monkeypatch.setenv("UPLAB_TRANSPORTS", f"10.0.0.1:1=http,10.0.0.1:2={transport}")
    monkeypatch.setenv("UPLAB_CA", "/ca.pem")

    assert adaptor.trust({"hostName": "10.0.0.1:2"}) == kept


def test_without_the_gateway_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="thingsboard-gateway is not installed here"):
        adaptor.configure(tmp_path, {"hostName": "10.0.0.1:2", "username": "me", "password": json.dumps({})}, 5000)
