from typing import Any

import orjson
import pytest

from uplab.fakes.thingsboard.seed import SeedError, seed
from uplab.fakes.thingsboard.state.tenant import State

DATA: dict[str, Any] = {
    "users": [{"email": "qa@example.org", "password": "pw"}],
    "deviceProfiles": [{"name": "elsys"}],
    "devices": [
        {"name": "Gate", "gateway": True, "accessToken": "T0K3N"},
        {
            "name": "e1",
            "type": "elsys",
            "label": "Office",
            "mqttBasic": {"clientId": "c", "userName": "u", "password": "p"},
            "attributes": {"SHARED_SCOPE": {"interval": 60}},
            "telemetry": [{"ts": 5, "values": {"t": 21.5}}],
        },
    ],
    "dashboards": [{"title": "Offices"}],
    "tenants": [
        {"title": "Other", "devices": [{"name": "e1"}], "users": [{"email": "o@example.org", "password": "p"}]}
    ],
}


def test_file_fills_a_new_one() -> None:
    state = State(now=lambda: 1_000)

    seed(state, orjson.dumps(DATA))

    gate, e1 = (state.device_named(state.demo.id, name) for name in ("Gate", "e1"))
    assert gate
    assert e1
    assert (gate.gateway, gate.credentials.id) == (True, "T0K3N")
    assert (e1.profile.name, e1.label, e1.credentials.username) == ("elsys", "Office", "u")
    assert e1.series.latest("t") == (5, 21.5)
    assert e1.attributes("SHARED_SCOPE", 0)["interval"] == (1_000, 60)
    assert [one.fields["title"] for one in state.things.values()] == ["Offices"]
    other = next(one for one in state.tenants.values() if one.title == "Other")
    assert state.device_named(other.id, "e1")
    assert state.users["o@example.org"].tenant_id == other.id
    assert state.device_named(state.demo.id, "Gateway of qa@example.org")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"{", "no JSON"),
        (b"[]", "the file must be an object"),
        ({"device": []}, "'device' is not known"),
        ({"devices": {}}, "devices must be a list"),
        ({"devices": [{}]}, "devices[0]: name must be a text"),
        ({"devices": [{"name": "D", "tpye": "x"}]}, "devices[0]: 'tpye' is not known"),
        ({"devices": [{"name": "D"}, {"name": "D"}]}, "devices[1]: Device with such name already exists!"),
        (
            {"devices": [{"name": "D", "accessToken": "x"}, {"name": "E", "accessToken": "x"}]},
            "devices[1]: Device cred",
        ),
        ({"devices": [{"name": "D", "attributes": {"MINE": {}}}]}, "MINE must be one of CLIENT_SCOPE"),
        ({"devices": [{"name": "D", "telemetry": [{"ts": "now", "values": {}}]}]}, "devices[0].telemetry[0]: ts"),
        ({"users": [{"email": "a@b", "password": "p", "authority": "SYS_ADMIN"}]}, "users[0]: authority"),
        ({"deviceProfiles": [{"name": "P", "transportType": "COAP"}]}, "this fake does not have device profiles"),
        ({"tenants": [{"title": "T", "dashboards": [{}]}]}, "tenants[0].dashboards[0]: title"),
    ],
)
def test_unusable_file_says_where_and_why(data: Any, words: str) -> None:
    raw = data if isinstance(data, bytes) else orjson.dumps(data)

    with pytest.raises(SeedError) as caught:
        seed(State(now=lambda: 0), raw)

    assert words in str(caught.value)
