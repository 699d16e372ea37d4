from typing import Any

import pytest

from uplab.fakes.thingsboard.queries.entities import QueryError, Unsupported, parse_query
from uplab.fakes.thingsboard.state.tenant import Device, State

ALL = {"type": "entityType", "entityType": "DEVICE"}


@pytest.fixture(name="state")
def some_devices() -> State:
    state = State(now=lambda: 1_000)
    for name, value, kind in (("Alpha", 10, "elsys"), ("Beta", 30, "milesight"), ("Gamma", 20, "elsys")):
        device = state.add_device(state.demo.id, name, type=kind, label=f"L{name[0]}")
        device.save_telemetry(value, {"t": value})
        device.save_attributes("SERVER_SCOPE", {"site": name.upper(), "on": name == "Beta"}, 1)
    return state


def names(state: State, **asked: Any) -> list[str]:
    asked.setdefault("entityFilter", ALL)
    user = state.users["tenant@thingsboard.org"]
    found: list[Device] = parse_query(state, asked).page(state, user)[0]
    return [one.name for one in found if not one.gateway]


@pytest.mark.parametrize(
    ("entity_filter", "found"),
    [
        ({"type": "entityName", "entityType": "DEVICE", "entityNameFilter": "al"}, ["Alpha"]),
        ({"type": "entityName", "entityType": "DEVICE", "entityNameFilter": "%am"}, ["Gamma"]),
        ({"type": "deviceType", "deviceTypes": ["elsys"]}, ["Alpha", "Gamma"]),
        ({"type": "deviceType", "deviceType": "elsys", "deviceNameFilter": "G"}, ["Gamma"]),
        (ALL, ["Alpha", "Beta", "Gamma"]),
    ],
)
def test_entities_are_filtered(state: State, entity_filter: Any, found: list[str]) -> None:
    assert names(state, entityFilter=entity_filter) == found


def test_entities_are_filtered_by_id(state: State) -> None:
    beta = state.device_named(state.demo.id, "Beta")
    assert beta
    one = {"type": "singleEntity", "singleEntity": {"entityType": "DEVICE", "id": beta.id}}
    listed = {"type": "entityList", "entityType": "DEVICE", "entityList": [beta.id]}

    assert names(state, entityFilter=one) == names(state, entityFilter=listed) == ["Beta"]


@pytest.mark.parametrize(
    ("key", "descending", "found"),
    [
        (("TIME_SERIES", "t"), False, ["Alpha", "Gamma", "Beta"]),
        (("ENTITY_FIELD", "name"), True, ["Gamma", "Beta", "Alpha"]),
        (("SERVER_ATTRIBUTE", "site"), False, ["Alpha", "Beta", "Gamma"]),
    ],
)
def test_rows_are_sorted(state: State, key: tuple[str, str], descending: bool, found: list[str]) -> None:
    order = {"key": {"type": key[0], "key": key[1]}, "direction": "DESC" if descending else "ASC"}

    assert names(state, pageLink={"pageSize": 10, "page": 0, "sortOrder": order, "textSearch": "a"}) == found


def key_filter(key: tuple[str, str], kind: str, operation: str, value: Any) -> dict[str, Any]:
    predicate = {"type": kind, "operation": operation, "value": {"defaultValue": value}}
    return {"key": {"type": key[0], "key": key[1]}, "valueType": kind, "predicate": predicate}


HOT = key_filter(("TIME_SERIES", "t"), "NUMERIC", "GREATER", 15)
ON = key_filter(("ATTRIBUTE", "on"), "BOOLEAN", "EQUAL", True)
AT_A = key_filter(("SERVER_ATTRIBUTE", "site"), "STRING", "STARTS_WITH", "AL")


@pytest.mark.parametrize(
    ("filters", "operation", "found"),
    [
        ([HOT], None, ["Beta", "Gamma"]),
        ([HOT, ON], None, ["Beta"]),
        ([AT_A, ON], "OR", ["Alpha", "Beta"]),
        ([], None, ["Alpha", "Beta", "Gamma"]),
    ],
)
def test_values_are_filtered(state: State, filters: list[Any], operation: str | None, found: list[str]) -> None:
    assert names(state, keyFilters=filters, keyFiltersOperation=operation) == found


@pytest.mark.parametrize(
    "asked",
    [
        {"entityFilter": {"type": "assetType"}},
        {"entityFilter": {"type": "entityType", "entityType": "ASSET"}},
        {"entityFilter": ALL, "entityFields": [{"type": "ENTITY_FIELD", "key": "ownerName"}]},
        {"entityFilter": ALL, "latestValues": [{"type": "ALARM_FIELD", "key": "x"}]},
    ],
)
def test_what_is_not_done_is_refused_aloud(state: State, asked: Any) -> None:
    with pytest.raises(Unsupported):
        parse_query(state, asked)


@pytest.mark.parametrize(
    "asked",
    [None, {}, {"entityFilter": ALL, "pageLink": {"pageSize": 0}}, {"entityFilter": ALL, "entityFields": [{}]}],
)
def test_what_is_no_query_is_refused(state: State, asked: Any) -> None:
    with pytest.raises(QueryError):
        parse_query(state, asked)


# --- the same over REST ---------------------------------------------------------------------------------------------
