"""Conversations over REST: entity queries."""

from tests.fakes.thingsboard.rest_client import RestClient


def test_query_is_answered_over_rest() -> None:
    rest = RestClient()
    rest.log_in()
    rest.device("D1").save_telemetry(5, {"t": 1})
    asked = {
        "entityFilter": {"type": "entityName", "entityType": "DEVICE", "entityNameFilter": "D"},
        "pageLink": {"pageSize": 1, "page": 0},
        "latestValues": [{"type": "TIME_SERIES", "key": "t"}],
    }

    status, found = rest("POST", "/api/entitiesQuery/find", asked)

    assert (status, found["totalElements"]) == (200, 1)
    assert found["data"][0]["latest"] == {"TIME_SERIES": {"t": {"ts": 5, "value": "1"}}}
    assert rest("POST", "/api/entitiesQuery/count", asked) == (200, 1)
    assert rest("POST", "/api/entitiesQuery/find", {"entityFilter": {"type": "edgeType"}})[0] == 501
    assert rest("POST", "/api/entitiesQuery/find", {})[0] == 400
